"""Generation by rules: what it makes, what it leaves alone, and that a second run changes nothing."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.models import F, Sum

from logistics.models import DoseInterval, VaccinationSite, Vaccine
from reservation import tasks
from reservation.models import Closure, Slot
from reservation.opening import generating
from reservation.opening.generating import generate
from reservation.slots import fitting
from reservation.slots.generation import GeneratedSlots
from tests.factories import NOW, at, make_account, make_opening_rule, make_reservation, make_site, make_slot

pytestmark = pytest.mark.django_db

MONDAY = NOW.date()
TUESDAY = MONDAY + timedelta(days=1)


def counts(done: GeneratedSlots) -> tuple[int, int, int, int]:
    return done.created, done.raised, done.lowered, done.unchanged


def seats_on(day: date, **filters: Any) -> dict[str, int]:
    slots = Slot.objects.filter(day=day, **filters).exclude(capacity=0).order_by()
    return dict(slots.values_list("for_doses").annotate(Sum("capacity")))


def close(site: VaccinationSite, starts_at: datetime, hours: int) -> Closure:
    ends_at = starts_at + timedelta(hours=hours)
    closure: Closure = Closure.objects.create(
        site=site, starts_at=starts_at, ends_at=ends_at, reason="porada", made_by=make_account("vedouci")
    )
    return closure


def test_the_days_ahead_get_their_slots_with_each_share_and_the_ages(site: VaccinationSite, settings: Any) -> None:
    settings.CALENDAR_DAYS_AHEAD = 3
    make_opening_rule(
        site, weekdays=(0, 1, 2), vaccine_id="janssen", first_percent=50, substitute_percent=10, youngest_age=60
    )
    done = generate(now=NOW)
    # Of Monday, at nine, the intervals that begin later: 27 of 32.
    assert sum(seats_on(MONDAY).values()) == 27 * 4
    assert seats_on(TUESDAY) == {"FIRST": 64, "ANY": 51, "SUBSTITUTE": 13}
    assert not seats_on(MONDAY + timedelta(days=3))
    assert seats_on(MONDAY + timedelta(days=7)) == {}
    assert set(Slot.objects.values_list("youngest_age", "oldest_age", "minutes")) == {(60, 150, 15)}
    assert done.created == Slot.objects.count()
    before = list(Slot.objects.order_by("pk").values())
    assert counts(generate(now=NOW)) == (0, 0, 0, done.created)
    assert list(Slot.objects.order_by("pk").values()) == before


def test_a_dry_run_counts_and_writes_nothing(site: VaccinationSite) -> None:
    make_opening_rule(site)
    assert generate(now=NOW, until=TUESDAY, is_dry_run=True).created == 32 + 27
    assert not Slot.objects.exists()


def test_slots_follow_a_rule_up_and_down_and_nobody_who_is_booked_loses_a_seat(site: VaccinationSite) -> None:
    rule = make_opening_rule(site, vaccine_id="janssen")
    generate(now=NOW, until=TUESDAY)
    Slot.objects.filter(day=TUESDAY, wall_time__in=(time(8), time(15))).update(booked=3)
    rule.hours.update(closes_at="12:00")
    type(rule).objects.update(seats=2)
    assert generate(now=NOW, until=TUESDAY).raised == 0
    slots = {slot.wall_time: slot for slot in Slot.objects.filter(day=TUESDAY)}
    assert (slots[time(8)].capacity, slots[time(8)].is_closed) == (3, False)
    assert (slots[time(9)].capacity, slots[time(9)].is_closed) == (2, False)
    assert (slots[time(15)].capacity, slots[time(15)].is_closed) == (3, True)
    # Whoever leaves a time that no rule opens takes the seat along; at eight they do not.
    Slot.objects.filter(pk__in=(slots[time(8)].pk, slots[time(15)].pk)).update(booked=F("booked") - 1)
    assert Slot.objects.get(pk=slots[time(15)].pk).capacity == 2
    rule.hours.update(closes_at="16:00")
    generate(now=NOW, until=TUESDAY)
    assert set(Slot.objects.filter(day=TUESDAY).values_list("capacity", "is_closed")) == {(2, False)}


def test_a_rule_touches_only_the_days_and_the_vaccine_that_it_covers(
    site: VaccinationSite, vaccine: Vaccine, one_dose_vaccine: Vaccine
) -> None:
    other_site = make_site("Nemocnice Tábor")
    alone = [
        make_slot(1, "20:00", vaccine=one_dose_vaccine, site=site),
        make_slot(3, "20:00", site=site),
        make_slot(1, "20:00", site=other_site),
        make_slot(1, "20:15", "ANY", 7, site=site, is_by_hand=True),
        make_slot(0, "08:45", site=site),  # it has begun
    ]
    covered = make_slot(1, "20:00", site=site)
    make_opening_rule(site, valid_until=TUESDAY)
    generate(now=NOW)
    assert [Slot.objects.get(pk=slot.pk).capacity for slot in alone] == [1, 1, 1, 7, 1]
    covered.refresh_from_db()
    assert (covered.capacity, covered.is_closed) == (0, True)


def test_a_slot_set_by_hand_stays_as_it_is(site: VaccinationSite) -> None:
    make_opening_rule(site, vaccine_id="janssen")
    generate(now=NOW, until=TUESDAY)
    Slot.objects.filter(day=TUESDAY, wall_time=time(9)).update(capacity=9, is_by_hand=True)
    before = list(Slot.objects.order_by("pk").values())
    assert counts(generate(now=NOW, until=TUESDAY)) == (0, 0, 0, 27 + 31)
    assert list(Slot.objects.order_by("pk").values()) == before


def test_a_closed_time_gets_no_slots_and_opens_again_when_the_closure_is_lifted(site: VaccinationSite) -> None:
    make_opening_rule(site, vaccine_id="janssen", minutes=60)
    closure = close(site, at(TUESDAY, "09:30"), 2)
    generate(now=NOW, until=TUESDAY)
    assert set(Slot.objects.filter(day=TUESDAY).values_list("wall_time", flat=True)) == {
        time(hour) for hour in (8, 12, 13, 14, 15)
    }
    Closure.objects.filter(pk=closure.pk).update(lifted_at=NOW, lifted_by=closure.made_by)
    assert counts(generate(now=NOW, until=TUESDAY)) == (3, 0, 0, 6 + 5)


def test_an_interval_that_reaches_into_a_closed_time_stays_closed(site: VaccinationSite) -> None:
    make_opening_rule(site, vaccine_id="janssen", minutes=60)
    generate(now=NOW, until=TUESDAY)
    closure = close(site, at(TUESDAY, "09:30"), 1)
    for _ in range(2):
        generate(now=NOW, until=TUESDAY)
        closed = Slot.objects.filter(is_closed=True).values_list("wall_time", "capacity", "capacity_when_open")
        assert set(closed) == {(time(9), 0, 4), (time(10), 0, 4)}
    Closure.objects.filter(pk=closure.pk).update(lifted_at=NOW, lifted_by=closure.made_by)
    assert generate(now=NOW, until=TUESDAY).raised == 2
    assert set(Slot.objects.values_list("capacity", "is_closed")) == {(4, False)}


def test_a_site_that_a_lock_holds_up_does_not_hold_up_the_others(
    site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_opening_rule(site, vaccine_id="janssen")
    make_opening_rule(make_site("Nemocnice Tábor"), vaccine_id="janssen")
    waiting, fit = [True], fitting.fit

    def fit_late(*told: Any) -> Any:
        if waiting:
            waiting.clear()
            raise OperationalError
        return fit(*told)

    monkeypatch.setattr(generating, "fit", fit_late)
    with pytest.raises(OperationalError):
        generate(now=NOW, until=TUESDAY)
    assert Slot.objects.values("site").distinct().count() == 1


def test_first_doses_are_opened_only_as_far_as_their_second_doses_fit(site: VaccinationSite, vaccine: Vaccine) -> None:
    DoseInterval.objects.filter(vaccine=vaccine).update(min_days=21, ideal_days=21, max_days=22)
    fields: dict[str, Any] = {"minutes": 60, "weekdays": (1,), "first_percent": 100}
    make_opening_rule(site, valid_until=TUESDAY, **fields)
    later = make_opening_rule(site, valid_from=TUESDAY + timedelta(days=21), **(fields | {"first_percent": 0}), seats=1)
    done = generate(now=NOW)
    assert (seats_on(TUESDAY), done.unpaired) == ({"FIRST": 8}, 24)
    # The morning stays open.
    first_two = Slot.objects.filter(day=TUESDAY, capacity__gt=0).order_by("starts_at")
    assert [slot.wall_time for slot in first_two] == [time(8), time(9)]
    assert generate(now=NOW).raised == 0
    type(later).objects.filter(pk=later.pk).update(seats=2)
    generate(now=NOW)
    assert seats_on(TUESDAY) == {"FIRST": 16}
    # Seats that somebody has are no more free for others, and what is booked stays.
    slot = Slot.objects.filter(day=TUESDAY + timedelta(days=21)).latest("pk")
    Slot.objects.filter(pk=slot.pk).update(booked=2)
    Slot.objects.filter(pk=first_two[0].pk).update(booked=1)
    generate(now=NOW)
    assert seats_on(TUESDAY) == {"FIRST": 1 + 14}
    DoseInterval.objects.filter(vaccine=vaccine).delete()
    generate(now=NOW)
    assert seats_on(TUESDAY) == {"FIRST": 1}


def test_seats_tied_to_stock_are_held_back_in_the_next_week_only(
    site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def held_back(site_id: Any, free: dict[tuple[str, date], int], *, now: datetime) -> dict[tuple[str, date], int]:
        asked.append(free)
        return {("janssen", TUESDAY): 30}

    monkeypatch.setattr("reservation.coverage.supply.held_back", held_back)
    make_opening_rule(site, vaccine_id="janssen", is_tied_to_stock=True, substitute_percent=25)
    assert generating.sites_with_tied_rules(now=NOW) == [site.pk]
    done = generate(now=NOW, until=TUESDAY)
    assert asked[0] == {("janssen", MONDAY): 81, ("janssen", TUESDAY): 96}
    assert (seats_on(TUESDAY), done.held_back) == ({"ANY": 66, "SUBSTITUTE": 32}, 30)
    again = generate(now=NOW, until=TUESDAY)
    assert asked[1] == asked[0]
    assert (again.created, again.raised, again.lowered) == (0, 0, 0)


def test_tied_seats_stay_closed_without_vaccine_however_many_come_at_other_times(site: VaccinationSite) -> None:
    make_opening_rule(site, "08:00-10:00", vaccine_id="janssen", minutes=60, seats=5, is_tied_to_stock=True)
    make_opening_rule(site, "12:00-14:00", vaccine_id="janssen", minutes=60, seats=10)
    by_hand = make_slot(1, "09:00", "ANY", 6, site=site, vaccine=Vaccine.objects.get(pk="janssen"), is_by_hand=True)
    generate(now=NOW, until=TUESDAY)
    afternoon = Slot.objects.filter(day=TUESDAY, wall_time__gte=time(12))
    Slot.objects.filter(pk__in=[by_hand.pk, *afternoon.values_list("pk", flat=True)]).update(booked=F("capacity"))
    tied = Slot.objects.filter(day=TUESDAY, wall_time=time(8))
    assert generate(now=NOW, until=TUESDAY).raised == 0
    assert not tied.free().exists()


def test_bookings_of_any_kind_survive_a_night_of_generation(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=1, clock="18:00")
    make_opening_rule(site)
    generate(now=NOW)
    for appointment in reservation.appointments.all():
        assert (appointment.slot.booked, appointment.slot.capacity, appointment.slot.is_closed) == (1, 1, True)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 28), [23, 0, 1, 2, 3]), (date(2027, 10, 31), [22, 23, 0, 2, 3, 4])]
)
def test_nights_of_the_changes_of_the_clock(site: VaccinationSite, day: date, hours: list[int]) -> None:
    make_opening_rule(site, "00:00-06:00", vaccine_id="janssen", valid_from=day, minutes=60)
    generate(now=at(day - timedelta(days=2), "12:00"), until=day)
    assert [slot.starts_at.hour for slot in Slot.objects.filter(day=day).order_by("starts_at")] == hours
    assert generate(now=at(day - timedelta(days=2), "12:00"), until=day).created == 0


@pytest.mark.usefixtures("clock")
def test_the_command_generates_by_rules_unless_it_is_given_files(
    site: VaccinationSite, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in (site, make_site("Nemocnice Tábor")):
        make_opening_rule(place, vaccine_id="janssen", minutes=60)
    for option in ("--dry-run", "--verbosity=1"):
        call_command("generate_slots", f"--site={site.pk}", "--until=2027-01-12", option)
        assert re.search(r"slots created +14\b", capsys.readouterr().out)
    assert set(Slot.objects.values_list("site", flat=True)) == {site.pk}
    for options in (["--until=2027-01-10"], ["--minutes=20"], ["--until=2027-02-01", "--from-capacity=x.csv"]):
        with pytest.raises(CommandError):
            call_command("generate_slots", *options)


@pytest.mark.usefixtures("clock")
def test_the_tasks_generate_one_site_all_of_them_or_the_week_of_those_tied_to_vaccine(
    site: VaccinationSite, settings: Any
) -> None:
    settings.CALENDAR_DAYS_AHEAD = 10
    tied = make_site("Nemocnice Tábor")
    make_opening_rule(site, vaccine_id="janssen", minutes=60)
    make_opening_rule(tied, vaccine_id="janssen", minutes=60, is_tied_to_stock=True)
    tasks.generate_slots(str(site.pk))
    assert set(Slot.objects.values_list("site", flat=True)) == {site.pk}
    make_opening_rule(site, "16:00-18:00", minutes=60)
    tasks.generate_tied_slots()
    assert not Slot.objects.filter(site=site, vaccine="comirnaty").exists()
    tasks.generate_slots()
    assert Slot.objects.filter(site=site, vaccine="comirnaty").exists()
