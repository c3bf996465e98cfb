"""Saying what a ticket is about."""

import pytest
from django.contrib.auth.models import User

from support import errors
from support.models import Category, Desk, Stay, Ticket
from support.tickets import claims, classification
from tests.factories import NOW, make_site

pytestmark = pytest.mark.django_db


def test_an_agent_says_what_a_ticket_is_about(ticket: Ticket, field: User) -> None:
    category, site = Category.objects.get(code="login"), make_site()
    classification.classify(ticket=ticket, desk=Desk.SITES, priority=2, category=category, site=site, by=field, now=NOW)
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.category, ticket.site, ticket.claimed_by) == (2, category, site, field)
    event = ticket.events.latest("pgh_id")  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["operation"] == "support.sort"


def test_at_the_desk_of_the_line_it_goes_to_the_second_level(ticket: Ticket, dispatcher: User) -> None:
    claims.claim(ticket=ticket, by=dispatcher, now=NOW)
    classification.classify(ticket=ticket, desk=Desk.LINE, priority=1, category=None, site=None, by=dispatcher, now=NOW)
    ticket.refresh_from_db()
    assert (ticket.desk, ticket.level, ticket.state, ticket.assignee) == ("LINE", 2, "NEW", None)
    assert Stay.objects.get(ticket=ticket, until=None).allowed_minutes == 120


def test_nobody_does_it_beside_another(ticket: Ticket, field: User, dispatcher: User) -> None:
    claims.claim(ticket=ticket, by=field, now=NOW)
    with pytest.raises(errors.ClaimedBySomebody):
        classification.classify(
            ticket=ticket, desk=Desk.SITES, priority=1, category=None, site=None, by=dispatcher, now=NOW
        )
