"""What people are told of times that cannot stay: all of them, when they are awake, and nothing that is over."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crs.messaging.models import Message
from crs.no_break import breakable
from logistics.models import VaccinationSite
from registration.models import PriorityClaim
from registration.number import grouped
from reservation.affected import affected
from reservation.models import AffectedAppointment, Appointment, Reservation, Slot
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

Cause = AffectedAppointment.Cause
NIGHT = NOW.replace(hour=5, minute=5)


def reserve(site: VaccinationSite, *, day: int = 1) -> Reservation:
    registration = factories.make_registration(phone="+420601234567", email="jana@example.cz")
    return factories.make_reservation(registration, site=site, day=day)


def hand_over(reservation: Reservation, cause: Cause = Cause.HOURS, now: datetime = NOW) -> list[int]:
    keys = reservation.appointments.values_list("pk", flat=True)
    return affected.hand_over(appointment_ids=keys, cause=cause, now=now)


def sms() -> Message:
    return Message.objects.get(channel=Message.Channel.SMS, template="reservation/affected")


def test_an_sms_names_all_times_and_the_registration(site: VaccinationSite) -> None:
    reservation = reserve(site)
    third = factories.make_slot(60, "09:00", "ANY", 5, site=site)
    Slot.objects.filter(pk=third.pk).update(booked=1)
    Reservation.objects.filter(pk=reservation.pk).update(is_by_staff=True)
    Appointment.objects.create(reservation=reservation, dose_number=3, slot=third)
    hand_over(reservation)
    text = sms().text or ""
    for slot in Slot.objects.filter(appointments__reservation=reservation):
        assert f"{slot.starts_at:%-d.%-m.%Y} 09:00" in text
    assert breakable(grouped(reservation.registration.number)) in breakable(text)


@pytest.mark.parametrize(
    ("day", "cause", "waits"),
    [(2, Cause.INTERVAL, True), (0, Cause.INTERVAL, False), (2, Cause.POSTPONED, False), (2, Cause.MOVED, False)],
)
def test_nobody_is_woken_who_can_read_it_in_the_morning(
    site: VaccinationSite, day: int, cause: Cause, waits: bool
) -> None:
    reservation = reserve(site, day=2)
    if day == 0:
        soon = NIGHT.replace(hour=8)
        first = reservation.appointments.get(dose_number=1).slot
        Slot.objects.filter(pk=first.pk).update(starts_at=soon)
    hand_over(reservation, cause, NIGHT)
    assert sms().due_at == (NIGHT.replace(hour=8, minute=0) if waits else NIGHT)


def test_what_still_waits_is_not_sent_once_the_times_hold_after_all(site: VaccinationSite) -> None:
    keys = hand_over(reserve(site))
    affected.keep(affected_ids=keys, by=None, now=NOW + timedelta(minutes=1))
    states = set(Message.objects.values_list("template", "state"))
    assert states == {
        ("reservation/affected", "CANCELLED"),
        ("reservation/kept", "PREPARING"),
        ("reservation/kept", "QUEUED"),
    }


def test_what_people_bring_is_asked_once_for_all_whose_times_hold(site: VaccinationSite) -> None:
    couple = [factories.make_registration(email=f"a{number}@example.cz") for number in range(2)]
    for person in couple:
        PriorityClaim.objects.create(registration=person, group_id="care-home-clients")
    keys = [key for one in couple for key in hand_over(factories.make_reservation(one, site=site, day=2))]
    with CaptureQueriesContext(connection) as queries:
        affected.keep(affected_ids=keys, by=None, now=NOW)
    told = Message.objects.filter(template="reservation/kept", channel=Message.Channel.EMAIL)
    # Both reservations are of one moment, as those of a couple: each person is told once.
    assert ["potvrzení" in (one.text or "") for one in told] == [True, True]
    for table in ("registration_priorityclaim", "registration_grouprule"):
        assert sum(f'FROM "{table}"' in query["sql"] for query in queries.captured_queries) == 1, table


def test_while_another_time_is_in_doubt_the_message_about_both_goes_out(site: VaccinationSite) -> None:
    first, _second = hand_over(reserve(site))
    affected.keep(affected_ids=[first], by=None, now=NOW)
    assert sms().state == Message.State.QUEUED
