"""Rules changed and slots generated while people book, on real PostgreSQL; the twins show what the locks are for."""

import threading
import time as clock
from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.utils import IntegrityError

from crs import advisory_locks
from logistics.models import VaccinationSite
from reservation.models import AffectedAppointment, Appointment, Invitation, OpeningRule, Reservation, Slot
from reservation.opening import generating, plans, rules, staging
from reservation.opening.drafts import Draft, draft_of
from reservation.opening.errors import PeopleChanged
from reservation.opening.generating import generate
from reservation.reserving import booking
from reservation.slots import check, fitting
from tests.factories import NOW, make_invitation, make_opening_rule, make_reservation
from tests.race import race, tally

pytestmark = pytest.mark.django_db(transaction=True)

TOMORROW = NOW.date() + timedelta(days=1)
BOTH_DAYS = (TOMORROW, TOMORROW + timedelta(days=21))


@pytest.fixture
def rule(site: VaccinationSite, settings: Any) -> OpeningRule:
    """It opens tomorrow and three weeks later, eight intervals of ten seats."""
    settings.CALENDAR_DAYS_AHEAD = 22
    made = make_opening_rule(site, weekdays=(TOMORROW.weekday(),), seats=10, minutes=60)
    generate(now=NOW)
    return made


def until_noon(rule: OpeningRule) -> Draft:
    draft = draft_of(rule)
    hours = tuple(replace(span, closes_at=time(12)) for span in draft.hours)
    return replace(draft, valid_from=TOMORROW, hours=hours)


def book(invitation: Invitation, slot_id: int) -> Appointment:
    held = booking.hold(invitation_id=invitation.pk, slot_id=slot_id, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    return Appointment.objects.get(reservation=held.reservation_id, dose_number=1)


def test_whoever_books_while_the_hours_change_is_handed_over_or_finds_the_time_closed(
    site: VaccinationSite, rule: OpeningRule
) -> None:
    afternoon = list(Slot.objects.filter(day=TOMORROW, wall_time__gte=time(13)).values_list("pk", flat=True))
    people = [make_invitation() for _ in range(18)]
    racers: list[Callable[[], Any]] = [
        partial(book, person, afternoon[number % 3]) for number, person in enumerate(people)
    ]
    racers.insert(6, partial(_save_stubbornly, site, rule))
    outcomes = race(*racers)
    booked = [one for one in outcomes if isinstance(one, Appointment)]
    assert tally(outcomes).keys() <= {"int", "Appointment", "SlotFull", "SlotClosed", "NoSuchSlot"}
    assert any(isinstance(one, int) for one in outcomes)
    assert check.wrong_counters() == []
    late = Slot.objects.filter(day__in=BOTH_DAYS, wall_time__gte=time(12))
    assert not late.free().exists()
    assert set(late.values_list("is_closed", flat=True)) == {True}
    noted = set(AffectedAppointment.objects.values_list("appointment", flat=True))
    assert {one.pk for one in booked} <= noted


def _save_stubbornly(site: VaccinationSite, rule: OpeningRule) -> int:
    """As a manager who presses the button again where somebody was just booking."""
    while True:
        try:
            return rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW, hands_over=True)
        except PeopleChanged:
            clock.sleep(0.001)


def test_control_twin_without_the_locks_somebody_is_booked_in_a_closed_time_and_nobody_knows(
    rule: OpeningRule, monkeypatch: pytest.MonkeyPatch, site: VaccinationSite
) -> None:
    """Look first, lock later: what `save` would be if it asked about people before it has the slots."""
    slot = Slot.objects.get(day=TOMORROW, wall_time=time(14))
    person = make_invitation()
    looked = threading.Event()

    def meanwhile() -> None:
        looked.wait(timeout=20)
        try:
            book(person, slot.pk)
        finally:
            connection.close()

    booker = threading.Thread(target=meanwhile)
    booker.start()
    affected_ids, looks = plans.affected_ids, list[list[int]]()

    def look(*told: Any) -> list[int]:
        if not looks:
            looks.append(affected_ids(*told))
            looked.set()
            booker.join(timeout=20)
        return looks[0]

    monkeypatch.setattr("reservation.slots.fitting.lock_differing", lambda *_args: [])
    monkeypatch.setattr("reservation.opening.rules.affected_ids", look)
    rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW, hands_over=True)
    monkeypatch.undo()
    generate(now=NOW)
    slot.refresh_from_db()
    assert (slot.booked, slot.is_closed) == (1, True)
    assert not AffectedAppointment.objects.exists()


