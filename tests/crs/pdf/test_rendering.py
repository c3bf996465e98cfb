"""The process that sets papers: asked by many, never waited for too long, replaced when it is lost."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import psutil
import pytest

from crs import staticfiles
from crs.pdf import rendering
from crs.pdf.errors import PaperBusy, PaperFailed, PaperLate, PaperUnavailable
from crs.pdf.rendering import Typesetter
from tests.crs.pdf.sources import source

# On a busy machine the first paper of a process may take many seconds.
PATIENCE = 60


@pytest.fixture(autouse=True)
def _patience(settings: Any) -> None:
    settings.PAPER_SECONDS = 2 * PATIENCE


@pytest.fixture
def typesetter() -> Iterator[Typesetter]:
    """A typesetter of the test's own."""
    made = Typesetter()
    yield made
    made.worker.forget()


def process_of(typesetter: Typesetter) -> psutil.Process:
    assert typesetter.worker.process is not None
    return psutil.Process(typesetter.worker.process.pid)


def test_a_missing_font_is_an_error_and_not_another_font(settings: Any, monkeypatch: Any) -> None:
    settings.STATIC_ROOT = "/nowhere"
    monkeypatch.setattr(staticfiles, "NODE_MODULES_FILES", {})
    rendering.faces.cache_clear()
    try:
        with pytest.raises(PaperUnavailable):
            rendering.faces()
    finally:
        rendering.faces.cache_clear()


def test_many_threads_get_what_one_gets_and_so_does_a_new_process(typesetter: Typesetter, monkeypatch: Any) -> None:
    sources = [source(f"Tomáš Černý {number}") for number in range(8)]
    alone = [typesetter.typeset(one) for one in sources]
    first = process_of(typesetter)
    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(typesetter.typeset, sources[::-1])] == alone[::-1]
    assert process_of(typesetter) == first
    # A process is replaced after so many papers, lest its memory grow.
    monkeypatch.setattr(typesetter.worker, "questions", 2 * len(sources))
    assert typesetter.typeset(sources[0]) == alone[0]
    assert process_of(typesetter) != first
    assert not first.is_running()


def test_a_process_that_is_stuck_is_replaced_within_its_time(typesetter: Typesetter, settings: Any) -> None:
    expected = typesetter.typeset(source("Jana"))
    settings.PAPER_SECONDS = 1
    stuck = process_of(typesetter)
    stuck.suspend()
    with ThreadPoolExecutor(3) as threads:
        began = time.monotonic()
        outcomes = [threads.submit(typesetter.typeset, source("Petr " * 100_000)) for _ in range(3)]
        errors = {type(outcome.exception(PATIENCE)) for outcome in outcomes}
        assert time.monotonic() - began < PATIENCE
    assert PaperLate in errors
    assert errors <= {PaperLate, PaperBusy}
    assert not stuck.is_running()
    settings.PAPER_SECONDS = 2 * PATIENCE
    assert typesetter.typeset(source("Jana")) == expected


def test_nobody_waits_for_others_longer_than_half_the_time(typesetter: Typesetter, settings: Any) -> None:
    settings.PAPER_SECONDS = 0.2
    with typesetter.worker.turn, pytest.raises(PaperBusy):
        typesetter.typeset(source("Jana"))


def test_a_process_that_died_is_replaced_unnoticed(typesetter: Typesetter) -> None:
    expected = typesetter.typeset(source("Jana"))
    process_of(typesetter).kill()
    process_of(typesetter).wait()
    assert typesetter.typeset(source("Jana")) == expected


def test_a_paper_that_cannot_be_set_says_why_and_the_next_one_is_set(typesetter: Typesetter) -> None:
    with pytest.raises(PaperFailed, match="Expected exactly one source"):
        typesetter.typeset(replace(source("Jana"), versions=(None,)))  # type: ignore[arg-type]
    before = process_of(typesetter)
    assert typesetter.typeset(source("Jana"))
    assert process_of(typesetter) == before


def test_an_interrupted_wait_leaves_no_answer_for_the_next_paper(typesetter: Typesetter, monkeypatch: Any) -> None:
    """Somebody else's paper must never come instead of one's own."""
    typesetter.typeset(source("Jana"))

    def interrupted(connection: Connection, most_bytes: int | None) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "recv_bytes", interrupted)
        with pytest.raises(KeyboardInterrupt):
            typesetter.typeset(source("Petr"))
    assert typesetter.typeset(source("Jana")) == typesetter.typeset(source("Jana"))


def test_a_forked_process_has_a_typesetter_of_its_own() -> None:
    """Celery's pool of processes forks, perhaps while a thread waits for a paper."""
    ours = rendering._typesetter
    expected = ours.typeset(source("Jana"))
    with ours.worker.turn:
        child = os.fork()
        if child == 0:
            signal.alarm(PATIENCE)
            try:
                os._exit(0 if ours.typeset(source("Jana")) == expected else 1)
            finally:
                os._exit(2)
    assert os.waitpid(child, 0) == (child, 0)
    assert ours.typeset(source("Jana")) == expected


def test_the_process_ends_with_the_one_that_began_it(typesetter: Typesetter) -> None:
    typesetter.typeset(source("Jana"))
    process = process_of(typesetter)
    typesetter.worker.forget()  # closes the socket, as the end of a process does
    assert process.wait(PATIENCE) is not None or not process.is_running()
