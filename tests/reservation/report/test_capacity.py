"""The sums of the report: of what they are made, when they are another version, and when they are old."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from time_machine import TimeMachineFixture

from logistics.models import VaccinationSite, Vaccine
from reservation import tasks
from reservation.inviting import waiting_summary
from reservation.models import FreeCapacity, OffersState, SiteOffer, Slot
from reservation.report import capacity
from reservation.report.capacity import Cell
from tests.factories import NOW, make_registration, make_site, make_slot
from tests.reservation.report.conftest import TODAY, MakeOffer, make_outlines, summed

pytestmark = pytest.mark.django_db


def test_seats_are_summed_by_district_and_kind_of_what_is_open_to_everybody(make_offer: MakeOffer) -> None:
    make_offer(1, 2, 3, in_days=4)
    make_offer(10, 20, 30, in_days=2)
    make_offer(5, 5, 5, is_step_free=True, ages=(12, 17), oldest_age=15)
    make_offer(9, 9, 9, state="PAUSED")
    make_offer(9, 9, 9, is_public=False)
    make_site("Bez míst", "CZ0100")
    found = summed()
    assert found.cells == [
        Cell("CZ0642", False, "comirnaty", 0, 150, 11, 22, 33, TODAY + timedelta(days=2)),
        Cell("CZ0642", True, "comirnaty", 12, 15, 5, 5, 5, TODAY + timedelta(days=1)),
    ]
    assert found.sites == [("CZ0100", False, 1), ("CZ0642", False, 2), ("CZ0642", True, 1)]


def test_whoever_waits_is_counted_once_for_each_place(make_offer: MakeOffer) -> None:
    brno, other = make_offer(), make_offer()
    tabor = make_offer(district="CZ0317")
    make_registration(birth_date=date(1950, 1, 1), sites=(brno, other, tabor))
    make_registration(birth_date=date(1950, 1, 2), sites=(brno,))
    make_registration(birth_date=date(1950, 1, 3))
    make_registration(doses_received=1, sites=(brno,))
    waiting_summary.refresh(now=NOW)
    assert summed().waiting == {"": 3, "CZ064": 2, "CZ0642": 2, "CZ031": 1, "CZ0317": 1}
    assert waiting_summary.by_sites([brno.pk, other.pk, make_site("Nové").pk]) == {brno.pk: 2, other.pk: 1}


def _other_name() -> None:
    VaccinationSite.objects.update(name="Jinak")


def _paused() -> None:
    VaccinationSite.objects.update(state="PAUSED")


def _seat_taken() -> None:
    SiteOffer.objects.update(free_30=2)


def _borders() -> None:
    make_outlines("CZ010")


@pytest.mark.parametrize("change", [_other_name, _paused, _seat_taken, _borders])
def test_whatever_a_page_shows_makes_another_version(make_offer: MakeOffer, change: Callable[[], None]) -> None:
    make_offer(1, 2, 3)
    first, later = summed().version, NOW + timedelta(seconds=5)
    OffersState.objects.update(folded_at=later)
    assert not capacity.refresh(now=later)
    assert (FreeCapacity.objects.get().changed_at, FreeCapacity.objects.get().checked_at) == (NOW, later)
    change()
    assert capacity.refresh(now=later)
    assert (capacity.version().name != first.name, capacity.version().changed_at) == (True, later)


def test_sums_into_which_nothing_was_folded_for_a_minute_are_old(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)
    # Nothing was ever folded.
    assert not capacity.version().is_current
    assert summed().version.is_current
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    assert not capacity.version().is_current


def test_a_seat_that_is_booked_comes_into_the_report(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)
    slot = make_slot(site=make_site("Brno", "CZ0642"), vaccine=Vaccine.objects.get(pk="janssen"), capacity=3)
    tasks.fold_seats()
    (cell,) = capacity.whole().cells
    assert (cell.district, cell.free_30) == ("CZ0642", 3)
    Slot.objects.filter(pk=slot.pk).update(booked=1)
    tasks.fold_seats()
    (cell,) = capacity.whole().cells
    assert (cell.free_30, capacity.version().is_current) == (2, True)
