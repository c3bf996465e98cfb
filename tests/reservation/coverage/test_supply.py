"""Doses against people: what is uncovered, and what rules tied to stock hold back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryLine
from reservation.coverage import overview
from reservation.coverage.supply import coverage_of, held_back
from tests.factories import NOW, make_site, make_slot, make_store, make_vials

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


def with_doses(site: VaccinationSite, vials: int) -> VaccinationSite:
    make_store(EntryLine(make_vials(), vials), site=site)
    return site


def test_people_and_free_seats_without_a_dose_are_told_by_day(site: VaccinationSite) -> None:
    with_doses(site, 1)
    make_slot(1, capacity=5, booked=2, site=site)
    make_slot(2, for_doses="SECOND", capacity=6, booked=6, site=site)
    [comirnaty] = coverage_of([site.pk], now=NOW)[site.pk]
    days = [(day.booked, day.free, day.uncovered_booked, day.uncovered_free) for day in comirnaty.days[:4]]
    assert days == [(0, 0, 0, 0), (2, 3, 0, 3), (6, 0, 2, 0), (0, 0, 0, 0)]
    assert (comirnaty.doses, comirnaty.coming) == (6, 0)
    assert (comirnaty.uncovered_booked, comirnaty.uncovered_free) == (2, 3)


def test_times_of_today_that_have_begun_and_seats_for_substitutes_want_no_dose(site: VaccinationSite) -> None:
    make_slot(0, "08:30", capacity=4, booked=3, site=site)
    make_slot(0, "09:30", capacity=4, booked=1, site=site)
    make_slot(1, for_doses="SUBSTITUTE", capacity=5, booked=2, site=site)
    make_slot(8, capacity=5, booked=5, site=site)
    [comirnaty] = coverage_of([site.pk], now=NOW)[site.pk]
    assert [(day.booked, day.free) for day in comirnaty.days] == [(1, 3), (2, 0), *[(0, 0)] * 6]


def test_seats_that_rules_plan_without_vaccine_are_held_back_once_and_for_all_looks(site: VaccinationSite) -> None:
    with_doses(site, 1)
    slot = make_slot(1, capacity=10, booked=2, site=site)
    free = {("comirnaty", TOMORROW): 8, ("comirnaty", TOMORROW + timedelta(days=1)): 3}
    expected = {("comirnaty", TOMORROW): 4, ("comirnaty", TOMORROW + timedelta(days=1)): 3}
    assert held_back(site.pk, free, now=NOW) == expected
    slot.capacity = 6
    slot.save()
    assert held_back(site.pk, free, now=NOW) == expected


def test_nothing_is_held_back_beyond_a_week_nor_from_people_who_are_booked(site: VaccinationSite) -> None:
    make_slot(1, capacity=2, booked=2, site=site)
    free = {("comirnaty", TOMORROW): 0, ("comirnaty", TODAY + timedelta(days=8)): 50}
    assert held_back(site.pk, free, now=NOW) == {}


def test_the_worst_site_comes_first_and_one_without_a_store_last() -> None:
    enough, short, seats, unknown = (make_site(name) for name in ("A", "B", "C", "D"))
    for site, booked, capacity, vials in ((enough, 1, 1, 1), (short, 9, 9, 1), (seats, 0, 9, 1), (unknown, 9, 9, 0)):
        make_slot(1, capacity=capacity, booked=booked, site=site)
        if vials:
            with_doses(site, vials)
    everywhere = VaccinationSite.objects.all()
    with CaptureQueriesContext(connection) as asked:
        found = overview.lines(everywhere, now=NOW)
    assert [line.site.name for line in found] == ["B", "C", "A", "D"]
    assert [line.is_short for line in found] == [True, True, False, True]
    assert len(asked) == 6
