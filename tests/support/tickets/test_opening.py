"""Opening tickets."""

import pytest
from django.db import transaction

from support.models import Desk, Ticket
from support.tickets import words
from tests import cast
from tests.factories import NOW, make_site, make_ticket

pytestmark = pytest.mark.django_db


def test_a_ticket_begins_at_the_lowest_level_of_its_desk_and_at_the_site_of_its_sender() -> None:
    site = make_site(email="ocm@tabor.example")
    ticket = make_ticket(requester_address="ocm@tabor.example")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.level, ticket.site, ticket.assignee) == ("NEW", 1, site, None)
    assert ticket.opened_at == ticket.changed_at == NOW
    assert make_ticket(desk=Desk.LINE).level == 2
    other = make_site("B")
    assert make_ticket(site=other, requester_address="ocm@tabor.example").site == other


def test_what_is_too_long_is_cut() -> None:
    ticket = make_ticket("á" * 1000, requester_name="b" * 1000, requester_address="c" * 1000)
    assert [len(one) for one in (ticket.subject, ticket.requester_name, ticket.requester_address)] == [300, 200, 320]


def test_insured_numbers_in_names_are_covered_and_found_by_nobody() -> None:
    number = cast.JANA.insured_number
    ticket = make_ticket(requester_name=f"Jana {number}", requester_address=f"jana.{number}@a.example")
    assert ticket.requester_name == "Jana ••••••/••••"
    assert words.find(Ticket.objects.all(), "jana").get() == ticket
    assert not words.find(Ticket.objects.all(), number).exists()


def test_the_history_says_how_it_began() -> None:
    with transaction.atomic():
        make_ticket()
    event = Ticket.objects.get().events.first()  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["operation"] == "support.open"
