"""Doses that are there against people still to come."""

from datetime import timedelta
from typing import Any

import pytest

from logistics.models import StockItem, StorageCondition, Store, VaccinationSite
from logistics.stock import ledger
from reservation.models import Appointment
from tests.factories import NOW, context, make_reservation, make_site, make_visit
from vaccination.models import Station, VialSession, Visit
from vaccination.vials import sessions
from vaccination.vials.balance import Balance, doses_against_people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "in_english")]


@pytest.fixture
def vial(station: Station, closed: StockItem) -> VialSession:
    return sessions.open_vial(station=station, item=closed, context=context())


def balance_at(site: VaccinationSite, **later: Any) -> Balance:
    return doses_against_people(site, NOW.date(), NOW + timedelta(**later))[0]


def expect(site: VaccinationSite, people: int) -> None:
    for _ in range(people):
        make_reservation(site=site)


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (0, "6 doses are open, 0 people are still to come: do not open another vial, and call somebody for the rest."),
        (6, "6 doses are open, 6 people are still to come: do not open another vial."),
        (7, "6 doses are open, 7 people are still to come: the next vial would leave 5 doses, so call people first."),
        (12, "6 doses are open, 12 people are still to come: another vial will be needed."),
    ],
)
def test_it_says_whether_another_vial_is_to_be_opened(
    site: VaccinationSite, vial: VialSession, people: int, words: str
) -> None:
    expect(site, people)
    assert balance_at(site).sentence == words


def test_thawed_vials_count_as_closed_doses_and_frozen_ones_do_not(
    site: VaccinationSite, store: Store, closed: StockItem
) -> None:
    assert doses_against_people(site, NOW.date(), NOW) == []
    ledger.change_storage(store=store, item=closed, vials=2, to=StorageCondition.THAWED, context=context())
    assert balance_at(site).closed_doses == 12
    assert doses_against_people(site, NOW.date(), NOW + timedelta(days=40)) == []


def test_doses_out_of_time_are_not_there(site: VaccinationSite, vial: VialSession) -> None:
    expect(site, 1)
    assert balance_at(site).open_doses == 6
    assert balance_at(site, hours=7).open_doses == 0


def test_people_count_until_they_have_their_dose_or_went_away(site: VaccinationSite, vial: VialSession) -> None:
    expect(site, 2)
    first, second = Appointment.objects.filter(dose_number=1)
    assert balance_at(site).to_come == 2
    visit = make_visit(first.reservation.registration, site=site)
    assert balance_at(site).to_come == 2, "whoever is here still waits"
    Visit.objects.filter(pk=visit.pk).update(state="SENT_AWAY", sent_away="MEDICAL", left_at=NOW)
    assert balance_at(site).to_come == 1
    Appointment.objects.filter(pk=second.pk).update(state="FULFILLED")
    assert balance_at(site).to_come == 0


def test_whoever_came_to_another_site_counts_there(site: VaccinationSite, vial: VialSession) -> None:
    elsewhere = make_site("Hala")
    reservation = make_reservation(site=elsewhere)
    make_visit(reservation.registration, site=site)
    assert balance_at(site).to_come == 1
    assert doses_against_people(elsewhere, NOW.date(), NOW) == []


def test_holds_and_other_days_do_not_count(site: VaccinationSite, vial: VialSession) -> None:
    make_reservation(site=site, state="HELD", confirmed_at=None)
    make_reservation(site=site, day=1)
    assert balance_at(site).to_come == 0
