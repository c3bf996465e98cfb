"""Lists of tickets: what filters let through, and how they are kept."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from support.models import Category, Desk, SavedView, Ticket
from support.tickets import claims, classification, states
from support.tickets.saved_views import MINE, NOBODYS, Filters, apply, from_json, to_json
from tests.factories import NOW, make_site, make_ticket

pytestmark = pytest.mark.django_db


def shown(filters: Filters, user: User, hours: int = 0) -> list[int]:
    found = apply(Ticket.objects.all(), filters, user=user, now=NOW + timedelta(hours=hours))
    return [ticket.pk for ticket in found]


def test_filters_are_kept_as_they_are() -> None:
    filters = Filters(states=("NEW",), desk="SITES", level=1, category=2, site="x", whose=MINE, is_late=True)
    view = SavedView.objects.create(name="Moje", filters=to_json(filters))
    view.refresh_from_db()
    assert from_json(view.filters) == filters


@pytest.mark.parametrize("kept", [None, [], "x", {}, {"unknown": 1}])
def test_what_no_filter_is_called_is_left_out(kept: object) -> None:
    assert from_json(kept) == Filters()


def test_open_tickets_come_by_priority_and_then_by_their_end(field: User, dispatcher: User) -> None:
    late, early, waiting, urgent, done = (make_ticket(now=NOW + timedelta(minutes=one)) for one in (9, 1, 2, 3, 4))
    states.answered(ticket=waiting, by=field, now=NOW, waits=True)
    states.resolve(ticket=done, by=field, now=NOW)
    classification.classify(ticket=urgent, desk=Desk.SITES, priority=1, category=None, site=None, by=field, now=NOW)
    assert shown(Filters(), dispatcher) == [urgent.pk, early.pk, late.pk, waiting.pk]
    assert shown(Filters(states=("RESOLVED",)), dispatcher) == [done.pk]
    assert len(shown(Filters(states=()), dispatcher)) == 5


def test_each_filter_lets_through_what_it_says(field: User, dispatcher: User) -> None:
    category = Category.objects.get(code="login")
    site = make_site()
    mine, line, login, of_site = (
        make_ticket(),
        make_ticket(desk=Desk.LINE),
        make_ticket(category=category),
        make_ticket(site=site),
    )
    urgent = make_ticket()
    classification.classify(ticket=urgent, desk=Desk.SITES, priority=1, category=None, site=None, by=field, now=NOW)
    claims.claim(ticket=mine, by=dispatcher, now=NOW)
    for filters, ticket in (
        (Filters(whose=MINE), mine),
        (Filters(desk="LINE"), line),
        (Filters(level=2), line),
        (Filters(category=category.pk), login),
        (Filters(site=str(site.pk)), of_site),
        (Filters(priority=1), urgent),
    ):
        assert shown(filters, dispatcher) == [ticket.pk]
    assert set(shown(Filters(whose=NOBODYS), dispatcher)) == {line.pk, login.pk, of_site.pk, urgent.pk}
    assert shown(Filters(is_late=True), dispatcher) == []
    assert set(shown(Filters(is_late=True), dispatcher, hours=2)) == {mine.pk, login.pk, of_site.pk, urgent.pk}
