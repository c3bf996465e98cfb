"""Closing beside booking, generating and opening again, on real PostgreSQL; and the control twins without the guard."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from crs import advisory_locks
from crs.messaging.models import Message
from logistics.models import Role, VaccinationSite, Vaccine
from reservation.affected import affected
from reservation.closing import closing, finishing
from reservation.closing.closing import ClosureDraft
from reservation.models import AffectedAppointment, Appointment, Closure, Invitation, Reservation, Slot
from reservation.opening.generating import generate
from reservation.reserving import booking
from reservation.slots import check, fitting
from reservation.slots.generation import DayCapacity, generate_slots
from tests import factories
from tests.factories import NOW
from tests.race import race, tally
from tests.reservation.conftest import Make, MakePair

pytestmark = pytest.mark.django_db(transaction=True)

MakePeople = Callable[[int], list[Invitation]]
PEOPLE = 5


@pytest.fixture
def manager(site: VaccinationSite) -> User:
    return factories.make_staff(Role.MANAGER, site=site)


@pytest.fixture
def day(site: VaccinationSite) -> ClosureDraft:
    tomorrow = factories.at(NOW.date().replace(day=12), "00:00")
    return ClosureDraft(site, tomorrow, tomorrow.replace(day=13), "Porucha")


@pytest.fixture
def close(day: ClosureDraft, manager: User) -> Callable[[], Closure]:
    return partial(closing.close, draft=day, shown=None, by=manager, now=NOW)


def holds(people: list[Invitation], slot: Slot) -> list[booking.Held]:
    return [booking.hold(invitation_id=person.pk, slot_id=slot.pk, now=NOW) for person in people]


def confirms(people: list[Invitation], held: list[booking.Held]) -> list[Callable[[], None]]:
    return [
        partial(booking.confirm, reservation_id=one.reservation_id, registration_id=person.registration_id, now=NOW)
        for person, one in zip(people, held, strict=True)
    ]


def nobody_is_forgotten() -> None:
    """Whoever counts on a closed slot is handed over; closed slots have no room; every counter is right."""
    counting = Appointment.objects.filter(slot__is_closed=True, reservation__state=Reservation.State.CONFIRMED)
    assert set(counting.values_list("pk", flat=True)) == set(
        affected.open_at(NOW).values_list("appointment", flat=True)
    )
    told = Message.objects.filter(template="reservation/affected").values_list("reference", flat=True)
    assert sorted(told) == sorted({str(one.reservation_id) for one in counting})
    assert check.wrong_counters() == []


def test_whoever_confirms_while_the_site_closes_is_handed_over_or_refused(
    make_pair: MakePair, make_people: MakePeople, close: Callable[[], Closure]
) -> None:
    first, _second = make_pair(capacity=PEOPLE)
    people = make_people(PEOPLE)
    outcomes = race(close, *confirms(people, holds(people, first)))
    kinds = tally(outcomes)
    assert kinds.pop("Closure") == 1
    assert set(kinds) <= {"NoneType", "SlotClosed"}
    assert affected.open_at(NOW).count() == kinds["NoneType"]
    nobody_is_forgotten()


def test_whoever_has_looked_before_the_slots_were_closed_is_waited_for(
    make_pair: MakePair, make_people: MakePeople, close: Callable[[], Closure], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last moment: the person has seen an open slot, and confirms after it was closed."""
    with _looking_while_it_closes(monkeypatch) as slots_are_closed:
        wait = finishing._wait_for_those_who_confirm
        monkeypatch.setattr(finishing, "_wait_for_those_who_confirm", _after(slots_are_closed, wait))
        outcomes = _confirm_beside(close, make_pair, make_people)
    assert tally(outcomes) == {"Closure": 1, "NoneType": 1}
    assert affected.open_at(NOW).count() == 1
    nobody_is_forgotten()


