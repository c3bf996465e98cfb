"""The slots that a rule wants of a day: shares, days off, changes of the clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs.czech_holidays import is_holiday
from reservation.opening.drafts import Draft, Span
from reservation.opening.windows import minutes_left, shared_out, wanted_slots
from reservation.slots.fitting import WantedSlot

SITE = uuid4()


def every_day(opens_at: str = "08:00", closes_at: str = "16:00", **fields: object) -> Draft:
    hours = tuple(Span(weekday, time.fromisoformat(opens_at), time.fromisoformat(closes_at)) for weekday in range(7))
    values = {"vaccine_id": "comirnaty", "valid_from": date(2021, 1, 1), "hours": hours, "seats": 4, "minutes": 60}
    return Draft(**(values | fields))  # type: ignore[arg-type]


def on(day: date, draft: Draft) -> list[WantedSlot]:
    return list(wanted_slots(draft, day, SITE))


def utc_hours(day: date, draft: Draft) -> list[int]:
    return [slot.starts_at.hour for slot in on(day, draft)]


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, ...]:
    first = draw(st.integers(0, 100))
    second = draw(st.integers(0, 100 - first))
    substitute = draw(st.integers(0, 100 - first - second))
    return first, second, 100 - first - second - substitute, substitute


@given(windows=st.integers(0, 60), seats=st.integers(1, 40), percents=shares())
def test_each_interval_has_its_seats_and_each_share_its_part_of_the_day(
    windows: int, seats: int, percents: tuple[int, ...]
) -> None:
    rows = shared_out(windows, seats, percents)
    assert [sum(row) for row in rows] == [seats] * windows
    for share, percent in enumerate(percents):
        of_the_day = [row[share] for row in rows]
        assert abs(sum(of_the_day) - windows * seats * percent / 100) < 1
        so_far = 0
        for window, got in enumerate(of_the_day, 1):
            so_far += got
            # Nearly as much as the share of the seats so far: it is spread over the whole day.
            assert abs(so_far - sum(of_the_day) * window / windows) < 2


def test_a_quarter_of_single_seats_falls_on_each_fourth_interval() -> None:
    rows = shared_out(8, 1, (25, 0, 75, 0))
    firsts = [window for window, row in enumerate(rows) if row[0]]
    assert len(firsts) == 2
    assert firsts[1] - firsts[0] == 4


def test_a_break_at_noon_and_minutes_that_do_not_divide_the_hours() -> None:
    monday = date(2027, 1, 11)
    spans = (Span(0, time(13), time(15)), Span(0, time(8), time(9, 50)))
    slots = on(monday, every_day(hours=spans, minutes=45, seats=1))
    clocks = [f"{slot.starts_at:%H:%M}" for slot in slots]
    assert clocks == ["07:00", "07:45", "12:00", "12:45"]  # UTC
    assert [minutes_left(span, 45) for span in spans] == [30, 20]


@pytest.mark.parametrize("day", [date(2021, 4, 2), date(2021, 4, 5), date(2024, 3, 29), date(2027, 3, 29)])
def test_easter_is_a_day_off_unless_the_rule_opens_it(day: date) -> None:
    assert is_holiday(day)
    assert on(day, every_day()) == []
    assert len(on(day, every_day(opens_on_holidays=True))) == 8


def test_a_leap_day_is_a_day_and_the_days_around_the_rule_are_not() -> None:
    draft = every_day(valid_from=date(2024, 2, 29), valid_until=date(2024, 2, 29))
    assert len(on(date(2024, 2, 29), draft)) == 8
    assert on(date(2024, 2, 28), draft) == on(date(2024, 3, 1), draft) == []


@pytest.mark.parametrize("spring", [date(2021, 3, 28), date(2027, 3, 28)])
def test_in_spring_the_hour_that_is_left_out_has_no_slots(spring: date) -> None:
    assert utc_hours(spring, every_day("00:00", "06:00")) == [23, 0, 1, 2, 3]
    assert utc_hours(spring, every_day("08:00", "10:00")) == [6, 7]
    # 1:15 to 2:45 lasts until 3:45 by the clock that jumped: nothing else begins before.
    night = on(spring, every_day("01:15", "06:00", minutes=90))
    assert [f"{slot.starts_at:%H:%M}" for slot in night] == ["00:15", "02:15"]


@pytest.mark.parametrize("autumn", [date(2021, 10, 31), date(2027, 10, 31)])
def test_in_autumn_the_hour_that_comes_twice_has_slots_once(autumn: date) -> None:
    night = on(autumn, every_day("01:00", "05:00"))
    assert [slot.starts_at.hour for slot in night] == [23, 0, 2, 3]
    assert utc_hours(autumn, every_day("08:00", "10:00")) == [7, 8]
    assert night[0].starts_at == datetime(autumn.year, 10, 30, 23, tzinfo=UTC)


def test_rules_collide_where_one_vaccine_would_open_twice_at_one_time() -> None:
    draft = every_day(valid_until=date(2021, 1, 31))
    children = replace(draft, hours=(Span(2, time(16), time(18)),), youngest_age=5, oldest_age=11)
    assert draft.meets(replace(draft, valid_from=date(2021, 1, 31), valid_until=None))
    assert not draft.meets(replace(draft, valid_from=date(2021, 2, 1), valid_until=None))
    assert not draft.meets(replace(draft, vaccine_id="janssen"))
    assert not draft.meets(children)
    assert draft.meets(replace(children, hours=(Span(2, time(15, 59), time(18)),))) == Span(2, time(15, 59), time(16))
