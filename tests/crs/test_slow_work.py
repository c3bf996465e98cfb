"""Slow requests leave threads to the others, and strangers' files leave places to papers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest

from crs import slow_work
from crs.slow_work import NoPlace, place, place_for_upload
from crs.web.threads import THREADS
from tests.waiting import wait_until


@pytest.fixture
def slow_files() -> Iterator[tuple[ThreadPoolExecutor, Event]]:
    """Threads for files that take until the event is set."""
    done = Event()
    with ThreadPoolExecutor(8) as threads:
        yield threads, done
        done.set()


def upload(done: Event) -> str:
    try:
        with place_for_upload():
            done.wait(60)
    except NoPlace:
        return "none"
    return "read"


def test_however_many_slow_files_come_papers_keep_their_places(
    slow_files: tuple[ThreadPoolExecutor, Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_work, "SECONDS_FOR_A_TURN", 60)
    threads, done = slow_files
    files = [threads.submit(upload, done) for _ in range(8)]
    # One is read and one waits; the others hear at once that there is no place.
    wait_until(lambda: sum(file.done() for file in files) == 6, "the others are sent away")
    with ExitStack() as papers:
        for _ in range(THREADS - 2):
            papers.enter_context(place())
    done.set()
    assert sorted(file.result() for file in files) == ["none"] * 6 + ["read"] * 2


def test_a_file_waits_a_moment_for_its_turn(
    slow_files: tuple[ThreadPoolExecutor, Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_work, "SECONDS_FOR_A_TURN", 0.05)
    threads, done = slow_files
    first = threads.submit(upload, done)
    wait_until(lambda: not slow_work._turn._value, "it is being read")
    assert upload(done) == "none"
    done.set()
    assert first.result() == "read"
    assert upload(done) == "read"