def test_a_change_of_hours_waits_for_whoever_is_moved_before_it_locks_slots(
    site: VaccinationSite, rule: OpeningRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_next, lock = threading.Event(), rules._locked

    def lock_in_order(appointment_ids: list[int]) -> set[int]:
        is_next.set()
        return lock(appointment_ids)

    monkeypatch.setattr(rules, "_locked", lock_in_order)
    assert tally(_save_beside_a_move(site, rule, is_next)) == {"str": 1, "int": 1}
    assert AffectedAppointment.objects.count() == 2


def test_control_twin_that_locks_slots_first_waits_in_a_ring(
    site: VaccinationSite, rule: OpeningRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_next, lock_differing = threading.Event(), fitting.lock_differing

    def lock_slots(*told: Any) -> Any:
        locked = lock_differing(*told)
        is_next.set()
        return locked

    monkeypatch.setattr(rules, "_locked", set)
    monkeypatch.setattr(fitting, "lock_differing", lock_slots)
    assert tally(_save_beside_a_move(site, rule, is_next))["OperationalError"] == 1


def _save_beside_a_move(site: VaccinationSite, rule: OpeningRule, is_next: threading.Event) -> list[Any]:
    """A desk has the reservation, and wants its slot once the other one begins to take locks."""
    reservation = make_reservation(site=site, day=1, clock="14:00")
    is_held = threading.Event()

    def move() -> str:
        with transaction.atomic():
            Reservation.objects.select_for_update(no_key=True).get(pk=reservation.pk)
            is_held.set()
            assert is_next.wait(20)
            Slot.objects.select_for_update(no_key=True).get(day=TOMORROW, wall_time=time(14))
        return "moved"

    def save() -> int:
        assert is_held.wait(20)
        return rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW, hands_over=True)

    return race(move, save)


def test_generation_beside_bookings_loses_nobody(site: VaccinationSite, rule: OpeningRule) -> None:
    OpeningRule.objects.update(seats=2)
    slots = list(Slot.objects.filter(day=TOMORROW).order_by("pk").values_list("pk", flat=True)[:3])
    people = [make_invitation() for _ in range(18)]
    racers = [partial(book, person, slots[number % 3]) for number, person in enumerate(people)]
    outcomes = race(*racers[:6], partial(generate, now=NOW), *racers[6:], partial(generate, now=NOW))
    assert set(tally(outcomes)) <= {"Appointment", "SlotFull", "NoLaterSlot", "GeneratedSlots"}
    assert check.wrong_counters() == []
    assert Reservation.objects.filter(state="CONFIRMED").count() == tally(outcomes)["Appointment"]
    generate(now=NOW)
    for slot in Slot.objects.filter(day__in=BOTH_DAYS):
        assert slot.capacity == max(2, slot.booked)


def test_control_twin_a_capacity_written_from_an_earlier_look_throws_the_booking_or_itself_out(
    rule: OpeningRule,
) -> None:
    slot = Slot.objects.filter(day=TOMORROW).first()
    assert slot is not None
    has_looked, is_booked = threading.Event(), threading.Event()

    def naive() -> None:
        with transaction.atomic():
            seen = Slot.objects.get(pk=slot.pk).booked
            has_looked.set()
            assert is_booked.wait(20)
            Slot.objects.filter(pk=slot.pk).update(capacity=max(0, seen))

    booked = partial(Slot.objects.filter(pk=slot.pk).free().update, booked=F("booked") + 1)

    def meanwhile() -> int:
        assert has_looked.wait(20)
        seats = booked()
        is_booked.set()
        return seats

    outcomes = race(naive, meanwhile)
    assert isinstance(outcomes[0], IntegrityError)


def test_two_generations_of_a_site_make_each_slot_once(site: VaccinationSite, settings: Any) -> None:
    settings.CALENDAR_DAYS_AHEAD = 2
    make_opening_rule(site, vaccine_id="janssen")
    outcomes = race(*[partial(generate, now=NOW)] * 4)
    assert sorted(one.created for one in outcomes)[:3] == [0, 0, 0]
    assert Slot.objects.count() == max(one.created for one in outcomes)


def test_control_twin_without_the_lock_a_generation_with_an_old_rule_undoes_the_new_one(
    site: VaccinationSite, rule: OpeningRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads the rules, somebody changes them, and it writes what it has read."""
    monkeypatch.setattr(advisory_locks, "take", lambda *_args: None)
    staged_rules, changed = staging.staged_rules, threading.Event()

    def slowly(*args: Any, **told: Any) -> Any:
        other = threading.Thread(target=_save_elsewhere, args=(site, rule))
        other.start()
        other.join(timeout=20)
        changed.set()
        return staged_rules(*args, **told)

    Slot.objects.filter(day=TOMORROW).update(capacity=5)  # something to write
    monkeypatch.setattr(generating, "staged_rules", slowly)
    generate(now=NOW)
    assert changed.is_set()
    assert Slot.objects.free().filter(day=TOMORROW, wall_time__gte=time(12)).exists()


def _save_elsewhere(site: VaccinationSite, rule: OpeningRule) -> None:
    try:
        rules.save(site, until_noon(rule), replaces=rule, by=None, now=NOW)
    finally:
        connection.close()


def test_with_the_lock_whoever_changes_the_rule_waits_for_the_generation(
    site: VaccinationSite, rule: OpeningRule
) -> None:
    saver = threading.Thread(target=_save_elsewhere, args=(site, rule))
    with transaction.atomic():
        generate(now=NOW)
        saver.start()
        saver.join(timeout=0.3)
        assert saver.is_alive()
    saver.join(timeout=20)
    assert not Slot.objects.free().filter(day=TOMORROW, wall_time__gte=time(12)).exists()


def test_what_a_killed_generation_left_the_next_one_completes(
    site: VaccinationSite, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CALENDAR_DAYS_AHEAD = 1
    for code in ("comirnaty", "janssen"):
        make_opening_rule(site, vaccine_id=code)
    make_reservation(site=site, day=1, clock="18:00")
    fit = fitting.fit
    done: list[fitting.Fitted] = []

    def dies(*args: Any) -> Any:
        if done:
            raise SystemExit
        done.append(fit(*args))
        return done[0]

    monkeypatch.setattr(generating, "fit", dies)
    with pytest.raises(SystemExit):
        generate(now=NOW)
    assert {*Slot.objects.free().values_list("vaccine", flat=True)} == {"comirnaty"}
    monkeypatch.setattr(generating, "fit", fit)
    again = generate(now=NOW)
    assert (again.created, again.unchanged) == (32 + 27, 32 + 27)
