"""The geometry of the drawings of a week and of a day; templates write it down as SVG.

Widths are in per cent, so one drawing fills a telephone and a wide screen; heights are in pixels. Lengths are ready
strings: a template would write them with the decimal comma of the language, which SVG does not read.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from reservation.free_seats.fill import Fill
from reservation.site_calendar.day import Day
from reservation.site_calendar.week import DAYS, Week

# Of a week: the column of hours, the row of days, and a row of an hour.
_HOURS_WIDTH, _HEAD, _ROW, _GAP = 12.5, 26, 30, 3
# Of a day: the bars, and the line of hours below them.
_BARS, _FOOT = 140, 24
_MOST_TICKS = 6


@dataclass(frozen=True)
class Cell:
    """An hour of a day: its box, the booked part of it, and its numbers. A closed one has no booked part."""

    x: str
    y: str
    width: str
    height: str
    booked_width: str
    middle: str
    baseline: str
    fill: Fill
    is_closed: bool


@dataclass(frozen=True)
class WeekDrawing:
    """All cells, with the places of the days' and hours' names."""

    height: int
    cells: list[Cell]
    days: list[str]
    hours: list[tuple[str, int]]


@dataclass(frozen=True)
class Bar:
    """A time of a day: the box of its seats, and the booked part from below."""

    x: str
    width: str
    y: str
    height: str
    booked_y: str
    booked_height: str
    is_closed: bool


@dataclass(frozen=True)
class DayDrawing:
    """The bars of a day with the seats of the highest one, and some times named under them."""

    height: int
    foot: int
    bars: list[Bar]
    most: int
    ticks: list[tuple[str, datetime]]


def week_drawing(week: Week) -> WeekDrawing:
    """A box for each hour of each day that has times."""
    column = (100 - _HOURS_WIDTH) / DAYS
    cells = []
    for across, one in enumerate(week.days):
        x = _HOURS_WIDTH + across * column
        for down, hour in enumerate(one.hours):
            if hour is None:
                continue
            y, width = _HEAD + down * _ROW, column - 0.6
            cell = Cell(
                x=_percent(x),
                y=str(y),
                width=_percent(width),
                height=str(_ROW - _GAP),
                booked_width="0" if hour.is_closed else _percent(width * hour.fill.percent / 100),
                middle=_percent(x + width / 2),
                baseline=str(y + 19),
                fill=hour.fill,
                is_closed=hour.is_closed,
            )
            cells.append(cell)
    return WeekDrawing(
        height=_HEAD + len(week.hours) * _ROW,
        cells=cells,
        days=[_percent(_HOURS_WIDTH + (number + 0.5) * column) for number in range(DAYS)],
        hours=[(str(_HEAD + number * _ROW + 19), hour) for number, hour in enumerate(week.hours)],
    )


def day_drawing(day: Day) -> DayDrawing:
    """A bar for each time of the day."""
    most = max((time.fill.seats for time in day.times), default=0) or 1
    step = 100 / max(len(day.times), 1)
    bars = []
    for number, time in enumerate(day.times):
        height, booked = (_BARS * part / most for part in (time.fill.seats, time.fill.booked))
        bar = Bar(
            x=_percent(number * step + step * 0.1),
            width=_percent(step * 0.8),
            y=_pixels(_BARS - height),
            height=_pixels(height),
            booked_y=_pixels(_BARS - booked),
            booked_height=_pixels(booked),
            is_closed=time.is_closed,
        )
        bars.append(bar)
    return DayDrawing(_BARS + _FOOT, _BARS + _FOOT - 6, bars, most, _ticks(day, step))


def _ticks(day: Day, step: float) -> list[tuple[str, datetime]]:
    """Some whole hours, each with its place across."""
    starts = [timezone.localtime(time.starts_at) for time in day.times]
    whole = [(number, at) for number, at in enumerate(starts) if not at.minute]
    every = -(-len(whole) // _MOST_TICKS) or 1
    return [(_percent((number + 0.1) * step), at) for number, at in whole[::every]]


def _percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _pixels(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
