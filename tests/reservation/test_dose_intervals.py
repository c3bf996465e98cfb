"""Which days fit for a dose after the one before."""

from datetime import date, timedelta

import pytest

from logistics.models import DoseInterval, DoseRule, Vaccine
from reservation import dose_intervals
from reservation.dose_intervals import DueDays, Interval
from tests.factories import NOW

TODAY = NOW.date()
DAY = timedelta(days=1)
INTERVAL = Interval(21, 28, 42)


@pytest.mark.parametrize(("days", "fits"), [(20, False), (21, True), (42, True), (43, False)])
def test_a_dose_fits_from_the_shortest_to_the_longest_interval_seen_from_either_dose(days: int, fits: bool) -> None:
    later = TODAY + days * DAY
    assert (later in INTERVAL.after(TODAY)) is fits
    first, last = INTERVAL.before(later)
    assert (first <= TODAY <= last) is fits


def test_every_day_fits_where_no_rule_says_any() -> None:
    assert date.min in DueDays()
    assert date.max in DueDays()
    assert DueDays().from_day(TODAY) == (TODAY, None)


def test_days_that_have_passed_end_nothing_for_a_late_dose() -> None:
    due = INTERVAL.after(TODAY)
    first_on, last_on = TODAY + 21 * DAY, TODAY + 42 * DAY
    assert due.from_day(TODAY) == (first_on, last_on)
    assert due.from_day(last_on) == (last_on, last_on)
    assert due.from_day(last_on + DAY) == (last_on + DAY, None)


@pytest.mark.django_db
def test_a_dose_of_the_series_keeps_to_the_interval_and_a_booster_to_its_own_rule(vaccine: Vaccine) -> None:
    DoseRule.objects.filter(vaccine=vaccine).delete()
    assert dose_intervals.due_after(given_on=TODAY, vaccine=vaccine, dose_number=3) == DueDays()
    DoseRule.objects.create(vaccine=vaccine, dose_number=2, valid_from=TODAY, youngest_age=12, min_days=5)
    DoseRule.objects.create(vaccine=vaccine, dose_number=3, valid_from=TODAY, youngest_age=12, min_days=90)
    booster = dose_intervals.due_after(given_on=TODAY, vaccine=vaccine, dose_number=3)
    assert booster == DueDays(first_on=TODAY + 90 * DAY)
    second = dose_intervals.due_after(given_on=TODAY, vaccine=vaccine, dose_number=2)
    rule = DoseInterval.objects.valid_on(TODAY).get(vaccine=vaccine, dose_number=2)
    assert second == Interval.of(rule).after(TODAY)
