"""Closings, whoever closed the ticket."""

from datetime import timedelta
from functools import partial

import pytest

from support.mail_out import closings, sending
from support.models import Letter, Ticket
from support.tickets import states
from tests.factories import NOW, make_agent, make_ticket
from tests.race import race

pytestmark = pytest.mark.django_db


def _closed(*, is_answered: bool = True) -> Ticket:
    ticket, agent = make_ticket(), make_agent()
    if is_answered:
        states.answered(ticket=ticket, by=agent, now=NOW, waits=True)
    return states.close(ticket=ticket, by=agent, now=NOW)


def _closings() -> int:
    return Letter.objects.filter(kind=Letter.Kind.CLOSING).count()


def test_the_sender_is_told_once_that_the_ticket_is_closed() -> None:
    ticket = _closed()
    assert closings.send_closings(now=NOW) == 1
    assert closings.send_closings(now=NOW) == 0
    [letter] = Letter.objects.all()
    assert letter.outbox_message is not None
    assert letter.outbox_message.headers["Auto-Submitted"] == "auto-replied"
    assert ticket.number in (letter.text or "")


def test_a_ticket_that_is_closed_again_is_told_again() -> None:
    ticket = _closed()
    closings.send_closings(now=NOW)
    states.letter_came(ticket=ticket, now=NOW + timedelta(hours=1))
    assert closings.send_closings(now=NOW + timedelta(hours=1)) == 0
    states.close(ticket=ticket, by=make_agent(), now=NOW + timedelta(hours=2))
    assert closings.send_closings(now=NOW + timedelta(hours=2)) == 1


def test_what_nobody_answered_is_closed_in_silence_and_old_news_is_none() -> None:
    _closed(is_answered=False)
    assert closings.send_closings(now=NOW) == 0
    _closed()
    assert closings.send_closings(now=NOW + timedelta(days=2)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_once() -> None:
    _closed()
    race(*(partial(closings.send_closings, now=NOW) for _ in range(3)))
    assert _closings() == 1
    assert sending.send_closing(ticket=Ticket.objects.get(), now=NOW), "the control: alone it would write another"
