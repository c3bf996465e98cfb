"""Two people who reserve together: side by side, all doses of both or nothing."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation import errors
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.reserving import booking, together
from reservation.slots import check
from tests.factories import NOW, make_dose_elsewhere, make_invitation, make_registration, make_reservation, make_slot
from tests.race import race, tally
from tests.reservation.conftest import Make, MakePair

MakePeople = Callable[[int], list[Invitation]]

single = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


def hold(one: Invitation, other: Invitation, slot: Slot, now: datetime = NOW) -> Any:
    return together.hold(invitation_id=one.pk, companion_id=other.pk, slot_id=slot.pk, now=now)


def confirm(person: Invitation, now: datetime = NOW) -> None:
    mine = Reservation.objects.holding_seats().get(registration=person.registration_id)
    booking.confirm(reservation_id=mine.pk, registration_id=person.registration_id, now=now)


def slots_of(person: Invitation) -> list[int]:
    mine = Appointment.objects.filter(reservation__registration=person.registration_id)
    return list(mine.filter(reservation__state__in=Reservation.HOLDING_SEATS).values_list("slot", flat=True))


def nothing_is_half_or_apart() -> None:
    """Whoever of a party holds seats does so with the other one, and all their doses are beside each other."""
    assert check.wrong_counters() == []
    holding = Reservation.objects.holding_seats().exclude(party=None)
    for party in set(holding.values_list("party", flat=True)):
        assert len({one.state for one in holding.filter(party=party)}) == 1
        one, other = (
            list(Appointment.objects.filter(reservation=each).select_related("slot"))
            for each in holding.filter(party=party)
        )
        assert [dose.dose_number for dose in one] == [dose.dose_number for dose in other] == [1, 2]
        assert all(are_beside(a.slot, b.slot) for a, b in zip(one, other, strict=True))


def are_beside(a: Slot, b: Slot) -> bool:
    starts, ends = {a.starts_at, b.starts_at}, {one.starts_at + timedelta(minutes=one.minutes) for one in (a, b)}
    return (a.site_id, a.vaccine_id, a.day) == (b.site_id, b.vaccine_id, b.day) and (
        len(starts) == 1 or bool(starts & ends)
    )


@single
def test_two_people_sit_in_one_time_or_side_by_side_and_both_are_told(make_slot: Make, make_people: MakePeople) -> None:
    one, other = make_people(2)
    early, late = make_slot(1, "09:00"), make_slot(1, "09:15")
    second = make_slot(22, "09:00", "SECOND", capacity=2)
    party = hold(one, other, late)
    assert (slots_of(one), slots_of(other)) == ([late.pk, second.pk], [early.pk, second.pk])
    assert set(Reservation.objects.values_list("party", "state")) == {(party, "HELD")}
    assert hold(one, other, late) == party  # a second click
    # Another time gives all four seats back in the same call.
    wide = make_slot(2, "10:00", capacity=2)
    make_slot(23, "10:00", "SECOND")
    make_slot(23, "10:15", "SECOND")
    hold(one, other, wide)
    assert {slots_of(person)[0] for person in (one, other)} == {wide.pk}
    assert sorted(Reservation.objects.filter(state="HELD").values_list("pairing", flat=True)) == ["EXACT", "SAME_DAY"]
    assert Reservation.objects.filter(state="CANCELLED").count() == 2
    confirm(other)
    assert set(Reservation.objects.holding_seats().values_list("state", flat=True)) == {"CONFIRMED"}
    assert Message.objects.filter(template="reservation/confirmed", channel="SMS").count() == 2
    confirm(one)  # the other one pressed before
    assert Message.objects.filter(template="reservation/confirmed", channel="SMS").count() == 2
    nothing_is_half_or_apart()


@single
def test_what_two_people_cannot_have_together_is_said_and_changes_nothing(
    site: VaccinationSite, make_pair: MakePair, make_people: MakePeople, make_slot: Make
) -> None:
    one, other = make_people(2)
    free, _ = make_pair(capacity=2)
    lone, _ = make_pair(day=3, capacity=1, second=2)
    no_second, _ = make_pair(day=9, capacity=2, second=1)
    old = hold(one, other, free)
    young = make_slot(5, capacity=2, youngest_age=90)
    reserved = make_invitation(make_reservation(site=site, day=60).registration)
    given = make_invitation()
    Registration.objects.filter(pk=given.registration_id).update(doses_received=1)
    make_dose_elsewhere(given.registration)
    revoked = make_invitation(revoked_at=NOW)
    cases: list[tuple[Invitation, Slot, type[errors.BookingError]]] = [
        (other, lone, errors.NoSeatsTogether),
        (other, no_second, errors.NoLaterSlot),
        (other, young, errors.WrongAge),
        (reserved, free, errors.CompanionCannotReserve),
        (revoked, free, errors.CompanionCannotReserve),
        (given, free, errors.DifferentDoses),
        (one, free, errors.DifferentDoses),
        (make_invitation(make_registration(birth_date=NOW.date())), free, errors.CompanionCannotReserve),
    ]
    for companion, slot, refusal in cases:
        with pytest.raises(refusal):
            hold(one, companion, slot)
    assert set(Reservation.objects.filter(state="HELD").values_list("party", flat=True)) == {old}
    nothing_is_half_or_apart()


@single
def test_where_one_of_two_has_chosen_otherwise_neither_is_confirmed(
    make_pair: MakePair, make_people: MakePeople
) -> None:
    one, other = make_people(2)
    hold(one, other, make_pair(capacity=2)[0])
    booking.hold(invitation_id=other.pk, slot_id=make_pair(day=2)[0].pk, now=NOW)
    with pytest.raises(errors.HoldExpired):
        confirm(one)
    assert set(Reservation.objects.holding_seats().values_list("state", flat=True)) == {"HELD"}
    assert not Message.objects.exists()


seats = st.lists(
    st.tuples(st.sampled_from([1, 22, 23, 25]), st.sampled_from(["09:00", "09:15", "09:30"]), st.integers(0, 2)),
    max_size=9,
    unique_by=lambda one: one[:2],
)


@single
@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(drawn=seats)
def test_two_people_find_seats_side_by_side_wherever_there_are_any(site: VaccinationSite, drawn: Any) -> None:
    with transaction.atomic():
        chosen = make_slot(1, "09:15", site=site, capacity=1, for_doses="ANY", vaccine_id="comirnaty")
        for day, clock, capacity in drawn:
            if (day, clock) != (1, "09:15"):
                make_slot(day, clock, site=site, capacity=capacity, for_doses="ANY", vaccine_id="comirnaty")
        one, other = make_invitation(), make_invitation()
        free = list(Slot.objects.free().filter(site=site))
        has_pair = {
            is_first: any(
                (a.pk != b.pk or a.capacity > 1) and are_beside(a, b)
                for a, b in product(free, free)
                if (a.pk == chosen.pk) == is_first and (is_first or a.day > chosen.day)
            )
            for is_first in (True, False)
        }
        missing = errors.NoLaterSlot if has_pair[True] else errors.NoSeatsTogether
        with nullcontext() if all(has_pair.values()) else pytest.raises(missing):
            hold(one, other, chosen)
        nothing_is_half_or_apart()
        transaction.set_rollback(True)


@committed
def test_couples_and_single_people_at_once_never_get_half_nor_deadlock(
    make_slot: Make, make_people: MakePeople
) -> None:
    """Everybody names the two of a couple, and crossing times, in another order."""
    slots = [make_slot(day, clock, capacity=3) for day, clock in product((1, 2), ("09:00", "09:15"))]
    for day, clock in product((23, 22), ("09:15", "09:00")):
        make_slot(day, clock, "SECOND", capacity=3)
    people = make_people(8)
    racers: list[Callable[[], Any]] = []
    for turn in range(6):
        for number in range(0, 8, 2):
            couple = people[number : number + 2]
            for step, (one, other) in enumerate((couple, couple[::-1])):
                racers.append(partial(hold, one, other, slots[(turn + number + step) % 4]))
            alone = slots[(turn + number) % 4].pk
            racers.append(partial(booking.hold, invitation_id=people[number].pk, slot_id=alone, now=NOW))
            racers.append(partial(confirm, people[number + 1]))
    outcomes = tally(race(*racers))
    refusals = {
        "SlotFull",
        "NoLaterSlot",
        "NoSeatsTogether",
        "HoldExpired",
        "AlreadyReserved",
        "CompanionCannotReserve",
    }
    assert set(outcomes) <= {"UUID", "Held", "NoneType", "DoesNotExist"} | refusals
    booking.release_expired(now=NOW + timedelta(hours=1))
    nothing_is_half_or_apart()


@committed
def test_of_couples_who_want_seven_places_three_get_them(make_pair: MakePair, make_people: MakePeople) -> None:
    first, _ = make_pair(capacity=7)
    people = make_people(14)
    outcomes = race(*(partial(hold, people[at], people[at + 1], first) for at in range(0, 14, 2)))
    assert tally(outcomes) == {"UUID": 3, "NoSeatsTogether": 4}
    nothing_is_half_or_apart()


@committed
def test_control_twin_two_calls_for_a_couple_leave_one_of_them_alone(
    make_pair: MakePair, make_people: MakePeople
) -> None:
    first, _ = make_pair(capacity=2)
    people = make_people(4)
    both_have_one = threading.Barrier(2, timeout=30)

    def one_after_the_other(*couple: Invitation) -> None:
        for person in couple:
            booking.hold(invitation_id=person.pk, slot_id=first.pk, now=NOW)
            both_have_one.wait()

    outcomes = race(partial(one_after_the_other, *people[:2]), partial(one_after_the_other, *people[2:]))
    assert tally(outcomes) == {"SlotFull": 2}
    assert [len(slots_of(person)) for person in people] == [2, 0, 2, 0]
