"""Who moves where: near, at the same site first, within interval and age, each seat counted once."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User

from logistics.models import DoseInterval, Region, VaccinationSite, Vaccine
from reservation.models import Closure, PlannedMove, Postponement, Replan, Slot
from reservation.postponing import intervals
from reservation.replanning import overview, planning, working
from tests import factories
from tests.factories import NOW
from tests.reservation.replanning.conftest import Start, fill

pytestmark = pytest.mark.django_db

Close = Callable[..., Closure]
Days = Callable[..., None]


def planned(replan: Replan) -> dict[tuple[str, int], tuple[int, str] | None]:
    """By person and dose: so many days after `NOW`, and when; None where no time was found."""
    moves = replan.moves.select_related("appointment__reservation__registration", "to_slot")
    return {
        (one.appointment.reservation.registration.number, one.appointment.dose_number): _place(one) for one in moves
    }


def _place(move: PlannedMove) -> tuple[int, str] | None:
    slot = move.to_slot
    return ((slot.day - NOW.date()).days, f"{slot.wall_time:%H:%M}") if slot else None


def firsts(replan: Replan) -> dict[str, tuple[int, str] | None]:
    """The first doses; a second one 21 days after the old first one cannot stay, and finds no time here."""
    return {number: place for (number, dose), place in planned(replan).items() if dose == 1}


def test_whoever_was_booked_on_a_closed_day_gets_the_nearest_time_and_the_soonest_booked_chooses_first(
    site: VaccinationSite, days_of: Days, close: Close, start: Start
) -> None:
    late = factories.make_reservation(site=site, day=4, clock="10:00").registration.number
    soon = factories.make_reservation(site=site, day=4, clock="08:00").registration.number
    days_of(5, clock="08:15")
    days_of(6, clock="10:15")
    days_of(1, clock="08:00", capacity=9)  # tomorrow is too soon to learn of it
    close(4)
    replan = start()
    assert replan.state == "PLANNED"
    assert firsts(replan) == {soon: (5, "08:15"), late: (6, "10:15")}


def test_a_time_at_the_same_hour_is_worth_a_day_and_the_same_weekday_another_one(
    site: VaccinationSite, days_of: Days, close: Close, start: Start
) -> None:
    number = factories.make_reservation(site=site, day=4, clock="08:00").registration.number
    days_of(5, clock="17:00")
    days_of(6, clock="08:00")
    close(4)
    assert firsts(start()) == {number: (6, "08:00")}


def test_where_the_site_has_no_time_soon_a_site_that_the_person_accepts_comes_before_waiting(
    site: VaccinationSite, days_of: Days, close: Close, start: Start
) -> None:
    other, unasked = factories.make_site("Jinde"), factories.make_site("Nikde")
    accepts = factories.make_registration(sites=(site, other))
    stays = factories.make_registration(sites=(site,))
    for one in (accepts, stays):
        factories.make_reservation(one, site=site, day=4)
    days_of(9, site=other)
    days_of(5, site=unasked, capacity=9)
    days_of(24, capacity=1)
    close(4)
    replan = start()
    found = planned(replan)
    assert found[accepts.number, 1] == (9, "09:00")
    # The second dose, of day 25, does not fit a day after the first one.
    assert (found[stays.number, 1], found[stays.number, 2]) == ((24, "09:00"), None)


def test_a_second_dose_that_does_not_fit_any_more_moves_along(
    site: VaccinationSite, days_of: Days, close: Close, start: Start
) -> None:
    number = factories.make_reservation(site=site, day=4, clock="09:00").registration.number
    days_of(10, 31, 33, doses="ANY")
    close(4)
    # 21 days after the new first dose, at the same time.
    assert planned(start()) == {(number, 1): (10, "09:00"), (number, 2): (31, "09:00")}


def test_an_interval_that_grows_from_21_to_42_days_moves_second_doses_only(
    site: VaccinationSite, days_of: Days, start: Start
) -> None:
    yesterday = NOW - timedelta(days=1)
    number = factories.make_reservation(site=site, day=2, created_at=yesterday).registration.number
    DoseInterval.objects.create(
        vaccine_id="comirnaty",
        dose_number=2,
        valid_from=NOW.date(),
        min_days=38,
        ideal_days=42,
        max_days=42,
        applies_to="ALL",
    )
    days_of(41, 43, 44, 45, doses="SECOND")
    assert intervals.hand_over_outside(NOW).counts == {("comirnaty", 2): 1}
    assert planned(start(cause="INTERVAL")) == {(number, 2): (44, "09:00")}


def test_a_late_delivery_moves_whole_days_behind_it(site: VaccinationSite, days_of: Days, start: Start) -> None:
    first, last = NOW.date() + timedelta(days=3), NOW.date() + timedelta(days=4)
    moved = factories.make_reservation(site=site, day=3).registration.number
    factories.make_reservation(site=site, day=5)
    days_of(4, clock="12:00", capacity=9)
    days_of(8, clock="12:00", capacity=9)
    replan = start("DAYS", site=site, first_day=first, last_day=last, not_before=NOW.date() + timedelta(days=8))
    assert firsts(replan) == {moved: (8, "12:00")}


def test_age_and_postponement_are_heeded(site: VaccinationSite, days_of: Days, close: Close, start: Start) -> None:
    child = factories.make_registration(birth_date=date(2015, 1, 20))  # twelve on day 9
    ill = factories.make_registration()
    for one in (child, ill):
        factories.make_reservation(one, site=site, day=10)
    Postponement.objects.create(registration=ill, ended_on=NOW.date(), not_before=NOW.date() + timedelta(days=12))
    days_of(8, 13, capacity=2)
    days_of(14, capacity=1)
    close(10)
    assert firsts(start()) == {child.number: (13, "09:00"), ill.number: (13, "09:00")}


def test_a_plan_goes_on_where_it_was_and_each_seat_is_counted_once(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        factories.make_reservation(site=site, day=4)
    factories.make_reservation(site=site, day=3)
    fill()
    days_of(5, capacity=2)
    days_of(6, capacity=2)
    close(4)
    monkeypatch.setattr(planning, "BATCH", 2)
    first = start()
    slots = [one.to_slot_id for one in first.moves.all() if one.to_slot_id]
    assert sorted(slots.count(slot) for slot in set(slots)) == [2, 2]
    assert first.moves.filter(appointment__dose_number=1, state="NO_TIME").count() == 1
    # Another plan finds people and seats taken, until the first one is given up.
    close(3)
    # The person without a time is looked for once more; after a dose without one nothing is planned.
    assert list(start().moves.values_list("state", flat=True)) == ["NO_TIME"] * 2
    planning.discard(replan_id=first.pk, by=first.made_by, now=NOW)
    first.refresh_from_db()
    assert (first.discarded_by, first.discarded_at) == (first.made_by, NOW)
    third = start()
    assert third.moves.filter(state="PLANNED").count() == 4


def test_of_another_region_vaccine_or_cause_nobody_moves(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, coordinator: User
) -> None:
    factories.make_reservation(site=site, day=4)
    days_of(3, capacity=1)  # the second dose stays
    closure = close(4)
    other = Closure.objects.create(
        site=site, reason="x", made_by=coordinator, starts_at=closure.starts_at, ends_at=closure.ends_at
    )
    prague, moravia = Region.objects.of_site(site.pk).get(), Region.objects.get(pk="CZ064")
    nobody = (
        {"region": moravia},
        {"vaccine": Vaccine.objects.get(pk="janssen")},
        {"cause": "INTERVAL"},
        {"closure": other},
    )
    counts = [start(**{"region": prague, **fields}).moves.count() for fields in nobody]
    assert counts == [0, 0, 0, 0]
    assert start(region=prague, closure=closure, cause="CLOSURE").moves.count() == 1


def test_the_interval_counts_from_the_day_on_which_the_dose_before_was_given(
    site: VaccinationSite, days_of: Days, close: Close, start: Start
) -> None:
    person = factories.make_registration(doses_received=1, last_dose_on=NOW.date() - timedelta(days=1))
    reservation = factories.make_reservation(person, site=site, day=-5)
    reservation.appointments.filter(dose_number=1).update(state="FULFILLED")
    fill()
    days_of(17, 20, 25, doses="SECOND")
    close(16)
    assert planned(start()) == {(person.number, 2): (20, "09:00")}


def test_two_who_come_together_get_one_slot_before_two_nearer_ones(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    party = uuid.uuid4()
    couple = [factories.make_reservation(site=site, day=10, party=party).registration.number for _ in range(2)]
    fill()
    days_of(11, 12)
    days_of(13, capacity=2)
    close(10)
    # A part does not end between them.
    monkeypatch.setattr(planning, "BATCH", 1)
    replan = start()
    assert firsts(replan) == dict.fromkeys(couple, (13, "09:00"))
    planning.discard(replan_id=replan.pk, by=replan.made_by, now=NOW)
    Slot.objects.filter(day=NOW.date() + timedelta(days=13)).update(capacity=0)
    assert sorted(firsts(start()).values()) == [(11, "09:00"), (12, "09:00")]  # type: ignore[type-var]


def test_two_whose_times_follow_each_other_get_one_slot_whoever_is_booked_between_them(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    party = uuid.uuid4()
    couple = [
        factories.make_reservation(site=site, day=10, clock=clock, party=party).registration.number
        for clock in ("09:00", "09:10")
    ]
    for _ in range(2):
        factories.make_reservation(site=site, day=10, clock="09:00")
    fill()
    days_of(11, capacity=2)
    days_of(11, clock="09:10", capacity=2)
    close(10)
    monkeypatch.setattr(planning, "BATCH", 1)
    places = firsts(start())
    assert len(places) == 4
    assert places[couple[0]] == places[couple[1]]


def test_a_plan_that_nobody_publishes_is_named_to_others_and_gives_its_people_back_after_three_days(
    site: VaccinationSite, days_of: Days, close: Close, start: Start
) -> None:
    factories.make_reservation(site=site, day=10)
    days_of(9)
    close(10)
    forgotten, other = start(), start()
    assert not other.moves.exists()
    assert overview.holders(other, now=NOW) == {forgotten: 1}
    working.work_all(now=NOW + timedelta(days=3))
    assert Replan.objects.get(pk=forgotten.pk).state == "PLANNED"
    working.work_all(now=NOW + timedelta(days=3, seconds=1))
    forgotten.refresh_from_db()
    assert (forgotten.state, forgotten.discarded_by) == ("DISCARDED", None)
    assert start().moves.count() == 1
