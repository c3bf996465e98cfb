"""Runs callables truly at once, each with its own database connection.

    outcomes = race(*(partial(booking.hold, ...) for person in people))

Threads share one interpreter, so they meet in the database but rarely in Python; processes meet in both.
"""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections

Outcome = Any
# The test pool has 8 connections (tests/conftest.py), the test itself holds one, all connect before the start.
THREADS = 7


def race(*racers: Callable[[], Any], at_once: int = THREADS) -> list[Outcome]:
    """Run all, `at_once` of them at a time; return what each returned or the exception it raised, in order.

    Needs committed data: `pytest.mark.django_db(transaction=True)`.
    """
    lanes = min(at_once, len(racers))
    start = threading.Barrier(lanes)
    queues = [list(enumerate(racers))[lane::lanes] for lane in range(lanes)]
    outcomes: list[Outcome] = [None] * len(racers)

    def run(queue: Sequence[tuple[int, Callable[[], Any]]]) -> None:
        try:
            connection.ensure_connection()  # connected before the gun, so that the start is one instant
            start.wait(timeout=30)
            for index, racer in queue:
                outcomes[index] = _outcome(racer)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(lanes) as pool:
        for future in [pool.submit(run, queue) for queue in queues]:
            future.result(timeout=120)
    return outcomes


def race_in_processes(*racers: Callable[[], Any], processes: int = 4) -> list[Outcome]:
    """The same with `processes` processes of two threads each; racers and outcomes must be picklable."""
    context = multiprocessing.get_context("fork")
    # A connection must not be shared by two processes, nor the pool's own threads.
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    start = context.Barrier(processes)
    results = context.SimpleQueue()
    shares = [list(enumerate(racers))[number::processes] for number in range(processes)]
    children = [context.Process(target=_child, args=(start, results, share)) for share in shares]
    for child in children:
        child.start()
    outcomes: list[Outcome] = [None] * len(racers)
    for _ in children:
        for index, outcome in results.get():
            outcomes[index] = outcome
    for child in children:
        child.join(timeout=30)
        assert child.exitcode == 0
    return outcomes


def tally(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How often each kind of outcome came: the type of what was returned or raised."""
    return Counter(type(outcome).__name__ for outcome in outcomes)


def _child(start: Any, results: Any, share: Sequence[tuple[int, Callable[[], Any]]]) -> None:
    connection.ensure_connection()
    start.wait(timeout=30)
    outcomes = race(*(racer for _, racer in share), at_once=2)
    results.put([(index, outcome) for (index, _), outcome in zip(share, outcomes, strict=True)])
    connections.close_all()


def _outcome(racer: Callable[[], Any]) -> Outcome:
    try:
        return racer()
    except Exception as error:  # the outcome is what the test looks at
        return error
