"""Processes that work for the replay, each on what it is given, until the one that gives is gone, however it ended."""

import multiprocessing
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, NamedTuple, Self

import django
from django.db import connection

from crs.advisory_locks import Lock, hold_shared
from reservation.replay.errors import WorkerFailed

Work = Callable[[], Any]


class Done(NamedTuple):
    """What a piece of work returned, or how it failed, and the processor seconds that its process used for it."""

    returned: Any
    failure: str
    cpu: float


class Crew:
    """So many processes on the database of this one."""

    def __init__(self, processes: int) -> None:
        # Not forked: a connection to the database is one process's own, and so is each end of a pipe.
        context = multiprocessing.get_context("spawn")
        self._free: list[Connection] = []
        self._busy: set[Connection] = set()
        self._processes: list[BaseProcess] = []
        for _ in range(processes):
            ours, its = context.Pipe()
            process = context.Process(target=_work, args=(its, connection.settings_dict["NAME"]), daemon=True)
            process.start()
            its.close()
            self._busy.add(ours)  # until it is ready
            self._processes.append(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for end in (*self._free, *self._busy):
            end.close()
        for process in self._processes:
            process.join()

    def give(self, work: Work) -> Iterator[Done]:
        """Give a piece of work to a process that is free; whatever is done by then comes out."""
        while not self._free:
            yield from self._read()
        end = self._free.pop()
        try:
            end.send(work)
        except OSError as error:
            raise WorkerFailed("It was ended from outside.") from error
        self._busy.add(end)

    def rest(self) -> Iterator[Done]:
        """What is still being worked on, until all is done."""
        while self._busy:
            yield from self._read()

    def _read(self) -> Iterator[Done]:
        """Wait until somebody is done. Raises WorkerFailed."""
        for end in wait(list(self._busy)):
            if not isinstance(end, Connection):
                continue
            self._busy.remove(end)
            try:
                done: Done = end.recv()
            except (EOFError, OSError) as error:
                raise WorkerFailed("It was ended from outside.") from error
            self._free.append(end)
            if done.failure:
                raise WorkerFailed(done.failure)
            yield done


def _work(given: Connection, database: str) -> None:
    # Ctrl-C addresses all processes at once; what is begun is finished, and the one that gives says when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    connection.settings_dict["NAME"] = database
    hold_shared(Lock.CAMPAIGN)
    given.send(Done(None, "", 0.0))
    while True:
        try:
            work: Work = given.recv()
        except EOFError:
            break
        given.send(_done(work))
    connection.close()


def _done(work: Work) -> Done:
    began = time.process_time()
    try:
        returned, failure = work(), ""
    except Exception:
        returned, failure = None, traceback.format_exc()
    return Done(returned, failure, time.process_time() - began)