def test_control_twin_a_closing_that_waits_for_nobody_forgets_the_person(
    make_pair: MakePair, make_people: MakePeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _looking_while_it_closes(monkeypatch) as slots_are_closed:

        def close() -> str:
            Slot.objects.filter(for_doses="FIRST").update(is_closed=True)
            booked = Appointment.objects.filter(
                slot__is_closed=True, reservation__state=Reservation.State.CONFIRMED
            ).values_list("pk", flat=True)
            affected.hand_over(appointment_ids=list(booked), cause=AffectedAppointment.Cause.HOURS, now=NOW)
            slots_are_closed.set()
            return "closed"

        outcomes = _confirm_beside(close, make_pair, make_people)
    assert tally(outcomes) == {"str": 1, "NoneType": 1}
    assert Slot.objects.get(for_doses="FIRST").is_closed
    assert Reservation.objects.get().state == Reservation.State.CONFIRMED
    assert not affected.open_at(NOW).exists()  # booked in a closed slot, and nobody knows


@contextmanager
def _looking_while_it_closes(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let whoever confirms look at the slots, and commit only after they were closed."""
    slots_are_closed, announce = threading.Event(), booking._announce

    def look_and_wait(reservation_id: UUID) -> None:
        announce(reservation_id)
        _looked.set()
        assert slots_are_closed.wait(20)

    _looked.clear()
    monkeypatch.setattr(booking, "_announce", look_and_wait)
    yield slots_are_closed


_looked = threading.Event()


def _after(event: threading.Event, part: Callable[[int], None]) -> Callable[[int], None]:
    def act(closure_id: int) -> None:
        event.set()
        part(closure_id)

    return act


def _confirm_beside(close: Callable[[], Any], make_pair: MakePair, make_people: MakePeople) -> list[Any]:
    first, _second = make_pair()
    people = make_people(1)
    (confirm,) = confirms(people, holds(people, first))

    def close_once_they_have_looked() -> Any:
        assert _looked.wait(20)
        return close()

    return race(confirm, close_once_they_have_looked)


def test_holds_beside_a_closing_take_a_seat_before_it_or_none(
    make_pair: MakePair, make_people: MakePeople, close: Callable[[], Closure]
) -> None:
    first, _second = make_pair(capacity=PEOPLE)
    people = make_people(PEOPLE)
    hold = [partial(booking.hold, invitation_id=person.pk, slot_id=first.pk, now=NOW) for person in people]
    kinds = tally(race(*hold, close))
    assert kinds.pop("Closure") == 1
    assert set(kinds) <= {"Held", "SlotClosed"}
    first.refresh_from_db()
    assert (first.is_closed, first.capacity, first.booked) == (True, kinds["Held"], kinds["Held"])
    nobody_is_forgotten()


def _generate_by_rules(site: VaccinationSite) -> Any:
    return generate(now=NOW, until=NOW.date() + timedelta(days=2))


def _import_capacity(site: VaccinationSite) -> Any:
    days = [
        DayCapacity(site.pk, NOW.date() + timedelta(days=ahead), "ANY", 40, time(8), time(16)) for ahead in range(3)
    ]
    return generate_slots(days=days, vaccine=Vaccine.objects.get(pk="comirnaty"))


@pytest.mark.parametrize("make", [_generate_by_rules, _import_capacity])
def test_a_generation_beside_a_closing_leaves_no_seat_open_in_it(
    site: VaccinationSite, day: ClosureDraft, close: Callable[[], Closure], make: Callable[[VaccinationSite], Any]
) -> None:
    factories.make_opening_rule(site)
    outcomes = race(partial(make, site), close)
    assert tally(outcomes) == {"GeneratedSlots": 1, "Closure": 1}
    of_day = Slot.objects.filter(starts_at__range=(day.starts_at, day.ends_at - timedelta(minutes=1)))
    assert not of_day.filter(is_closed=False, capacity__gt=0).exists()
    assert Slot.objects.filter(is_closed=False).exists()


@pytest.mark.parametrize(
    ("make", "module"), [(_generate_by_rules, "opening.generating"), (_import_capacity, "slots.generation")]
)
def test_control_twin_without_the_lock_of_the_calendar_a_generation_opens_the_closed_day(
    site: VaccinationSite,
    day: ClosureDraft,
    close: Callable[[], Closure],
    make: Callable[[VaccinationSite], Any],
    module: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.make_opening_rule(site)
    has_looked, is_closed, fit = threading.Event(), threading.Event(), fitting.fit

    def fit_and_wait(*arguments: Any, **named: Any) -> Any:
        done = fit(*arguments, **named)
        has_looked.set()
        assert is_closed.wait(20)
        return done

    def close_meanwhile() -> None:
        assert has_looked.wait(20)
        close()
        is_closed.set()

    monkeypatch.setattr(f"reservation.{module}.fit", fit_and_wait)
    monkeypatch.setattr(advisory_locks, "take", lambda *_: None)
    race(partial(make, site), close_meanwhile)
    of_day = Slot.objects.filter(starts_at__range=(day.starts_at, day.ends_at))
    assert of_day.filter(is_closed=False).exists()


def test_of_two_managers_one_closes_and_the_other_reads_that_it_is_closed(close: Callable[[], Closure]) -> None:
    assert tally(race(close, close)) == {"Closure": 1, "ClosureStands": 1}


def test_control_twin_without_the_lock_of_the_calendar_both_close(
    close: Callable[[], Closure], monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_looked, plan = threading.Barrier(2), closing.plan_closure

    def look_and_wait(*arguments: Any, **named: Any) -> Any:
        found = plan(*arguments, **named)
        both_have_looked.wait(20)
        return found

    monkeypatch.setattr(advisory_locks, "take", lambda *_: None)
    monkeypatch.setattr(closing, "plan_closure", look_and_wait)
    assert tally(race(close, close)) == {"Closure": 2}


def test_slots_that_open_again_while_people_book_lose_no_seat_and_give_none_twice(
    make_pair: MakePair, make_people: MakePeople, close: Callable[[], Closure], manager: User
) -> None:
    first, _second = make_pair(capacity=PEOPLE - 2, second=PEOPLE)
    people = make_people(PEOPLE)
    confirms(people[:1], holds(people[:1], first))[0]()
    closure = close()
    hold = [partial(booking.hold, invitation_id=person.pk, slot_id=first.pk, now=NOW) for person in people[1:]]
    kinds = tally(race(partial(closing.lift, closure_id=closure.pk, by=manager, now=NOW), *hold))
    assert kinds.pop("NoneType") == 1
    assert set(kinds) <= {"Held", "SlotClosed", "SlotFull"}
    first.refresh_from_db()
    assert (first.is_closed, first.capacity, first.booked) == (False, PEOPLE - 2, kinds["Held"] + 1)
    assert not affected.open_at(NOW).exists()
    assert check.wrong_counters() == []


def test_control_twin_a_slot_that_is_opened_by_what_was_read_loses_a_seat(
    make_pair: MakePair, make_people: MakePeople, close: Callable[[], Closure]
) -> None:
    first, _second = make_pair(capacity=2)
    people = make_people(1)
    (held,) = holds(people, first)
    close()
    is_read, is_left = threading.Event(), threading.Event()

    def open_again() -> None:
        slot = Slot.objects.get(pk=first.pk)
        is_read.set()
        assert is_left.wait(20)
        slot.is_closed, slot.capacity = False, slot.capacity_when_open or 0
        slot.save(update_fields=["is_closed", "capacity", "booked"])

    def leave() -> None:
        assert is_read.wait(20)
        booking.release(reservation_id=held.reservation_id, registration_id=people[0].registration_id)
        is_left.set()

    race(open_again, leave)
    assert [wrong.slot_id for wrong in check.wrong_counters()] == [first.pk]


def test_a_closure_that_is_lifted_while_the_task_still_closes_leaves_nothing_closed(
    site: VaccinationSite, make_slot: Make, close: Callable[[], Closure], manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "SLOTS", 1)
    for minute in range(8):
        make_slot(1, f"09:{minute:02}", "ANY", capacity=3)
    factories.make_reservation(site=site, day=1)
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "begin", lambda **_: None)
        closure = close()
    finish = partial(finishing.finish_all, now=NOW)
    outcomes = race(finish, finish, partial(closing.lift, closure_id=closure.pk, by=manager, now=NOW))
    assert not [one for one in outcomes if isinstance(one, Exception)]
    finish()
    assert not Slot.objects.filter(is_closed=True).exists()
    told = list(Message.objects.order_by("pk").values_list("template", flat=True))
    assert told in ([], ["reservation/affected", "reservation/kept"])
    assert not affected.open_at(NOW).exists()


def test_control_twin_a_part_that_does_not_lock_the_closure_closes_what_was_opened(
    make_slot: Make, close: Callable[[], Closure], manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = make_slot(1, capacity=3)
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "begin", lambda **_: None)
        closure = close()
    read = Closure.objects.get(pk=closure.pk)  # by a task that then stops for a moment
    closing.lift(closure_id=closure.pk, by=manager, now=NOW)
    with transaction.atomic():
        finishing._shut(read, NOW)
    slot.refresh_from_db()
    assert slot.is_closed
    assert not Closure.objects.standing().exists()
