"""Passing a ticket up and handing it back."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from crs.sent_forms import Sending
from logistics.models import StaffRole
from support import errors
from support.models import Desk, Note, Ticket
from support.tickets import claims, levels, states, words
from tests.factories import NOW, make_ticket

pytestmark = pytest.mark.django_db


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_a_ticket_goes_up_to_the_expert_and_all_the_way_back(
    ticket: Ticket, field: User, dispatcher: User, expert: User
) -> None:
    claims.claim(ticket=ticket, by=field, now=NOW)
    levels.escalate(ticket=ticket, reason=" Tiskárna\u200b je v pořádku. ", by=field, now=NOW)
    up = fresh(ticket)
    assert (up.level, up.state, up.assignee, up.claimed_by) == (2, "NEW", None, None)
    levels.escalate(ticket=ticket, reason="Chyba v aplikaci.", by=dispatcher, now=NOW)
    levels.hand_back(ticket=ticket, reason="Opraveno.", by=expert, now=NOW)
    back = fresh(ticket)
    assert (back.level, back.state, back.assignee) == (2, "ASSIGNED", dispatcher)
    levels.hand_back(ticket=ticket, reason="Ověřte na místě.", by=dispatcher, now=NOW)
    assert (fresh(ticket).level, fresh(ticket).assignee) == (1, field)
    said = [(one.kind, one.from_level, one.to_level, one.text) for one in Note.objects.all()]
    assert said == [
        ("ESCALATION", 1, 2, "Tiskárna je v pořádku."),
        ("ESCALATION", 2, 3, "Chyba v aplikaci."),
        ("HAND_BACK", 3, 2, "Opraveno."),
        ("HAND_BACK", 2, 1, "Ověřte na místě."),
    ]
    assert words.find(Ticket.objects.all(), "tiskarna overte").get() == ticket


@pytest.mark.parametrize("left", ["the desk", "for good"])
def test_it_goes_back_to_nobody_where_who_passed_it_up_has_left(
    left: str, ticket: Ticket, field: User, dispatcher: User
) -> None:
    levels.escalate(ticket=ticket, reason="Neumíme.", by=field, now=NOW)
    if left == "the desk":
        StaffRole.objects.filter(user=field).delete()
    else:
        User.objects.filter(pk=field.pk).update(is_active=False)
    levels.hand_back(ticket=ticket, reason="Umíte.", by=dispatcher, now=NOW)
    assert (fresh(ticket).state, fresh(ticket).assignee) == ("NEW", None)


def test_a_form_sent_twice_passes_it_up_once(ticket: Ticket, expert: User) -> None:
    form = Sending(uuid4(), "typed")
    for _ in range(2):
        levels.escalate(ticket=ticket, reason="Neumíme.", by=expert, now=NOW, form=form)
    assert fresh(ticket).level == 2


@pytest.mark.parametrize("reason", ["", "  \n ", "\u200b"])
def test_a_reason_is_required(reason: str, ticket: Ticket, field: User) -> None:
    with pytest.raises(errors.WordsMissing):
        levels.escalate(ticket=ticket, reason=reason, by=field, now=NOW)
    assert (fresh(ticket).level, fresh(ticket).claimed_by) == (1, None)


def test_there_is_nothing_above_the_expert_and_below_the_first_level_of_a_desk(
    ticket: Ticket, dispatcher: User, expert: User
) -> None:
    line = make_ticket(desk=Desk.LINE)
    with pytest.raises(errors.LowestLevel):
        levels.hand_back(ticket=line, reason="x", by=dispatcher, now=NOW)
    with pytest.raises(errors.LowestLevel):
        levels.hand_back(ticket=ticket, reason="x", by=dispatcher, now=NOW)
    levels.escalate(ticket=line, reason="x", by=dispatcher, now=NOW)
    with pytest.raises(errors.HighestLevel):
        levels.escalate(ticket=line, reason="x", by=expert, now=NOW)


def test_what_is_done_goes_nowhere(ticket: Ticket, field: User) -> None:
    states.resolve(ticket=ticket, by=field, now=NOW)
    with pytest.raises(errors.IsClosed):
        levels.escalate(ticket=ticket, reason="x", by=field, now=NOW)


def test_a_reason_is_found_without_the_insured_number_in_it(ticket: Ticket, field: User) -> None:
    levels.escalate(ticket=ticket, reason="Občan 7103192745 nemá certifikát", by=field, now=NOW)
    assert not words.find(Ticket.objects.all(), "7103192745").exists()
    assert words.find(Ticket.objects.all(), "občan").exists()
