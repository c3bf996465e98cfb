"""One answer to all tickets of a known problem: each once, claims of others respected, skipped ones named."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Sending
from logistics.models import Role
from support.incidents import answering, running
from support.incidents.errors import NothingToAnswer
from support.models import Incident, Letter, SharedAnswer, SharedAnswerTicket, Ticket
from support.tickets import claims, states
from tests.factories import NOW, make_agent, make_incident, make_ticket
from tests.race import race
from tests.support.incidents.away import database_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
State, Reason = SharedAnswerTicket.State, SharedAnswerTicket.Reason


def _linked(incident: Incident, **fields: Any) -> Ticket:
    ticket = make_ticket(**fields)
    running.link(ticket=ticket, incident=incident, by=incident.declared_by)
    return ticket


def _ask(incident: Incident, by: User, *, form: Sending = NO_FORM, resolves: bool = False) -> SharedAnswer:
    return answering.answer_linked(
        incident=incident, text_cs="Už to jde.", text_en="It works.", resolves=resolves, by=by, now=NOW, form=form
    )


def test_each_ticket_is_answered_in_its_language_and_those_that_cannot_be_are_named() -> None:
    incident = make_incident()
    lead = incident.declared_by
    czech, english = _linked(incident), _linked(incident, language="en")
    claimed, nobody, unlinked = _linked(incident), _linked(incident, requester_address=""), _linked(incident)
    closed_before = _linked(incident)
    Ticket.objects.filter(pk=closed_before.pk).update(state="CLOSED", closed_at=NOW)
    claims.claim(ticket=claimed, by=make_agent(Role.SUPPORT_L2), now=timezone.now())
    form = Sending(uuid4(), "x")
    answer = _ask(incident, lead, form=form)
    assert _ask(incident, lead, form=form) == answer  # a double click
    running.unlink(ticket=unlinked, by=lead)
    assert answering.answer_waiting()
    assert answering.answer_waiting()  # a second run finds nothing to do
    rows = {row.ticket: (row.state, row.reason) for row in answer.tickets.select_related("ticket")}
    assert rows == {
        czech: (State.ANSWERED, ""),
        english: (State.ANSWERED, ""),
        claimed: (State.SKIPPED, Reason.CLAIMED),
        nobody: (State.SKIPPED, Reason.NO_ADDRESS),
        unlinked: (State.SKIPPED, Reason.UNLINKED),
    }
    sent = {letter.ticket: letter.text for letter in Letter.objects.filter(direction="OUT").select_related("ticket")}
    assert sent == {czech: "Už to jde.", english: "It works."}
    assert Message.objects.count() == 2
    czech.refresh_from_db()
    assert (czech.claimed_by, czech.answered_at is not None) == (None, True)


def test_without_an_english_text_everybody_gets_the_czech_one() -> None:
    incident = make_incident()
    _linked(incident, language="en")
    answering.answer_linked(
        incident=incident, text_cs="Jde to.", text_en="", resolves=False, by=incident.declared_by, now=NOW, form=NO_FORM
    )
    answering.answer_waiting()
    assert Letter.objects.get(direction="OUT").text == "Jde to."


def test_it_resolves_the_tickets_where_that_is_asked_for() -> None:
    incident = make_incident()
    ticket = _linked(incident)
    _ask(incident, incident.declared_by, resolves=True)
    answering.answer_waiting()
    ticket.refresh_from_db()
    assert ticket.state == Ticket.State.RESOLVED


def test_an_answer_that_resolves_nothing_changes_nobody_s_work() -> None:
    incident = make_incident()
    new, waiting = _linked(incident), _linked(incident)
    agent = make_agent(Role.SUPPORT_L2)
    states.answered(ticket=waiting, by=agent, now=NOW, waits=True)
    claims.release(ticket=waiting, by=agent, now=timezone.now())
    facts = ("state", "assignee", "due_at", "claimed_by")
    before = list(Ticket.objects.order_by("pk").values(*facts))
    _ask(incident, incident.declared_by)
    answering.answer_waiting()
    assert [one["state"] for one in before] == ["NEW", "WAITING"]
    assert [{**one, "claimed_by": None} for one in before] == list(Ticket.objects.order_by("pk").values(*facts))
    new.refresh_from_db()
    assert new.answered_at is not None


def test_what_was_skipped_can_be_tried_again() -> None:
    incident = make_incident()
    ticket, agent = _linked(incident), make_agent(Role.SUPPORT_L2)
    claims.claim(ticket=ticket, by=agent, now=timezone.now())
    answer = _ask(incident, incident.declared_by)
    answering.answer_waiting()
    claims.release(ticket=ticket, by=agent, now=timezone.now())
    assert answering.try_again(answer=answer) == 1
    answering.answer_waiting()
    assert answer.tickets.get().state == State.ANSWERED
    assert answering.try_again(answer=answer) == 0


def test_an_outage_takes_nobody_s_turn() -> None:
    incident = make_incident()
    _linked(incident)
    answer = _ask(incident, incident.declared_by)
    with database_away(), pytest.raises(OperationalError):
        answering.answer_waiting()
    assert answer.tickets.get().state == State.WAITING


def test_nobody_is_asked_where_no_open_ticket_is_linked() -> None:
    incident = make_incident()
    with pytest.raises(NothingToAnswer):
        _ask(incident, incident.declared_by)


def test_a_claim_of_one_s_own_outlives_the_answer() -> None:
    incident = make_incident()
    ticket = _linked(incident)
    claims.claim(ticket=ticket, by=incident.declared_by, now=timezone.now() - timedelta(minutes=1))
    _ask(incident, incident.declared_by)
    answering.answer_waiting()
    ticket.refresh_from_db()
    assert ticket.claimed_by == incident.declared_by


@pytest.mark.django_db(transaction=True)
def test_two_workers_answer_each_ticket_once() -> None:
    incident = make_incident()
    for _ in range(4):
        _linked(incident)
    answer = _ask(incident, incident.declared_by)
    assert race(answering.answer_waiting, answering.answer_waiting) == [True, True]
    assert answer.tickets.filter(state=State.ANSWERED).count() == 4
    assert Letter.objects.filter(direction="OUT").count() == 4
