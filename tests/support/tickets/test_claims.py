"""Claims: who works on a ticket at present, and how the others come to know."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from logistics.models import Role
from support import errors
from support.models import Ticket
from support.tickets import claims, levels, merging, states
from tests.factories import NOW, make_agent, make_site, make_ticket

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_who_claims_a_ticket_has_it_for_a_quarter_of_an_hour(ticket: Ticket, field: User, dispatcher: User) -> None:
    claims.claim(ticket=ticket, by=field, now=NOW)
    kept = fresh(ticket)
    assert (kept.state, kept.assignee, claims.holder(kept, now=NOW)) == ("ASSIGNED", field, field)
    with pytest.raises(errors.ClaimedBySomebody, match="9:15") as refused:
        claims.claim(ticket=ticket, by=dispatcher, now=NOW + 14 * MINUTE)
    assert (refused.value.who, refused.value.until) == ("terenni", NOW + 15 * MINUTE)
    assert {"terenni", ticket.number} <= set(str(refused.value).replace(",", "").split())
    assert claims.holder(kept, now=NOW + 15 * MINUTE) is None
    claims.claim(ticket=ticket, by=dispatcher, now=NOW + 15 * MINUTE)
    assert claims.holder(fresh(ticket), now=NOW + 16 * MINUTE) == dispatcher
    # Whoever had it first is still the one who looks after it.
    assert fresh(ticket).assignee == field


def test_each_act_renews_the_claim(ticket: Ticket, field: User) -> None:
    claims.claim(ticket=ticket, by=field, now=NOW)
    states.answered(ticket=ticket, by=field, now=NOW + 10 * MINUTE, waits=False)
    assert fresh(ticket).claimed_until == NOW + 25 * MINUTE


def test_a_claim_is_given_back_only_by_who_has_it(ticket: Ticket, field: User, dispatcher: User) -> None:
    claims.claim(ticket=ticket, by=field, now=NOW)
    claims.release(ticket=ticket, by=dispatcher, now=NOW)
    assert fresh(ticket).claimed_by == field
    claims.release(ticket=ticket, by=field, now=NOW)
    claims.claim(ticket=ticket, by=dispatcher, now=NOW)


def test_the_lead_gives_a_ticket_to_somebody_or_takes_it_over_and_the_claim_of_another_ends(
    ticket: Ticket, field: User, dispatcher: User, lead: User
) -> None:
    claims.claim(ticket=ticket, by=field, now=NOW)
    claims.assign(ticket=ticket, to=dispatcher, by=lead, now=NOW)
    given = fresh(ticket)
    assert (given.assignee, given.claimed_by, given.claimed_until) == (dispatcher, dispatcher, NOW + 15 * MINUTE)
    with pytest.raises(errors.ClaimedBySomebody):  # whoever had it has the form open still
        states.answered(ticket=ticket, by=field, now=NOW, waits=True)
    claims.assign(ticket=ticket, to=lead, by=lead, now=NOW)
    claims.claim(ticket=ticket, by=lead, now=NOW)


def test_a_ticket_goes_to_nobody_who_cannot_work_on_it(ticket: Ticket, field: User, lead: User) -> None:
    levels.escalate(ticket=ticket, reason="Neumíme.", by=field, now=NOW)
    with pytest.raises(errors.NotYourTicket):
        claims.assign(ticket=ticket, to=field, by=lead, now=NOW)
    with pytest.raises(errors.NotYourTicket):
        claims.claim(ticket=ticket, by=field, now=NOW)
    elsewhere = make_ticket(site=make_site(district="CZ0100"))
    with pytest.raises(errors.NotYourTicket):
        claims.claim(ticket=elsewhere, by=make_agent(Role.SUPPORT_L1, "CZ031"), now=NOW)


def test_what_is_done_or_merged_is_not_claimed(ticket: Ticket, dispatcher: User, lead: User) -> None:
    other = make_ticket()
    merging.merge(ticket=ticket, into=other, by=dispatcher, now=NOW)
    states.close(ticket=other, by=dispatcher, now=NOW)
    for one, error in ((ticket, errors.IsPart), (other, errors.IsClosed)):
        with pytest.raises(error):
            claims.claim(ticket=one, by=dispatcher, now=NOW)
        with pytest.raises(error):
            claims.assign(ticket=one, to=dispatcher, by=lead, now=NOW)
