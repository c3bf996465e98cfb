"""People who change and cancel at once, on real PostgreSQL, and the twin without the lock."""

import threading
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F

from logistics.models import VaccinationSite
from reservation.arranging import arrangements, giving_back
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.moving import moving
from reservation.reserving import booking
from reservation.slots import check
from tests.factories import NOW, make_reservation
from tests.race import race, tally
from tests.reservation.conftest import Invite, Make

pytestmark = pytest.mark.django_db(transaction=True)


def _move(reservation: Reservation, slot: Slot, dose: int = 1) -> None:
    moving.move(registration_id=reservation.registration_id, dose=dose, slot_id=slot.pk, now=NOW)


def _cancel(reservation: Reservation) -> None:
    moving.cancel(registration_id=reservation.registration_id, now=NOW)


def _hold(person: Invitation, slot: Slot) -> object:
    return booking.hold(invitation_id=person.pk, slot_id=slot.pk, now=NOW)


def test_the_last_seat_goes_to_one_and_all_others_keep_theirs(
    site: VaccinationSite, make_slot: Make, make_invitation: Invite
) -> None:
    last = make_slot(5, "10:00")
    make_slot(26, "10:00", "SECOND", capacity=9)
    movers = [make_reservation(site=site, day=3) for _ in range(4)]
    outcomes = race(*(partial(_move, one, last) for one in movers), partial(_hold, make_invitation(), last))
    assert tally(outcomes)["SlotFull"] == 4
    assert Slot.objects.get(pk=last.pk).booked == 1
    assert check.wrong_counters() == []
    assert Reservation.objects.filter(state="CONFIRMED").count() == 4


def test_people_who_swap_their_times_do_not_deadlock(site: VaccinationSite) -> None:
    pairs = [
        (make_reservation(site=site, day=3, clock="09:00"), make_reservation(site=site, day=4, clock="10:00"))
        for _ in range(3)
    ]
    slot_of = {
        day: Slot.objects.get(day=pairs[0][place].appointments.get(dose_number=1).slot.day)
        for place, day in enumerate((3, 4))
    }
    racers = [partial(_move, one, slot_of[4]) for one, _ in pairs] + [
        partial(_move, two, slot_of[3]) for _, two in pairs
    ]
    assert race(*racers) == [None] * 6
    assert check.wrong_counters() == []


def test_of_a_move_a_cancellation_and_a_dose_at_once_each_seat_is_counted_once(
    site: VaccinationSite, make_slot: Make
) -> None:
    slot = make_slot(5, "10:00", capacity=9)
    make_slot(26, "10:00", "SECOND", capacity=9)
    people = [make_reservation(site=site, day=3) for _ in range(3)]
    racers = [
        racer
        for one in people
        for racer in (
            partial(_move, one, slot),
            partial(_cancel, one),
            partial(arrangements.fulfil, appointment_id=one.appointments.get(dose_number=1).pk),
        )
    ]
    outcomes = race(*racers)
    assert set(tally(outcomes)) <= {"NoneType", "bool", "NothingToMove"}
    assert check.wrong_counters() == []


def test_control_twin_of_cancellations_without_the_lock_gives_a_seat_back_twice(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=3)
    Slot.objects.update(booked=F("booked") + 5)
    both_have_looked = threading.Barrier(2, timeout=30)

    def cancel() -> None:
        with transaction.atomic():
            assert moving.times_to_give_back(registration_id=reservation.registration_id, now=NOW)
            both_have_looked.wait()
            giving_back.give_up(Reservation.objects.get(pk=reservation.pk), NOW)

    race(cancel, cancel)
    assert set(Slot.objects.values_list("booked", flat=True)) == {4}
    assert Appointment.objects.filter(reservation=reservation).count() == 2
