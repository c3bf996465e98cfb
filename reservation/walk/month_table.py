"""A month as the table that the day page draws: Czech weeks, free seats, public holidays."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR

from crs import czech_holidays


@dataclass(frozen=True)
class Day:
    """One cell of the calendar."""

    date: date
    free: int
    is_today: bool
    holiday: str


@dataclass(frozen=True)
class Month:
    """One month: `weeks` start on Monday, a day of another month is None."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]
    previous: date | None
    next: date | None

    @property
    def holidays(self) -> list[Day]:
        """The public holidays of the month in their order."""
        return [day for week in self.weeks for day in week if day is not None and day.holiday]


def month_of(text: str) -> date | None:
    """The first day of a month written as `2027-01`; None for anything else."""
    year, _, month = text.partition("-")
    if not (year.isascii() and year.isdigit() and month.isascii() and month.isdigit()):
        return None
    try:
        return date(int(year), int(month), 1)
    except (ValueError, OverflowError):  # a year of thirty digits is no number for a date at all
        return None


def month_table(wanted: date | None, *, free: Mapping[date, int], today: date, language: str) -> Month:
    """The `wanted` month, or the one of the first free day.

    People can leaf from the current month to the last one with a free day; a `wanted` month before or after these
    becomes the nearest of them.
    """
    earliest = today.replace(day=1)
    latest = max([earliest, *(day.replace(day=1) for day in free)])
    chosen = (wanted or min(free, default=today)).replace(day=1)
    first = min(max(chosen, earliest), latest)
    return Month(
        first=first,
        weeks=_weeks(first, free=free, today=today, language=language),
        previous=_month_before(first) if first > earliest else None,
        next=_month_after(first) if first < latest else None,
    )


def weekdays() -> list[tuple[str, str]]:
    """The seven days from Monday in the language of the page: whole names and their abbreviations."""
    return [(str(WEEKDAYS[number]), str(WEEKDAYS_ABBR[number])) for number in range(7)]


def _weeks(first: date, *, free: Mapping[date, int], today: date, language: str) -> tuple[tuple[Day | None, ...], ...]:
    names = czech_holidays.names_in(first.year, language)
    weeks = calendar.Calendar(calendar.MONDAY).monthdatescalendar(first.year, first.month)
    return tuple(
        tuple(
            Day(date=day, free=free.get(day, 0), is_today=day == today, holiday=names.get(day, ""))
            if day.month == first.month
            else None
            for day in week
        )
        for week in weeks
    )


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _month_after(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
