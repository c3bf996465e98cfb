"""How far registrations have come, as lists say it: to their telephone, to the desk and in the administration."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from registration import progress
from registration.models import Registration
from reservation.models import Appointment, Invitation, InvitationPause
from reservation.reserving import booking
from tests.factories import NOW
from tests.reservation.conftest import Invite, MakePair, Register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def words(*registrations: Registration) -> list[str]:
    """What a list says of each, in English."""
    rows = {one.pk: one for one in Registration.objects.filter(pk__in=[one.pk for one in registrations])}
    with translation.override("en"):
        told = progress.words_of(rows.values(), now=NOW)
    return [told[one.pk] for one in registrations]


def written(moment: datetime) -> str:
    """The day as an English page has it."""
    with translation.override("en"):
        return date_format(timezone.localtime(moment), "DATE_FORMAT")


def test_a_list_says_how_far_each_has_really_come(
    make_registration: Register,
    make_invitation: Invite,
    make_pair: MakePair,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    waits, paused, gone, complete, amid = (make_registration() for _ in range(5))
    invited, reserved, missed = (make_invitation() for _ in range(3))
    InvitationPause.objects.create(registration=paused, paused_at=NOW)
    Registration.objects.filter(pk=gone.pk).update(state="CANCELLED", ending="LEFT", ended_at=NOW)
    Registration.objects.filter(pk=complete.pk).update(state="COMPLETED", doses_received=2)
    Registration.objects.filter(pk=amid.pk).update(doses_received=1)
    for person, day in ((reserved, 1), (missed, 2)):
        first, _second = make_pair(day=day)
        held = booking.hold(invitation_id=person.pk, slot_id=first.pk, now=NOW)
        booking.confirm(reservation_id=held.reservation_id, registration_id=person.registration_id, now=NOW)
    theirs = Appointment.objects.filter(reservation__registration=missed.registration_id, dose_number=1)
    theirs.update(state=Appointment.State.MISSED)
    people = (waits, paused, gone, complete, amid, invited.registration, reserved.registration, missed.registration)
    with django_assert_max_num_queries(6):
        told = words(*people)
    assert told[:5] == [
        "waits for its turn",
        "did not use three PIN2; no more are sent",
        "cancelled",
        "all doses given",
        "1 dose given",
    ]
    assert told[5].startswith(f"PIN2 sent on {written(NOW)}, it works until")
    assert told[6].startswith(f"reserved: dose 1 on {written(NOW + timedelta(days=1))}, ")
    assert told[7] == "did not come for dose 1"


def test_a_pin2_that_ran_out_is_no_pin2(make_invitation: Invite) -> None:
    invited = make_invitation()
    Invitation.objects.filter(pk=invited.pk).update(expires_at=NOW - timedelta(minutes=1))
    assert words(invited.registration) == ["waits for its turn"]


def test_after_a_dose_the_next_time_is_named(make_invitation: Invite, make_pair: MakePair) -> None:
    person = make_invitation()
    first, _second = make_pair()
    held = booking.hold(invitation_id=person.pk, slot_id=first.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=person.registration_id, now=NOW)
    Appointment.objects.filter(dose_number=1).update(state=Appointment.State.FULFILLED)
    Registration.objects.update(doses_received=1)
    (told,) = words(person.registration)
    assert told.startswith(f"1 dose given; reserved: dose 2 on {written(NOW + timedelta(days=22))}, ")
