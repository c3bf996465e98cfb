"""The receiver is killed in the middle of a letter, which its sender then sends again."""

import smtplib
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection as Pipe

import pytest
from django.utils import timezone

from support.mail_in import filing, receiving
from support.models import Letter
from tests.support.mail_in.receiver import Receiver, came, deliver, in_process, killed, letter, receive
from tests.support.mail_in.test_fetching import kill_after

pytestmark = pytest.mark.django_db(transaction=True)


def die_before_the_commit(pipe: Pipe) -> None:
    kill_after(receiving, "execute_with_bytes")
    receive(pipe)


def die_before_it_is_filed(pipe: Pipe) -> None:
    kill_after(receiving, "keep")
    receive(pipe)


def die_while_it_is_filed(pipe: Pipe) -> None:
    kill_after(filing, "_write")
    receive(pipe)


def die_before_the_answer(pipe: Pipe) -> None:
    kill_after(receiving, "accept")
    receive(pipe)


@pytest.mark.parametrize(
    ("die", "kept"),
    [
        (die_before_the_commit, []),
        (die_before_it_is_filed, [Letter.State.RECEIVED]),
        (die_while_it_is_filed, [Letter.State.RECEIVED]),
        (die_before_the_answer, [Letter.State.FILED]),
    ],
)
def test_a_receiver_that_is_killed_loses_nothing_and_takes_nothing_twice(
    die: Callable[[Pipe], None], kept: list[str]
) -> None:
    process, pipe = in_process(die)
    port = pipe.recv()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        deliver(port, letter())
    assert killed(process)
    assert [one.state for one in came()] == kept
    with Receiver() as next_one:
        assert next_one.send(letter()) == {}
    filing.file_received(timezone.now() + timedelta(minutes=1))
    taken = came().get()
    assert (taken.state, taken.ticket is not None) == (Letter.State.FILED, True)
