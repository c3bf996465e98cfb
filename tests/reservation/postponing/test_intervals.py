"""Bookings that a new interval leaves outside."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from logistics.models import DoseInterval, VaccinationSite
from reservation import tasks
from reservation.models import AffectedAppointment, Appointment, Reservation
from reservation.postponing import intervals
from tests.factories import NOW, make_registration, make_reservation

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
TOMORROW = NOW + timedelta(days=1)


def make_rule(applies_to: str = "ALL", **fields: Any) -> DoseInterval:
    values = {"valid_from": TOMORROW.date(), "min_days": 38, "ideal_days": 42, "max_days": 42}
    rule: DoseInterval = DoseInterval.objects.create(vaccine_id="comirnaty", applies_to=applies_to, **(values | fields))
    return rule


@pytest.fixture
def booked(site: VaccinationSite) -> Reservation:
    """Made today: dose 1 in two days, dose 2 after 21 days."""
    return make_reservation(site=site, day=2, created_at=NOW)


def second(reservation: Reservation) -> int:
    return reservation.appointments.get(dose_number=2).pk


def test_a_rule_for_all_reaches_bookings_of_before_and_one_for_new_ones_does_not(booked: Reservation) -> None:
    make_rule("NEW")
    assert intervals.outside(TOMORROW).appointment_ids == []
    DoseInterval.objects.filter(valid_from=TOMORROW.date()).update(applies_to="ALL")
    assert intervals.outside(NOW).appointment_ids == []  # it has not begun
    found = intervals.outside(TOMORROW)
    assert (found.appointment_ids, found.counts) == ([second(booked)], {("comirnaty", 2): 1})


def test_what_fits_the_new_interval_and_what_was_made_under_it_stays(
    site: VaccinationSite, booked: Reservation
) -> None:
    make_rule(min_days=19, ideal_days=21, max_days=30)
    assert intervals.outside(TOMORROW).appointment_ids == []
    DoseInterval.objects.filter(valid_from=TOMORROW.date()).update(min_days=38, ideal_days=42, max_days=42)
    make_reservation(site=site, day=5, created_at=TOMORROW)
    assert intervals.outside(TOMORROW).appointment_ids == [second(booked)]


def test_the_days_count_from_the_dose_that_was_given(site: VaccinationSite) -> None:
    make_rule(min_days=19, ideal_days=21, max_days=30)
    person = make_registration(doses_received=1, last_dose_on=TODAY - timedelta(days=20), last_vaccine_id="comirnaty")
    reservation = make_reservation(person, site=site, day=-2, created_at=NOW - timedelta(days=9))
    Appointment.objects.filter(reservation=reservation, dose_number=1).update(state="FULFILLED")
    assert intervals.outside(TOMORROW).appointment_ids == [second(reservation)]  # 39 days, not 21


def test_each_is_handed_over_once_and_stays_with_the_site(
    booked: Reservation, django_assert_max_num_queries: Any
) -> None:
    make_rule()
    assert len(intervals.hand_over_outside(TOMORROW).appointment_ids) == 1
    affected = AffectedAppointment.objects.get()
    assert affected.cause == "INTERVAL"
    AffectedAppointment.objects.update(kept_at=TOMORROW)
    with django_assert_max_num_queries(1):
        assert intervals.hand_over_outside(TOMORROW).appointment_ids == []


def test_the_command_tells_before_a_rule_begins(booked: Reservation) -> None:
    make_rule()
    out = StringIO()
    call_command("check_intervals", "--dry-run", "--at", TOMORROW.isoformat(), stdout=out)
    assert "comirnaty, dose 2" in out.getvalue()
    assert not AffectedAppointment.objects.exists()
    with pytest.raises(CommandError, match="--dry-run"):
        call_command("check_intervals", "--at", TOMORROW.isoformat())
    with time_machine.travel(TOMORROW, tick=False):
        assert (tasks.check_intervals(), tasks.check_intervals()) == (1, 0)
