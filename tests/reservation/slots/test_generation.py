"""GeneratedSlots slots: the arithmetic of windows, what a second run does, and what bookings forbid."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum
from hypothesis import given
from hypothesis import strategies as st

from crs import advisory_locks
from crs.advisory_locks import Lock
from logistics.models import VaccinationSite, Vaccine
from reservation.models import Slot
from reservation.slots.generation import DayCapacity, GeneratedSlots, generate_slots, spread, windows_of
from tests.factories import make_site

DAY = date(2027, 1, 18)
Ask = Callable[..., DayCapacity]


@pytest.fixture
def ask(site: VaccinationSite) -> Ask:
    def make(
        seats: int, *, for_doses: str = "FIRST", day: date = DAY, hours: tuple[str, str] = ("08:00", "16:00")
    ) -> DayCapacity:
        opens_at, closes_at = map(time.fromisoformat, hours)
        return DayCapacity(site.pk, day, for_doses, seats, opens_at, closes_at)

    return make


def counts(opening: GeneratedSlots) -> tuple[int, int, int, int]:
    return opening.created, opening.raised, opening.lowered, opening.unchanged


@given(seats=st.integers(0, 100_000), windows=st.integers(0, 100))
def test_seats_are_shared_out_exactly_and_evenly(seats: int, windows: int) -> None:
    shares = list(spread(seats, windows))
    assert sum(share for _, share in shares) == (seats if windows else 0)
    assert len({window for window, _ in shares}) == len(shares) == min(seats, windows)
    assert all(0 <= window < windows for window, _ in shares)
    if shares:
        sizes = [share for _, share in shares]
        assert min(sizes) > 0
        assert max(sizes) - min(sizes) <= 1


def test_fewer_seats_than_windows_are_spread_over_the_whole_day() -> None:
    assert list(spread(4, 32)) == [(0, 1), (8, 1), (16, 1), (24, 1)]


def test_the_last_window_ends_by_closing() -> None:
    windows = windows_of(DAY, time(8), time(9, 50), 15)
    assert (windows[0], windows[-1]) == (
        datetime(2027, 1, 18, 7, 0, tzinfo=UTC),
        datetime(2027, 1, 18, 8, 30, tzinfo=UTC),
    )
    assert len(windows) == 7


def test_the_wall_clock_stays_across_the_change_to_summer_time() -> None:
    assert windows_of(date(2027, 3, 27), time(8), time(9), 60) == (datetime(2027, 3, 27, 7, 0, tzinfo=UTC),)
    assert windows_of(date(2027, 3, 28), time(8), time(9), 60) == (datetime(2027, 3, 28, 6, 0, tzinfo=UTC),)


def test_an_hour_that_the_clock_jumps_over_has_no_windows() -> None:
    night = windows_of(date(2027, 3, 28), time(1), time(5), 60)
    assert night == tuple(datetime(2027, 3, 28, hour, 0, tzinfo=UTC) for hour in (0, 1, 2))  # 1:00, 3:00, 4:00


def test_a_day_gets_exactly_its_seats_within_the_opening_hours(ask: Ask, vaccine: Vaccine) -> None:
    opening = generate_slots(days=[ask(100), ask(50, for_doses="SECOND")], vaccine=vaccine)
    assert counts(opening) == (64, 0, 0, 0)
    assert opening.seats == {"FIRST": 100, "SECOND": 50}
    assert dict(Slot.objects.order_by().values_list("for_doses").annotate(Sum("capacity"))) == opening.seats
    times = set(Slot.objects.values_list("day", "wall_time"))
    assert {day for day, _ in times} == {DAY}
    assert (min(clock for _, clock in times), max(clock for _, clock in times)) == (time(8), time(15, 45))


def test_a_second_run_changes_nothing(ask: Ask, vaccine: Vaccine) -> None:
    generate_slots(days=[ask(7)], vaccine=vaccine)
    before = list(Slot.objects.values())
    assert counts(generate_slots(days=[ask(7)], vaccine=vaccine)) == (0, 0, 0, 7)
    assert list(Slot.objects.values()) == before


def test_capacity_follows_the_new_number_up_and_down(ask: Ask, vaccine: Vaccine) -> None:
    generate_slots(days=[ask(32)], vaccine=vaccine)
    assert counts(generate_slots(days=[ask(64)], vaccine=vaccine)) == (0, 32, 0, 0)
    assert counts(generate_slots(days=[ask(16)], vaccine=vaccine)) == (0, 0, 32, 0)
    assert Slot.objects.aggregate(Sum("capacity"))["capacity__sum"] == 16
    assert counts(generate_slots(days=[ask(0)], vaccine=vaccine)) == (0, 0, 16, 0)
    assert not Slot.objects.free().exists()


def test_capacity_never_goes_below_what_is_booked_and_that_is_told(
    ask: Ask, vaccine: Vaccine, site: VaccinationSite
) -> None:
    generate_slots(days=[ask(96)], vaccine=vaccine)
    Slot.objects.filter(wall_time=time(8)).update(booked=2)
    Slot.objects.filter(wall_time=time(8, 15)).update(booked=3)
    for _ in range(2):
        opening = generate_slots(days=[ask(1)], vaccine=vaccine)
        (over,) = opening.overfull
        assert (over.site_id, over.day, over.for_doses, over.people_over) == (site.pk, DAY, "FIRST", 4)
    kept = Slot.objects.exclude(capacity=0).values_list("wall_time", "capacity", "booked")
    assert set(kept) == {(time(8), 2, 2), (time(8, 15), 3, 3)}


def test_other_days_calendars_sites_and_vaccines_are_left_alone(
    ask: Ask, vaccine: Vaccine, one_dose_vaccine: Vaccine
) -> None:
    other_site = make_site("Nemocnice Tábor")
    others = [
        ask(5, for_doses="SECOND"),
        ask(5, day=date(2027, 1, 19)),
        DayCapacity(other_site.pk, DAY, "FIRST", 5, time(8), time(16)),
    ]
    generate_slots(days=others, vaccine=vaccine)
    generate_slots(days=[ask(5)], vaccine=one_dose_vaccine)
    before = list(Slot.objects.order_by("pk").values())
    assert counts(generate_slots(days=[ask(0)], vaccine=vaccine)) == (0, 0, 0, 0)
    assert list(Slot.objects.order_by("pk").values()) == before


def test_another_length_closes_the_windows_between(ask: Ask, vaccine: Vaccine) -> None:
    generate_slots(days=[ask(64)], vaccine=vaccine)
    generate_slots(days=[ask(64)], vaccine=vaccine, minutes=60)
    open_slots = Slot.objects.exclude(capacity=0)
    assert set(open_slots.values_list("minutes", "capacity")) == {(60, 8)}
    assert open_slots.count() == 8


def test_a_dry_run_counts_and_writes_nothing(ask: Ask, vaccine: Vaccine) -> None:
    assert counts(generate_slots(days=[ask(7)], vaccine=vaccine, is_dry_run=True)) == (7, 0, 0, 0)
    assert not Slot.objects.exists()


def test_many_days_go_batch_by_batch(ask: Ask, vaccine: Vaccine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reservation.slots.generation.BATCH", 40)
    heard: list[int] = []
    days = [ask(20, day=date(2027, 2, number)) for number in range(1, 8)]
    opening = generate_slots(days=days, vaccine=vaccine, progress=lambda done: heard.append(done.created))
    assert heard == [40, 80, 120, 140]
    assert opening.seats == {"FIRST": 140}


@pytest.mark.django_db(transaction=True)
def test_a_booking_in_the_middle_keeps_its_seat_when_capacity_is_lowered(ask: Ask, vaccine: Vaccine) -> None:
    generate_slots(days=[ask(64)], vaccine=vaccine)
    booked = Slot.objects.order_by("pk")[3]
    waiting = threading.Thread(target=_lower_to_nothing, args=(ask(0), vaccine))
    with transaction.atomic():
        Slot.objects.filter(pk=booked.pk).update(booked=F("booked") + 1)
        waiting.start()
        waiting.join(timeout=0.5)
        assert waiting.is_alive()  # it waits for the booking's lock
    waiting.join(timeout=20)
    assert not waiting.is_alive()
    assert list(Slot.objects.exclude(capacity=0).values_list("pk", "capacity", "booked")) == [(booked.pk, 1, 1)]


def _lower_to_nothing(asked: DayCapacity, vaccine: Vaccine) -> None:
    try:
        generate_slots(days=[asked], vaccine=vaccine)
    finally:
        connection.close()


def test_a_batch_waits_for_the_calendars_of_its_sites_by_rising_key(
    site: VaccinationSite, vaccine: Vaccine, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_site("Nemocnice Tábor")
    locks: list[tuple[object, ...]] = []
    monkeypatch.setattr(advisory_locks, "take", lambda *lock: locks.append(lock))
    both = [ask(1), ask(1, for_doses="SECOND"), replace(ask(1), site_id=other.pk)]
    for days in (both, both[::-1]):
        locks.clear()
        generate_slots(days=days, vaccine=vaccine)
        assert locks == [(Lock.CALENDAR_OF_A_SITE, key) for key in sorted((str(site.pk), str(other.pk)))]
