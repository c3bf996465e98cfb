"""Times that staff offer for a dose: by interval, postponement, age, and what the person has already."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from logistics.models import DoseInterval, DoseRule, VaccinationSite, Vaccine
from registration.models import Registration
from reservation.arranging import free_times
from reservation.arranging.free_times import FreeTime
from reservation.models import Postponement
from tests import factories
from tests.factories import NOW
from tests.reservation.conftest import Make, Register

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
TimesFor = Callable[..., list[FreeTime]]


@pytest.fixture
def person(make_registration: Register) -> Registration:
    return make_registration()


@pytest.fixture
def times_for(site: VaccinationSite, vaccine: Vaccine, person: Registration) -> TimesFor:
    return partial(
        free_times.times_for,
        registration=person,
        site=site,
        vaccine=vaccine,
        dose_number=2,
        first_on=TODAY,
        now=NOW,
    )


def test_times_of_the_second_dose_keep_to_the_interval_and_mark_the_ideal_day(
    make_slot: Make, times_for: TimesFor, django_assert_max_num_queries: Any
) -> None:
    make_slot(20, for_doses="SECOND")
    make_slot(22, for_doses="FIRST")
    make_slot(22, "10:00", "SECOND", capacity=0)
    make_slot(43, for_doses="SECOND")
    inside = [make_slot(21, for_doses="ANY"), make_slot(22, for_doses="SECOND"), make_slot(42, for_doses="SECOND")]
    with django_assert_max_num_queries(3):
        times = times_for()
    assert [time.slot_id for time in times] == [slot.pk for slot in inside]
    assert [time.is_ideal_day for time in times] == [True, False, False]


def test_times_keep_to_the_interval_that_was_valid_on_the_day_of_the_dose_before(
    make_slot: Make, times_for: TimesFor, vaccine: Vaccine
) -> None:
    days = {"min_days": 60, "ideal_days": 60, "max_days": 70, "valid_from": TODAY}
    DoseInterval.objects.create(vaccine=vaccine, **days)
    slot = make_slot(10, for_doses="SECOND")
    assert [time.slot_id for time in times_for(first_on=TODAY - timedelta(days=30))] == [slot.pk]


def test_times_of_the_first_dose_begin_now(make_slot: Make, times_for: TimesFor) -> None:
    make_slot(0, "08:00")
    free = [make_slot(0, "10:00"), make_slot(1)]
    times = times_for(dose_number=1, first_on=date(2026, 1, 1))
    assert [time.slot_id for time in times] == [slot.pk for slot in free]


def test_a_second_dose_that_is_late_already_gets_the_next_times(make_slot: Make, times_for: TimesFor) -> None:
    slot = make_slot(3, for_doses="SECOND")
    times = times_for(first_on=TODAY - timedelta(days=100))
    assert [(time.slot_id, time.is_ideal_day) for time in times] == [(slot.pk, False)]


def test_a_third_dose_keeps_to_its_own_rule(make_slot: Make, times_for: TimesFor, vaccine: Vaccine) -> None:
    DoseRule.objects.filter(vaccine=vaccine, dose_number=3).delete()
    days = {"youngest_age": 18, "min_days": 90, "valid_from": TODAY}
    DoseRule.objects.create(vaccine=vaccine, dose_number=3, **days)
    make_slot(89, for_doses="SECOND")
    slot = make_slot(90, for_doses="ANY")
    assert [time.slot_id for time in times_for(dose_number=3)] == [slot.pk]


@pytest.mark.parametrize("dose_number", [1, 2])
def test_whoever_postponed_a_dose_gets_times_after_it_even_beyond_the_interval(
    make_slot: Make, times_for: TimesFor, person: Registration, dose_number: int
) -> None:
    until = TODAY + timedelta(days=50)
    for withdrawn_at in (NOW, None):
        Postponement.objects.create(
            registration=person, ended_on=TODAY, not_before=until, withdrawn_at=withdrawn_at, made_at=NOW
        )
        until += timedelta(days=1)
    make_slot(30, for_doses="ANY")
    make_slot(50, for_doses="ANY")
    after = make_slot(51, for_doses="ANY")
    assert [time.slot_id for time in times_for(dose_number=dose_number)] == [after.pk]


def test_times_serve_the_age_that_the_person_has_on_the_day(
    make_slot: Make, times_for: TimesFor, person: Registration, site: VaccinationSite
) -> None:
    birthday = TODAY + timedelta(days=25)
    person.person.birth_date = birthday.replace(year=birthday.year - 60)
    of_sixty = [make_slot(day, for_doses="ANY", youngest_age=60, oldest_age=64) for day in (24, 25)]
    for_all = make_slot(26, for_doses="ANY")
    assert [time.slot_id for time in times_for()] == [of_sixty[1].pk, for_all.pk]
    site.youngest_age = 65
    site.save()
    assert times_for() == []


def test_the_time_that_the_person_has_is_not_offered_as_another_one(
    times_for: TimesFor, person: Registration, site: VaccinationSite
) -> None:
    theirs = factories.make_reservation(person, site=site, day=1)
    others = factories.make_reservation(site=site, day=2)
    free = [one.slot_id for one in others.appointments.filter(dose_number=2)]
    assert [time.slot_id for time in times_for(first_on=TODAY + timedelta(days=1))] == free
    assert theirs.appointments.get(dose_number=2).slot.day == TODAY + timedelta(days=22)
