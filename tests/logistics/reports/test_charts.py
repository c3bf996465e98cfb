"""The geometry of charts: round scales, bars that add up, names that stay inside."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.reports import charts
from logistics.reports.charts import Series

MONDAY = date(2021, 3, 1)


def days(count: int) -> list[date]:
    return [MONDAY + timedelta(days=number) for number in range(count)]


def number(length: str) -> float:
    return float(length.removesuffix("%"))


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 4), (3, 4), (5, 8), (9, 12), (10, 12), (13, 16), (99, 100), (101, 120), (999, 1000), (1001, 1200)],
)
def test_a_scale_ends_at_a_round_number(value: int, top: int) -> None:
    assert charts.ceiling(value) == top


@given(st.integers(min_value=1, max_value=10**9))
def test_a_scale_is_never_too_low_nor_much_too_high(value: int) -> None:
    top = charts.ceiling(value)
    assert value <= top <= max(4, 2 * value)
    assert top % charts.LINES == 0


def test_parts_of_a_bar_stand_on_each_other_from_the_floor() -> None:
    chart = charts.stacked_bars([Series("A", {MONDAY: 50}), Series("B", {MONDAY: 30})], days(1))
    (bar,) = chart.bars
    lower, upper = bar.segments
    assert (lower.name, upper.name, bar.amount) == ("A", "B", 80)
    assert number(lower.y) + number(lower.height) == charts.HEIGHT
    assert number(upper.y) + number(upper.height) == number(lower.y)
    assert [rule.amount for rule in chart.rules] == [0, 20, 40, 60, 80]
    assert number(upper.y) == charts.HEADROOM


def test_a_day_without_anything_keeps_its_place_empty() -> None:
    chart = charts.stacked_bars([Series("A", {MONDAY: 4})], days(7))
    assert [len(bar.segments) for bar in chart.bars] == [1, 0, 0, 0, 0, 0, 0]
    assert number(chart.bars[-1].x) + number(chart.bars[-1].width) <= 100


def test_many_days_become_weeks_and_lose_nothing() -> None:
    span = days(90)[2:]
    chart = charts.stacked_bars([Series("A", dict.fromkeys(span, 10))], span)
    assert chart.is_weekly
    assert sum(bar.amount for bar in chart.bars) == 10 * len(span)
    assert chart.bars[0].first == span[0]
    assert all(bar.first.weekday() == 0 for bar in chart.bars[1:])


@pytest.mark.parametrize("count", [1, 2, 3, 5, 30, 62, 63, 366])
def test_few_days_are_named_and_none_sticks_out(count: int) -> None:
    ticks = charts.stacked_bars([], days(count)).ticks
    assert 1 <= len(ticks) <= charts.TICKS
    assert len({tick.x for tick in ticks}) == len(ticks)
    if count > 1:
        assert (ticks[0].anchor, ticks[0].x) == ("start", "0%")
        assert (ticks[-1].anchor, ticks[-1].x) == ("end", "100%")


def test_no_days_make_an_empty_chart() -> None:
    chart = charts.stacked_bars([], [])
    assert (chart.bars, chart.ticks) == ([], [])


def test_shares_are_drawn_against_a_hundred_whatever_stands_beside_them() -> None:
    first, second, whole = charts.shares([("A", (1.0, 3.25)), ("B", (0.0, 0.0)), ("C", (60.0, 40.0))])
    assert first.parts == [("0%", "1%", 0), ("1%", "3.25%", 1)]
    assert second.parts == [("0%", "0%", 0), ("0%", "0%", 1)]
    assert whole.parts == [("0%", "60%", 0), ("60%", "40%", 1)]
    assert (first.percent, second.percent) == (4.25, 0)


def test_lengths_are_written_as_svg_reads_them_in_any_language() -> None:
    chart = charts.stacked_bars([Series("A", {MONDAY: 1})], days(3))
    assert chart.bars[1].x == "36.667%"
