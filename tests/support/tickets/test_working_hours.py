"""Working time: weekends, Czech holidays, days of 23 and 25 hours, and what must hold for any hours."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from support.tickets.working_hours import PRAGUE, Hours, end_of, working_time

DAYTIME = Hours(time(8), time(16), on_weekends=False, on_holidays=False)
EVERY_DAY = Hours(time(7), time(19), on_weekends=True, on_holidays=True)
ALWAYS = Hours(time(0), time(23, 59), on_weekends=True, on_holidays=True)
NIGHTS = Hours(time(1), time(5), on_weekends=True, on_holidays=True)
HOUR = timedelta(hours=1)


def prague(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PRAGUE)


@pytest.mark.parametrize(
    ("hours", "start", "end", "spent"),
    [
        (DAYTIME, "2027-01-11 09:00", "2027-01-11 10:30", 1.5 * HOUR),
        (DAYTIME, "2027-01-11 06:00", "2027-01-11 20:00", 8 * HOUR),
        (DAYTIME, "2027-01-11 17:00", "2027-01-12 07:00", 0 * HOUR),
        # Friday to Monday
        (DAYTIME, "2027-01-08 15:00", "2027-01-11 09:00", 2 * HOUR),
        (EVERY_DAY, "2027-01-08 18:00", "2027-01-11 08:00", 26 * HOUR),
        # Good Friday and Easter Monday of 2027
        (DAYTIME, "2027-03-25 15:00", "2027-03-30 09:00", 2 * HOUR),
        # Christmas Eve, a Friday
        (DAYTIME, "2027-12-23 15:00", "2027-12-27 09:00", 2 * HOUR),
        # summer time begins at two, ends at three
        (ALWAYS, "2027-03-28 00:00", "2027-03-29 00:00", 23 * HOUR),
        (ALWAYS, "2027-10-31 00:00", "2027-11-01 00:00", 25 * HOUR),
        (NIGHTS, "2027-03-28 00:00", "2027-03-28 12:00", 3 * HOUR),
        (NIGHTS, "2027-10-31 00:00", "2027-10-31 12:00", 5 * HOUR),
        # backwards
        (DAYTIME, "2027-01-11 12:00", "2027-01-11 09:00", 0 * HOUR),
    ],
)
def test_only_hours_in_which_the_level_works_count(hours: Hours, start: str, end: str, spent: timedelta) -> None:
    assert working_time(hours, prague(start), prague(end)) == spent


def test_a_clock_that_begins_on_friday_afternoon_ends_on_monday() -> None:
    assert end_of(DAYTIME, prague("2027-01-08 15:00"), 2 * HOUR) == prague("2027-01-11 09:00")
    assert end_of(DAYTIME, prague("2027-01-11 08:00"), 8 * HOUR) == prague("2027-01-11 16:00")


def test_a_clock_without_time_ends_at_once_and_one_of_centuries_ends_some_day() -> None:
    start = prague("2027-01-10 12:00")
    assert end_of(DAYTIME, start, timedelta(0)) == end_of(DAYTIME, start, -HOUR) == start
    assert end_of(DAYTIME, start, timedelta(days=100_000)) < prague("2038-01-01 00:00")


clocks = st.times(max_value=time(23, 59)).map(lambda one: one.replace(second=0, microsecond=0))
any_hours = (
    st.tuples(clocks, clocks, st.booleans(), st.booleans())
    .filter(lambda parts: parts[0] < parts[1])
    .map(lambda parts: Hours(*parts))
)
years = st.timedeltas(timedelta(0), timedelta(days=1460))
moments = years.map(lambda one: datetime(2026, 1, 1, tzinfo=UTC) + one)
spans = st.timedeltas(timedelta(0), timedelta(days=40))


@settings(max_examples=60, deadline=None)
@given(any_hours, moments, spans, spans)
def test_working_time_adds_up_and_is_never_negative(
    hours: Hours, start: datetime, one: timedelta, other: timedelta
) -> None:
    middle, end = start + one, start + one + other
    first, second = working_time(hours, start, middle), working_time(hours, middle, end)
    assert timedelta(0) <= first <= one
    assert working_time(hours, start, end) == first + second


@settings(max_examples=60, deadline=None)
@given(any_hours, moments, st.timedeltas(timedelta(minutes=1), timedelta(hours=60)))
def test_the_end_of_a_clock_is_the_first_moment_at_which_its_time_is_spent(
    hours: Hours, start: datetime, allowed: timedelta
) -> None:
    assume(datetime.combine(date(2027, 1, 4), hours.closes) - datetime.combine(date(2027, 1, 4), hours.opens) >= HOUR)
    end = end_of(hours, start, allowed)
    assert working_time(hours, start, end) == allowed
    assert working_time(hours, start, end - timedelta(microseconds=1)) < allowed
