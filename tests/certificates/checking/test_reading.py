"""The process that opens files: many at once, killed, late, and what it may not do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from certificates.checking import reading
from certificates.checking.errors import DecoderBusy
from certificates.checking.found import Found, Trouble
from crs.own_process import OwnProcess
from tests.certificates.checking.codes import file, photograph, picture

# On a busy machine a process begins slowly.
PATIENCE = 60


@pytest.fixture(autouse=True)
def _patience(settings: Any) -> Iterator[None]:
    settings.FILE_CHECK_SECONDS = 2 * PATIENCE
    yield
    reading._decoder.forget()


def process() -> psutil.Process:
    assert reading._decoder.process is not None
    return psutil.Process(reading._decoder.process.pid)


def test_eight_files_at_once_get_each_its_own_answer() -> None:
    texts = [f"HC1:FILE {number}" for number in range(8)]
    files = [file(photograph(picture(text, box=6)), "JPEG") for text in texts]
    with ThreadPoolExecutor(8) as threads:
        assert [found.text for found in threads.map(reading.code_in_file, files)] == texts


def test_one_that_hangs_is_ended_and_the_next_file_is_read(settings: Any) -> None:
    content = file(picture("HC1:X", box=6))
    assert reading.code_in_file(content).text == "HC1:X"
    stuck = process()
    stuck.suspend()
    settings.FILE_CHECK_SECONDS = 1
    assert reading.code_in_file(content) == Found(trouble=Trouble.TOO_MUCH_WORK)
    assert not stuck.is_running()
    settings.FILE_CHECK_SECONDS = 2 * PATIENCE
    assert reading.code_in_file(content).text == "HC1:X"


def test_who_waits_too_long_for_others_is_asked_to_come_again(settings: Any) -> None:
    settings.FILE_CHECK_SECONDS = 0.2
    with reading._decoder.turn, pytest.raises(DecoderBusy):
        reading.code_in_file(b"x")


def test_it_knows_none_of_our_secrets_writes_no_file_and_has_a_cap_on_its_memory(monkeypatch: Any) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    reading.code_in_file(file(picture("HC1:X", box=6)))
    it = process()
    assert it.rlimit(psutil.RLIMIT_NOFILE) == (0, 0)
    assert "Seccomp:\t2" in Path(f"/proc/{it.pid}/status").read_text()
    assert set(it.environ()) <= {"PATH", "LANG", "LC_CTYPE", "LD_LIBRARY_PATH"}
    assert it.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert 0 < it.rlimit(psutil.RLIMIT_AS)[1] < 1024**3


@pytest.mark.parametrize("environment", [{}, {"LIMITS_ALONE": "1"}])
def test_what_a_stranger_makes_it_do_opens_no_file_no_socket_and_no_other_process(environment: dict[str, str]) -> None:
    confined = OwnProcess("tests.certificates.checking.confined", questions=100, environment=environment)
    tries = ["file", "file in place of an open one", "secrets of the parent", "socket", "copy of a descriptor"]
    if not environment:
        tries += ["memory of the parent", "process", "program", "command", "signal", "own limits"]
    outcomes = {what: confined.ask(what.encode(), seconds=PATIENCE) for what in tries}
    assert {what: outcome for what, outcome in outcomes.items() if outcome == b"done"} == {}
    assert confined.ask(b"nothing", seconds=PATIENCE) == b"done"
    confined.forget()


def test_an_answer_that_is_no_answer_breaks_nothing(monkeypatch: Any) -> None:
    for answer in (b"", b"{}", b"[]", b'{"text": "", "trouble": "x", "page": 0, "pages": 0}', b"\xff"):
        monkeypatch.setattr(reading._decoder, "ask", lambda *a, answer=answer, **k: answer)
        assert reading.code_in_file(b"x").trouble is Trouble.BROKEN


def test_a_new_process_takes_over_after_some_files(monkeypatch: Any) -> None:
    monkeypatch.setattr(reading._decoder, "questions", 2)
    content = file(picture("HC1:X", box=6))
    seen = set()
    for _ in range(3):
        reading.code_in_file(content)
        seen.add(process().pid)
    assert len(seen) == 2
