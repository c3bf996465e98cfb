"""Many people at once on real PostgreSQL, and the control twins that show what happens without the guard."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from logistics.models import VaccinationSite, Vaccine
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.postponing import postponing
from reservation.reserving import booking
from reservation.slots import check
from tests.factories import make_slot
from tests.race import race, race_in_processes, tally
from tests.reservation.conftest import Make, MakePair
from tests.waiting import wait_until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)

Race = Callable[..., list[Any]]
MakePeople = Callable[[int], list[Invitation]]

PEOPLE = 200
SEATS = 10


def holds(people: list[Invitation], slot: Slot, now: datetime) -> list[Callable[[], booking.Held]]:
    return [partial(booking.hold, invitation_id=person.pk, slot_id=slot.pk, now=now) for person in people]


def nothing_is_half_or_wrong() -> None:
    """Every reservation that holds seats has both doses, and every counter is right."""
    assert check.wrong_counters() == []
    for reservation in Reservation.objects.holding_seats().prefetch_related("appointments"):
        assert [appointment.dose_number for appointment in reservation.appointments.all()] == [1, 2]


@pytest.mark.parametrize("run", [race, race_in_processes])
def test_of_200_people_exactly_10_get_the_10_seats(
    run: Race, make_pair: MakePair, make_people: MakePeople, now: datetime
) -> None:
    first, second = make_pair(capacity=SEATS)
    outcomes = run(*holds(make_people(PEOPLE), first, now))
    assert tally(outcomes) == {"Held": SEATS, "SlotFull": PEOPLE - SEATS}
    assert [Slot.objects.get(pk=slot.pk).booked for slot in (first, second)] == [SEATS, SEATS]
    nothing_is_half_or_wrong()


@pytest.mark.parametrize("run", [race, race_in_processes])
def test_control_twin_without_the_guard_the_same_slot_is_overbooked(
    run: Race, make_slot: Make, make_people: MakePeople
) -> None:
    """Read, decide, write: what `booking.hold` would be without its guarded update."""
    slot = make_slot(capacity=SEATS)
    outcomes = run(*[partial(_naive_hold, slot.pk)] * PEOPLE)
    slot.refresh_from_db()
    assert slot.booked <= SEATS  # the counter itself looks innocent
    assert outcomes.count(True) > SEATS  # but more people than seats were told they have one


def _naive_hold(slot_id: int) -> bool:
    with transaction.atomic():
        slot = Slot.objects.get(pk=slot_id)
        if slot.booked >= slot.capacity:
            return False
        time.sleep(0.001)  # what any work between the look and the grip is
        Slot.objects.filter(pk=slot_id).update(booked=slot.booked + 1)
    return True


@pytest.mark.parametrize("run", [race, race_in_processes])
def test_the_last_second_dose_goes_to_one_and_nobody_keeps_half(
    run: Race, make_slot: Make, make_people: MakePeople, now: datetime
) -> None:
    first, second = make_slot(1, capacity=PEOPLE), make_slot(22, for_doses="SECOND", capacity=1)
    outcomes = run(*holds(make_people(40), first, now))
    counts = tally(outcomes)
    assert counts.pop("Held") == 1
    # Who looked before the winner took it tries again and learns that there is none.
    assert set(counts) <= {"NoLaterSlot", "SlotFull"}
    assert [Slot.objects.get(pk=slot.pk).booked for slot in (first, second)] == [1, 1]
    nothing_is_half_or_wrong()


@pytest.mark.parametrize("is_second_first", [False, True])
def test_who_loses_the_second_seat_of_the_same_time_gets_the_next_one(
    make_slot: Make, make_people: MakePeople, now: datetime, is_second_first: bool
) -> None:
    """Also where the second-dose slots have the lower keys and are locked first."""
    first = None if is_second_first else make_slot(1, capacity=40)
    for minute in range(40):
        make_slot(22, f"09:{minute:02}", "SECOND", capacity=1)
    first = first or make_slot(1, capacity=40)
    outcomes = race(*holds(make_people(40), first, now))
    assert tally(outcomes) == {"Held": 40}
    nothing_is_half_or_wrong()


def test_a_double_click_in_two_tabs_makes_one_reservation(
    make_pair: MakePair, make_people: MakePeople, now: datetime
) -> None:
    first, _ = make_pair(capacity=SEATS)
    (person,) = make_people(1)
    outcomes = race(*holds([person] * 16, first, now))
    assert len({outcome.reservation_id for outcome in outcomes}) == 1
    assert Reservation.objects.count() == 1
    nothing_is_half_or_wrong()


def test_one_person_choosing_different_times_in_many_tabs_keeps_one(
    make_pair: MakePair, make_people: MakePeople, now: datetime
) -> None:
    slots = [make_pair(clock=f"{hour:02}:00")[0] for hour in range(9, 15)]
    (person,) = make_people(1)
    outcomes = race(*[holds([person], slot, now)[0] for slot in slots * 5])
    assert set(tally(outcomes)) == {"Held"}
    assert Reservation.objects.holding_seats().count() == 1
    nothing_is_half_or_wrong()


def test_people_who_swap_crossing_pairs_do_not_deadlock(
    make_pair: MakePair, make_people: MakePeople, now: datetime
) -> None:
    """Each gives a pair back and takes another one in the same transaction, in both directions."""
    pairs = [make_pair(day, capacity=8) for day in (1, 2, 3, 4)]
    slots = [pair[0] for pair in pairs]
    people = make_people(8)
    racers = []
    for turn in range(30):
        for number, person in enumerate(people):
            step = turn if number % 2 else -turn
            racers.extend(holds([person], slots[(number + step) % 4], now))
    outcomes = race(*racers)
    assert set(tally(outcomes)) == {"Held"}
    nothing_is_half_or_wrong()


def test_control_twin_taking_a_pair_in_the_order_of_doses_deadlocks(make_slot: Make) -> None:
    """Two updates in the order in which people think of them, not by rising key."""
    low, high = make_slot(1, "09:00", capacity=1000), make_slot(1, "10:00", capacity=1000)
    both_have_one = threading.Barrier(2, timeout=30)

    def take(one: Slot, other: Slot) -> None:
        with transaction.atomic():
            Slot.objects.filter(pk=one.pk).update(booked=F("booked") + 1)
            both_have_one.wait()
            Slot.objects.filter(pk=other.pk).update(booked=F("booked") + 1)

    outcomes = race(partial(take, low, high), partial(take, high, low))
    assert "OperationalError" in tally(outcomes)


def test_who_keeps_one_of_their_times_waits_for_nobody_who_books_it(
    make_slot: Make, make_people: MakePeople, now: datetime
) -> None:
    """Their appointments refer to that slot, which they do not lock: to wait for it at the end could close a ring."""
    one, other = make_slot(1, "09:00"), make_slot(1, "09:15")
    kept = make_slot(22, "09:00", "SECOND", capacity=2)
    (person,) = make_people(1)
    holds([person], one, now)[0]()

    def choose_the_other() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            holds([person], other, now)[0]()

    with transaction.atomic():
        Slot.objects.filter(pk=kept.pk).update(booked=F("booked") + 1)
        assert race(choose_the_other) == [None]
        transaction.set_rollback(True)
    nothing_is_half_or_wrong()


def test_who_waited_for_a_later_seat_in_vain_does_not_keep_its_slot_locked(
    make_slot: Make, make_people: MakePeople, now: datetime
) -> None:
    """They go on to a slot with a lower key: whoever has that one, and wants theirs, would close a ring with them."""
    first = make_slot(1, capacity=2)
    lower, wanted = make_slot(22, "09:15", "SECOND"), make_slot(22, "09:00", "SECOND")
    (person,) = make_people(1)
    is_taken, has_lower = threading.Event(), threading.Event()

    def take_what_is_wanted() -> None:
        with transaction.atomic():
            Slot.objects.filter(pk=wanted.pk).update(booked=1)
            is_taken.set()
            assert has_lower.wait(10)

    def go_from_the_lower_to_the_wanted() -> int:
        assert is_taken.wait(10)
        with transaction.atomic():
            Slot.objects.filter(pk=lower.pk).update(minutes=10)
            wait_until_somebody_waits()  # the person, for the seat that they want
            has_lower.set()
            time.sleep(0.2)  # they look again, and wait for the lower slot
            return Slot.objects.filter(pk=wanted.pk).update(minutes=10)

    def choose() -> booking.Held:
        assert is_taken.wait(10)
        return holds([person], first, now)[0]()

    outcomes = race(take_what_is_wanted, go_from_the_lower_to_the_wanted, choose)
    assert tally(outcomes) == {"NoneType": 1, "int": 1, "Held": 1}
    assert list(Appointment.objects.order_by("dose_number").values_list("slot", flat=True)) == [first.pk, lower.pk]


def test_hold_confirm_release_and_the_sweep_at_once_never_deadlock_nor_lose_a_seat(
    make_pair: MakePair, make_people: MakePeople, now: datetime
) -> None:
    slots = [make_pair(day, capacity=3)[0] for day in (1, 2, 3)]
    later = now + timedelta(hours=1)
    racers: list[Callable[[], Any]] = []
    for number, person in enumerate(make_people(24)):
        for turn in range(4):
            racers.append(partial(_hold_and_go_on, person, slots[(number + turn) % 3], now, number + turn))
            racers.append(partial(booking.release_expired, now=later))
    outcomes = race(*racers)
    assert set(tally(outcomes)) <= {
        *("str", "int", "bool"),
        *("SlotFull", "NoLaterSlot", "AlreadyReserved", "HoldExpired"),
    }
    booking.release_expired(now=later)
    assert set(Reservation.objects.holding_seats().values_list("state", flat=True)) <= {"CONFIRMED"}
    nothing_is_half_or_wrong()


def _hold_and_go_on(person: Invitation, slot: Slot, now: datetime, kind: int) -> Any:
    held = booking.hold(invitation_id=person.pk, slot_id=slot.pk, now=now)
    ids: Any = {"reservation_id": held.reservation_id, "registration_id": person.registration_id}
    if kind % 3 == 0:
        return booking.release(**ids)
    if kind % 3 == 1:
        booking.confirm(**ids, now=now)
    return "done"


def test_either_the_confirmation_or_the_sweep_wins(make_pair: MakePair, make_people: MakePeople, now: datetime) -> None:
    first, _ = make_pair(capacity=50)
    people = make_people(50)
    held = [racer() for racer in holds(people, first, now)]
    late = now + timedelta(minutes=11)
    confirms = [
        partial(booking.confirm, reservation_id=one.reservation_id, registration_id=person.registration_id, now=late)
        for one, person in zip(held, people, strict=True)
    ]
    sweeps = [partial(booking.release_expired, now=late)] * 6
    outcomes = race(*(confirms[:20] + sweeps[:3] + confirms[20:] + sweeps[3:]))
    counts = tally(outcomes)
    confirmed = Reservation.objects.filter(state="CONFIRMED").count()
    expired = Reservation.objects.filter(state="EXPIRED").count()
    assert (counts["NoneType"], counts["HoldExpired"]) == (confirmed, expired)
    assert confirmed + expired == 50
    assert Appointment.objects.count() == 100
    nothing_is_half_or_wrong()


def test_a_hold_and_the_loss_of_the_invitation_are_in_one_order(
    make_pair: MakePair, make_people: MakePeople, now: datetime
) -> None:
    """The registration's lock: nobody holds a seat with a PIN2 that was revoked before."""
    first, _ = make_pair(capacity=20)
    people = make_people(20)

    def revoke(person: Invitation) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM registration_registration WHERE id = %s FOR NO KEY UPDATE", [person.registration_id]
            )
            holding = Reservation.objects.holding_seats().filter(registration=person.registration_id)
            if holding.exists():
                return 0
            return Invitation.objects.filter(pk=person.pk).update(revoked_at=now)

    race(*(racer for person in people for racer in (holds([person], first, now)[0], partial(revoke, person))))
    for person in people:
        person.refresh_from_db()
        has_hold = Reservation.objects.holding_seats().filter(registration=person.registration_id).exists()
        assert has_hold == (person.revoked_at is None)
    nothing_is_half_or_wrong()


