"""The figures of the desks, counted by hand on a few tickets."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from logistics.models import Role
from logistics.reports.queries import Period
from support.figures import queries, tables
from support.models import Category, Desk, Level, Stay, Ticket
from support.tickets import clocks
from tests.factories import NOW, make_agent, make_staff, make_ticket
from tests.pages import log_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOUR = timedelta(hours=1)
PERIOD = Period(NOW.date() - timedelta(days=20), NOW.date())


def ticket(age: timedelta, **values: Any) -> Ticket:
    """A ticket opened so long ago, with other values of its row."""
    found = make_ticket(now=NOW - age, desk=values.pop("desk", Desk.SITES))
    Ticket.objects.filter(pk=found.pk).update(**values)
    return Ticket.objects.get(pk=found.pk)


def test_open_tickets_stand_by_level_and_age() -> None:
    for age in (HOUR, 5 * HOUR, 6 * HOUR, 25 * HOUR, 73 * HOUR, 169 * HOUR):
        ticket(age, due_at=NOW + HOUR, answered_at=NOW)
    ticket(HOUR, due_at=NOW - HOUR, answered_at=NOW)
    ticket(2 * HOUR, state="WAITING", due_at=None)
    for state in ("RESOLVED", "CLOSED"):
        ticket(HOUR, state=state, closed_at=NOW)
    ticket(HOUR, desk=Desk.LINE, due_at=None)
    found = {(row.desk, row.level): row for row in queries.open_now(now=NOW)}
    sites = found[Desk.SITES, Level.L1]
    assert sites.by_age == (3, 2, 1, 1, 1)
    assert (sites.whole, sites.late, sites.waiting) == (8, 1, 1)
    assert found[Desk.LINE, Level.L2].by_age == (1, 0, 0, 0, 0)
    assert (Desk.LINE, Level.L1) not in found


def test_what_the_list_calls_late_is_late_in_the_figures() -> None:
    ticket(HOUR, due_at=NOW + HOUR, answer_due_at=NOW - timedelta(minutes=1))
    ticket(HOUR, due_at=NOW + HOUR, answer_due_at=NOW - timedelta(minutes=1), answered_at=NOW)
    assert sum(row.late for row in queries.open_now(now=NOW)) == 1
    assert Ticket.objects.filter(clocks.late(now=NOW)).count() == 1


def test_median_and_nine_of_ten_of_answers_and_resolutions() -> None:
    for hours in range(1, 11):
        one = ticket(48 * HOUR)
        opened = one.opened_at
        Ticket.objects.filter(pk=one.pk).update(
            answered_at=opened + hours * HOUR,
            answer_due_at=opened + 8 * HOUR,
            resolved_at=opened + 2 * hours * HOUR,
            state="RESOLVED",
            reopened_count=hours % 2,
        )
    ticket(HOUR, answer_due_at=NOW - timedelta(minutes=1))  # late and not answered yet
    ticket(HOUR, answer_due_at=NOW + timedelta(minutes=1))
    sites = queries.of_desks(PERIOD, now=NOW)[0]
    assert (sites.opened, sites.answer.count, sites.resolution.count) == (12, 10, 10)
    assert sites.answer.median == timedelta(hours=5.5)
    assert sites.answer.most == timedelta(hours=9.1)
    assert sites.resolution.most == timedelta(hours=18.2)
    assert (sites.answered_late, sites.reopened) == (3, 5)
    assert sites.answer.in_words == "5 h 30 min / 9 h 6 min"


def test_stays_that_took_too_long_are_counted_at_their_level() -> None:
    one = ticket(48 * HOUR, due_at=NOW + HOUR)
    Stay.objects.filter(ticket=one).update(
        until=NOW, runs_since=None, spent=timedelta(minutes=241), allowed_minutes=240
    )
    Stay.objects.create(ticket=one, level=2, since=NOW, spent=timedelta(), allowed_minutes=480)
    late = ticket(48 * HOUR, due_at=NOW - HOUR)
    Stay.objects.filter(ticket=late).update(spent=timedelta(), allowed_minutes=240)
    first, second, third = queries.of_levels(PERIOD, now=NOW)
    assert (first.stays, first.late, first.percent) == (2, 2, 100)
    assert (second.stays, second.late) == (1, 0)
    assert third.percent is None


def test_topics_are_counted_the_most_first() -> None:
    stock = Category.objects.get(code="stock")
    for _number in range(2):
        ticket(HOUR, category=stock)
    ticket(HOUR, category=None)
    ticket(900 * HOUR, category=stock)  # before the period
    assert queries.topics(PERIOD) == [(stock, 2), (None, 1)]
    assert queries.by_day(PERIOD)[Desk.SITES] == {NOW.date(): 3}


def test_the_page_and_the_file_tell_the_same(client: Client) -> None:
    ticket(HOUR, answered_at=NOW, due_at=NOW - HOUR)
    log_in(client, make_agent(Role.SUPPORT_LEAD))
    page = text_of(client.get("/podpora/prehled/"))
    assert "Time to the first answer (half / nine of ten)" in page
    assert "1 h 0 min / 1 h 0 min" in page
    file = client.get("/podpora/prehled.csv").content.decode("utf-8-sig")
    rows = [row[0:3:2] for row in csv.reader(StringIO(file), delimiter=";")]
    assert [f"{Desk.SITES.label}, {Level.L1.label}", "1"] in rows
    assert [Desk.SITES.label, "60"] in rows


@pytest.mark.parametrize("role", [Role.SUPPORT_L1, Role.SUPPORT_L2, Role.SUPPORT_L3])
def test_who_answers_does_not_see_the_figures(client: Client, role: Role) -> None:
    log_in(client, make_staff(role))
    assert client.get("/podpora/prehled/").status_code == 404
    assert client.get("/podpora/prehled.csv").status_code == 404


def test_the_command_prints_them() -> None:
    ticket(HOUR, answered_at=NOW)
    said = StringIO()
    call_command("support_report", days=3, stdout=said)
    assert "SITES: first answer, median / p90" in said.getvalue()
    assert "1 h 0 min / 1 h 0 min" in said.getvalue()


@pytest.mark.parametrize(
    ("numbers", "expected"), [([], []), ([0, 0], [0, 0]), ([1, 1, 1], [34, 33, 33]), ([2, 5, 1], [25, 63, 12])]
)
def test_whole_per_cents_are_a_hundred_together(numbers: list[int], expected: list[int]) -> None:
    assert tables.percents(numbers) == expected
