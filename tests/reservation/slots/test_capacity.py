"""The places of a slot, set and moved by hand."""

import threading
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from time_machine import Traveller

from crs.errors import DomainError, FormChanged
from crs.sent_forms import Sending
from logistics.models import VaccinationSite, Vaccine
from reservation.errors import CapacityBelowBooked, SlotIsOver, TimeIsClosed, TooFewFreeSeats
from reservation.models import Closure, Slot
from reservation.slots.capacity import follow_rules, move_seats, set_capacity
from tests.factories import NOW, make_account, make_site
from tests.race import race, tally
from tests.reservation.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def closed_by(db: None) -> User:
    return make_account("vedouci")


def seats_of(*slots: Slot) -> list[tuple[int, int, bool]]:
    """Capacity, booked seats and whether it was set by hand, of each slot."""
    rows = {slot.pk: slot for slot in Slot.objects.filter(pk__in=[one.pk for one in slots])}
    return [(rows[one.pk].capacity, rows[one.pk].booked, rows[one.pk].is_by_hand) for one in slots]


def test_a_capacity_is_set_by_hand_down_to_the_booked_people_and_no_lower(make_slot: Make) -> None:
    slot = make_slot(capacity=9, booked=4)
    set_capacity(slot_id=slot.pk, capacity=4)
    with pytest.raises(CapacityBelowBooked):
        set_capacity(slot_id=slot.pk, capacity=3)
    assert seats_of(slot) == [(4, 4, True)]
    follow_rules(slot_id=slot.pk)
    assert seats_of(slot) == [(4, 4, False)]


def refuses(refusal: type[DomainError], slot: Slot, other: Slot) -> None:
    """Whatever is asked of the places of `slot` is refused and changes nothing."""
    before = seats_of(slot, other)
    for act in (
        partial(set_capacity, slot_id=slot.pk, capacity=7),
        partial(move_seats, source_id=slot.pk, target_id=other.pk, seats=1),
        partial(move_seats, source_id=other.pk, target_id=slot.pk, seats=1),
    ):
        with pytest.raises(refusal):
            act()
    assert seats_of(slot, other) == before


def test_the_places_of_a_day_that_is_over_stay(make_slot: Make) -> None:
    refuses(SlotIsOver, make_slot(-1, capacity=5, booked=2), make_slot(-1, "10:00", capacity=5))


def test_the_places_of_a_closed_time_stay_until_the_closure_is_lifted(
    make_slot: Make, site: VaccinationSite, closed_by: User
) -> None:
    slot, other = make_slot(capacity=5, booked=2, is_closed=True), make_slot(clock="10:00", capacity=5)
    ends_at = slot.starts_at + timedelta(minutes=15)
    closure = Closure.objects.create(
        site=site, starts_at=slot.starts_at, ends_at=ends_at, reason="New floor", made_by=closed_by
    )
    refuses(TimeIsClosed, slot, other)
    Closure.objects.filter(pk=closure.pk).update(lifted_at=NOW, lifted_by=closed_by)
    set_capacity(slot_id=slot.pk, capacity=7)
    assert seats_of(slot) == [(7, 2, True)]


def test_no_seats_move_into_a_time_that_no_rule_opens(make_slot: Make) -> None:
    source, target = make_slot(capacity=5), make_slot(clock="10:00", capacity=0, is_closed=True)
    with pytest.raises(TimeIsClosed):
        move_seats(source_id=source.pk, target_id=target.pk, seats=2)
    assert seats_of(source, target) == [(5, 0, False), (0, 0, False)]


def test_rules_decide_about_a_slot_again_at_once(
    make_slot: Make, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr("crs.queueing.send", lambda *task: sent.append(task))
    slot = make_slot(is_by_hand=True)
    with django_capture_on_commit_callbacks(execute=True):
        follow_rules(slot_id=slot.pk)
    assert sent == [("reservation.generate_slots", str(slot.site_id))]


def test_free_seats_move_and_booked_ones_do_not(make_slot: Make) -> None:
    source, target = make_slot(capacity=5, booked=3), make_slot(clock="10:00", for_doses="ANY", capacity=1, booked=1)
    move_seats(source_id=source.pk, target_id=target.pk, seats=2)
    with pytest.raises(TooFewFreeSeats):
        move_seats(source_id=source.pk, target_id=target.pk, seats=1)
    assert seats_of(source, target) == [(3, 3, True), (3, 1, True)]


def test_seats_stay_at_their_site_day_and_vaccine(make_slot: Make) -> None:
    source = make_slot(capacity=5)
    of_another_vaccine = make_slot(clock="10:00", vaccine=Vaccine.objects.get(pk="spikevax"))
    for other in (source, make_slot(day=2), make_slot(site=make_site()), of_another_vaccine):
        with pytest.raises(Slot.DoesNotExist):
            move_seats(source_id=source.pk, target_id=other.pk, seats=1)
    assert seats_of(source) == [(5, 0, False)]


def test_a_form_that_is_sent_twice_moves_once_and_a_changed_one_is_refused(make_slot: Make) -> None:
    source, target = make_slot(capacity=5), make_slot(clock="10:00", capacity=1)
    key = uuid4()
    for _ in range(2):
        move_seats(source_id=source.pk, target_id=target.pk, seats=2, form=Sending(key, "two"))
    with pytest.raises(FormChanged):
        move_seats(source_id=source.pk, target_id=target.pk, seats=3, form=Sending(key, "three"))
    assert seats_of(source, target) == [(3, 0, True), (3, 0, True)]


@pytest.mark.django_db(transaction=True)
def test_people_who_move_seats_to_and_fro_at_once_lose_none_and_wait_in_no_ring(
    clock: Traveller, make_slot: Make
) -> None:
    one, other = make_slot(capacity=6), make_slot(clock="10:00", capacity=6)
    there = partial(move_seats, source_id=one.pk, target_id=other.pk, seats=3)
    back = partial(move_seats, source_id=other.pk, target_id=one.pk, seats=3)
    outcomes = race(*[there, back] * 3)
    assert set(tally(outcomes)) <= {"NoneType", "TooFewFreeSeats"}
    assert sum(capacity for capacity, _booked, _by_hand in seats_of(one, other)) == 12


@pytest.mark.django_db(transaction=True)
def test_control_twin_that_looks_without_the_lock_moves_seats_that_are_not_there(
    clock: Traveller, make_slot: Make
) -> None:
    one, other = make_slot(capacity=3), make_slot(clock="10:00", capacity=0)
    both_have_looked = threading.Barrier(2, timeout=30)

    def move() -> str:
        try:
            with transaction.atomic():
                seen = Slot.objects.get(pk=one.pk)
                if seen.capacity - seen.booked < 3:
                    return "refused"
                both_have_looked.wait()
                Slot.objects.filter(pk=one.pk).update(capacity=F("capacity") - 3)
                Slot.objects.filter(pk=other.pk).update(capacity=F("capacity") + 3)
        except IntegrityError:
            return "an error page"
        return "moved"

    assert sorted(race(move, move)) == ["an error page", "moved"]
