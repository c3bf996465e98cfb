"""Desks and citizens at once on real PostgreSQL, with the twins that show what happens without the guard."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from reservation.arranging import arrangements
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.reserving import booking
from reservation.slots import check
from tests.factories import NOW
from tests.race import race, tally
from tests.reservation.conftest import Make, MakePair, Register

pytestmark = pytest.mark.django_db(transaction=True)

MakePeople = Callable[[int], list[Invitation]]


def _seat(registration: Any, slot: Slot, over_reason: str = "") -> Appointment:
    return arrangements.seat_today(
        registration=registration, site=slot.site, vaccine=slot.vaccine, dose_number=1, now=NOW, over_reason=over_reason
    )


def _reserved(people: list[Invitation], first: Slot) -> list[Appointment]:
    """The second appointments of people who booked `first`."""
    for person in people:
        held = booking.hold(invitation_id=person.pk, slot_id=first.pk, now=NOW)
        booking.confirm(reservation_id=held.reservation_id, registration_id=person.registration_id, now=NOW)
    return list(Appointment.objects.filter(dose_number=2, reservation__appointments__slot=first))


def test_of_many_desks_one_gets_the_last_seat_of_today(make_slot: Make, make_registration: Register) -> None:
    slots = [make_slot(0, "10:00", capacity=1), make_slot(0, "09:30", capacity=1)]
    outcomes = race(*(partial(_seat, make_registration(), slots[0]) for _ in range(6)))
    assert tally(outcomes) == {"Appointment": 2, "NoSeatToday": 4}
    assert set(Slot.objects.values_list("booked", "capacity")) == {(1, 1)}
    assert check.wrong_counters() == []


def test_control_twin_of_desks_that_look_and_then_take_overbooks(make_slot: Make) -> None:
    slot = make_slot(0, capacity=1)
    both_have_looked = threading.Barrier(2, timeout=30)

    def take() -> str:
        with transaction.atomic():
            seen = Slot.objects.get(pk=slot.pk)
            if seen.booked >= seen.capacity:
                return "full"
            both_have_looked.wait()
            Slot.objects.filter(pk=slot.pk).update(booked=seen.booked + 1)
        return "seated"

    assert race(take, take) == ["seated", "seated"]


def test_desks_that_take_people_over_the_capacity_at_once_count_them_all(
    make_slot: Make, make_registration: Register
) -> None:
    full = make_slot(0, capacity=0)
    people = [make_registration() for _ in range(6)]
    assert tally(race(*(partial(_seat, one, full, "came") for one in people))) == {"Appointment": 6}
    full.refresh_from_db()
    assert (full.booked, full.capacity) == (6, 6)


def test_desks_of_a_site_without_a_calendar_make_one_slot(make_slot: Make, make_registration: Register) -> None:
    elsewhen = make_slot(5)
    people = [make_registration() for _ in range(6)]
    assert tally(race(*(partial(_seat, one, elsewhen, "came") for one in people))) == {"Appointment": 6}
    made = Slot.objects.get(day=NOW.date())
    assert (made.booked, made.capacity) == (6, 6)


def test_one_person_at_two_desks_gets_one_seat(make_slot: Make, make_registration: Register) -> None:
    slot, person = make_slot(0, capacity=5), make_registration()
    outcomes = race(*[partial(_seat, person, slot)] * 6)
    assert len({outcome.pk for outcome in outcomes}) == 1
    slot.refresh_from_db()
    assert (slot.booked, Reservation.objects.count()) == (1, 1)


def test_a_desk_and_the_persons_own_choice_leave_one_reservation(
    make_pair: MakePair, make_slot: Make, make_people: MakePeople
) -> None:
    (first, _), today = make_pair(capacity=10), make_slot(0, capacity=10)
    people = make_people(10)
    racers: list[Callable[[], Any]] = []
    for person in people:
        racers.append(partial(booking.hold, invitation_id=person.pk, slot_id=first.pk, now=NOW))
        racers.append(partial(_seat, person.registration, today))
    counts = tally(race(*racers))
    assert counts.pop("Appointment") == 10
    assert set(counts) <= {"Held", "AlreadyReserved"}
    assert Reservation.objects.holding_seats().count() == 10
    assert check.wrong_counters() == []


def test_a_move_and_a_citizens_hold_want_one_seat(
    make_pair: MakePair, make_slot: Make, make_people: MakePeople
) -> None:
    (first, _), (other, last) = make_pair(), make_pair(2)
    mover, citizen = make_people(2)
    (second,) = _reserved([mover], first)
    outcomes = race(
        partial(arrangements.move, appointment=second, slot_id=last.pk, now=NOW),
        partial(booking.hold, invitation_id=citizen.pk, slot_id=other.pk, now=NOW),
    )
    # The citizen may get the seat that the move gave back instead.
    assert len([one for one in outcomes if isinstance(one, Exception)]) <= 1
    assert Slot.objects.get(pk=last.pk).booked == 1
    assert check.wrong_counters() == []


def test_moves_that_swap_do_not_deadlock(make_pair: MakePair, make_slot: Make, make_people: MakePeople) -> None:
    first, _ = make_pair(capacity=6)
    slots = [make_slot(day, for_doses="SECOND", capacity=6) for day in (24, 25, 26)]
    seconds = _reserved(make_people(6), first)
    racers = []
    for turn in range(20):
        for number, one in enumerate(seconds):
            step = turn if number % 2 else -turn
            slot = slots[(number + step) % 3]
            racers.append(partial(arrangements.move, appointment=one, slot_id=slot.pk, now=NOW))
    assert set(tally(race(*racers))) == {"Appointment"}
    assert check.wrong_counters() == []


def test_control_twin_of_moves_that_take_first_and_then_give_back_deadlocks(make_slot: Make) -> None:
    low, high = make_slot(1, capacity=9, booked=2), make_slot(2, capacity=9, booked=2)
    both_have_one = threading.Barrier(2, timeout=30)

    def move(to: Slot, away: Slot) -> None:
        with transaction.atomic():
            Slot.objects.filter(pk=to.pk).update(booked=F("booked") + 1)
            both_have_one.wait()
            Slot.objects.filter(pk=away.pk).update(booked=F("booked") - 1)

    assert "OperationalError" in tally(race(partial(move, low, high), partial(move, high, low)))


def test_two_nurses_fulfil_one_appointment_once_and_never_one_that_the_closing_missed(
    make_pair: MakePair, make_people: MakePeople
) -> None:
    first, _ = make_pair(capacity=8)
    _reserved(make_people(8), first)
    firsts = list(Appointment.objects.filter(dose_number=1))
    evening = NOW + timedelta(days=1, hours=9)
    racers: list[Callable[[], Any]] = []
    for one in firsts:
        racers += [partial(arrangements.fulfil, appointment_id=one.pk)] * 2
    half = len(racers) // 2
    closing = partial(arrangements.miss_all, appointments=firsts, now=evening)
    outcomes = race(*racers[:half], closing, *racers[half:])
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert [one for one in outcomes if isinstance(one, bool)].count(True) == 8
    # A dose that was given counts, also where the closing was faster: its reservation is back.
    assert set(Appointment.objects.filter(dose_number=1).values_list("state", "reservation__state")) == {
        ("FULFILLED", "CONFIRMED")
    }
    assert check.wrong_counters() == []
