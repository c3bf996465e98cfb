"""Doses of joined records count for the person who stays, and go back when the records are taken apart."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from logistics.models import VaccinationSite
from registration.applying import ending, merging
from registration.models import Registration
from registration.signals import people_merging
from reservation import receivers
from reservation.arranging import arrangements
from reservation.models import Appointment, Slot
from tests.factories import NOW, make_account, make_dose_elsewhere, make_registration, make_reservation
from tests.race import race
from tests.waiting import wait_until_somebody_waits
from vaccination.models import Dose

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(db: None) -> User:
    return make_account("eva")


def test_joined_doses_complete_the_course_and_go_back(site: VaccinationSite, by: User) -> None:
    kept = make_reservation(site=site, day=1).registration
    # A newer record of the same person, by document, with the later dose.
    joined = make_registration()
    later = make_dose_elsewhere(joined, given_at=NOW - timedelta(days=3), recorded_at=NOW)
    earlier = make_dose_elsewhere(kept)
    Registration.objects.update(doses_received=1)

    merge = merging.merge(kept=kept.person, joined=joined.person, reason="x", by=by, now=NOW)
    for dose, number in ((earlier, 1), (later, 2)):
        dose.refresh_from_db()
        assert dose.number == number
    kept.refresh_from_db()
    assert (kept.state, kept.doses_received) == ("COMPLETED", 2)
    assert not Appointment.objects.to_come(kept).exists()

    merging.take_apart(merge=merge, by=by, now=NOW)
    later.refresh_from_db()
    kept.refresh_from_db()
    joined.refresh_from_db()
    assert (kept.state, kept.doses_received, later.number) == ("ACTIVE", 1, 1)
    assert (joined.state, joined.doses_received) == ("ACTIVE", 1)


@pytest.mark.django_db(transaction=True)
def test_seats_of_both_records_are_given_back_in_one_order(site: VaccinationSite, by: User) -> None:
    found = _merge_beside_an_exchange(site, by, lambda _has_given_back: wait_until_somebody_waits())
    assert found == ["exchanged", "joined"]


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_all_slots_locked_before_there_is_a_deadlock(site: VaccinationSite, by: User) -> None:
    people_merging.disconnect(dispatch_uid="reservation.people_merging")
    try:
        found = _merge_beside_an_exchange(site, by, lambda has_given_back: has_given_back.wait(20))
    finally:
        receivers.connect()
    assert "OperationalError" in found


def _merge_beside_an_exchange(
    site: VaccinationSite, by: User, meanwhile: Callable[[threading.Event], object]
) -> list[str]:
    """Join two records that both have times, while somebody moves from the lowest slot to the highest one.

    Between the two slots they wait for what comes `meanwhile`.
    """
    kept, joined = make_registration(), make_registration()
    for day, registration in enumerate((kept, joined), start=1):
        make_reservation(registration, site=site, day=day)
    make_dose_elsewhere(kept, number=1)
    make_dose_elsewhere(joined, number=1, given_at=NOW - timedelta(days=60))
    keys = list(Slot.objects.order_by("pk").values_list("pk", flat=True))
    low, high = keys[0], keys[-1]
    has_low, has_given_back = threading.Event(), threading.Event()
    release_series = arrangements.release_series

    def released(**what: Any) -> list[int]:
        has_given_back.set()
        return release_series(**what)

    def exchange() -> str:
        with transaction.atomic():
            Slot.objects.filter(pk=low).update(booked=F("booked"))
            has_low.set()
            meanwhile(has_given_back)
            Slot.objects.filter(pk=high).update(booked=F("booked"))
        return "exchanged"

    def join() -> str:
        has_low.wait(10)
        merging.merge(kept=kept.person, joined=joined.person, reason="x", by=by, now=NOW)
        return "joined"

    with patch.object(arrangements, "release_series", released):
        outcomes = race(exchange, join)
    return [one if isinstance(one, str) else type(one).__name__ for one in outcomes]


def test_a_registration_that_is_opened_again_knows_the_doses_recorded_meanwhile(by: User) -> None:
    registration = make_registration()
    ending.end(registration=registration, ending=Registration.Ending.STAFF, now=NOW, by=by)
    make_dose_elsewhere(registration, vaccine_id="janssen")
    ending.reopen(registration=registration, now=NOW, by=by)
    registration.refresh_from_db()
    assert (registration.state, registration.doses_received) == ("COMPLETED", 1)
    assert Dose.objects.get().number == 1
    assert registration.person.birth_date == date(1940, 5, 1)