def test_of_many_who_want_a_series_of_three_as_many_get_it_as_there_are_third_doses(
    site: VaccinationSite, make_people: MakePeople, now: datetime
) -> None:
    """The seats of the later doses are single ones with keys in any order, so that people meet at each of them."""
    vaccine = Vaccine.objects.create(code="three", name="Three", doses=3)
    for number in (2, 3):
        vaccine.intervals.create(dose_number=number, valid_from=now.date(), min_days=20, ideal_days=21, max_days=30)
    for minute in range(0, 20, 2):
        make_slot(43, f"09:{minute:02}", "SECOND", site=site, vaccine=vaccine)
    first = make_slot(1, capacity=40, site=site, vaccine=vaccine)
    for minute in range(20):
        make_slot(22, f"09:{minute:02}", "SECOND", site=site, vaccine=vaccine)
    outcomes = tally(race(*holds(make_people(24), first, now)))
    assert outcomes.pop("Held") == 10
    assert set(outcomes) <= {"NoLaterSlot", "SlotFull"}
    assert check.wrong_counters() == []
    for reservation in Reservation.objects.holding_seats().prefetch_related("appointments"):
        assert [one.dose_number for one in reservation.appointments.all()] == [1, 2, 3]


def test_a_postponement_beside_a_hold_leaves_no_seat_before_its_day(
    make_pair: MakePair, make_people: MakePeople, now: datetime
) -> None:
    first, _ = make_pair(capacity=SEATS)
    people = make_people(7)
    postponed = [
        partial(postponing.postpone, registration_id=one.registration_id, ended_on=now.date(), now=now)
        for one in people
    ]
    race(*(racer for pair in zip(holds(people, first, now), postponed, strict=True) for racer in pair))
    assert not Reservation.objects.holding_seats().exists()
    assert Slot.objects.get(pk=first.pk).booked == 0


def test_control_twin_a_postponement_that_locks_nobody_leaves_a_hold_before_its_day(
    make_pair: MakePair, make_people: MakePeople, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = make_pair(capacity=SEATS)
    (person,) = make_people(1)
    monkeypatch.setattr(postponing, "_locked", lambda _registration: None)
    has_looked, is_held = threading.Event(), threading.Event()

    def postpone() -> None:
        with transaction.atomic():
            postponing.postpone(registration_id=person.registration_id, ended_on=now.date(), now=now)
            has_looked.set()  # for a hold, and it has not committed
            assert is_held.wait(20)

    def hold() -> None:
        assert has_looked.wait(20)
        holds([person], first, now)[0]()
        is_held.set()

    race(postpone, hold)
    assert Reservation.objects.holding_seats().exists()
