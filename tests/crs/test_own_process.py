"""What a process of its own must do beyond what tests/crs/pdf/test_rendering.py shows with papers."""

import signal
import struct
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from socket import socketpair

import pytest

from crs.own_process import Busy, Late, Lost, OwnProcess

# On a busy machine a process begins slowly.
PATIENCE = 60


@pytest.fixture
def echo() -> Iterator[OwnProcess]:
    """A process that does what it is told."""
    made = OwnProcess("tests.crs.echo", questions=100, environment={"LANG": "C.UTF-8"})
    yield made
    made.forget()


def test_each_of_many_threads_gets_its_own_answer(echo: OwnProcess) -> None:
    questions = [f"{number}".encode() * 100_000 for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(lambda one: echo.ask(one, seconds=PATIENCE), questions)] == questions


def test_one_that_dies_or_says_too_much_is_lost_and_the_next_question_is_answered(
    echo: OwnProcess, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Lost):
        echo.ask(b"die", seconds=PATIENCE)
    assert "tests.crs.echo gave no answer and ended with 3" in caplog.text
    with pytest.raises(Lost):
        echo.ask(b"x" * 1000, seconds=PATIENCE, most_bytes=999)
    assert echo.ask(b"x" * 999, seconds=PATIENCE, most_bytes=999) == b"x" * 999


def test_one_that_is_late_is_ended_and_called_late(echo: OwnProcess, caplog: pytest.LogCaptureFixture) -> None:
    echo.ask(b"x", seconds=PATIENCE)
    with pytest.raises(Late):
        echo.ask(b"sleep 600", seconds=0.1)
    assert "tests.crs.echo gave no answer within 0.1 s and was ended" in caplog.text


def test_nobody_waits_longer_for_a_turn_than_they_would_for_the_answer(echo: OwnProcess) -> None:
    with echo.turn, pytest.raises(Busy):
        echo.ask(b"x", seconds=0.1)


def test_a_process_with_an_environment_of_its_own_sees_no_secret_of_ours(
    echo: OwnProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    assert b"SECRET_KEY" not in echo.ask(b"environment", seconds=PATIENCE)


def test_a_process_that_is_stuck_ends_although_nobody_is_left_to_end_it(echo: OwnProcess) -> None:
    ours, its = socketpair()
    with its:
        process = subprocess.Popen(echo.command, stdin=its.fileno())
    with Connection(ours.detach()) as connection:
        connection.send_bytes(struct.pack("!d", 0.5))
        connection.send_bytes(b"sleep 600")
        assert process.wait(PATIENCE) == -signal.SIGALRM
