"""A week of a site: how full each hour of each day is."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum

from logistics.models import VaccinationSite
from reservation.free_seats.fill import Fill
from reservation.models import Closure, Slot
from reservation.site_calendar import days
from reservation.site_calendar.days import DayNote

DAYS = 7


@dataclass(frozen=True)
class Hour:
    """The times of a day that begin in an hour; closed where all of them are."""

    fill: Fill
    is_closed: bool


@dataclass(frozen=True)
class WeekDay:
    """A day with an Hour, or None, for each of the week's hours."""

    day: date
    hours: tuple[Hour | None, ...]
    note: DayNote
    is_today: bool

    @property
    def fill(self) -> Fill:
        """How full the whole day is."""
        return sum((hour.fill for hour in self.hours if hour), Fill())

    @property
    def is_closed(self) -> bool:
        """Whether no time of the day can be booked because it is closed."""
        times = [hour for hour in self.hours if hour]
        return self.note.is_closed or (bool(times) and all(hour.is_closed for hour in times))


@dataclass(frozen=True)
class Week:
    """Seven days from Monday, and the hours in which any of them has times."""

    monday: date
    hours: tuple[int, ...]
    days: tuple[WeekDay, ...]
    closures: list[Closure]
    previous: date | None
    next: date | None

    @property
    def sunday(self) -> date:
        """The last day."""
        return self.monday + timedelta(days=DAYS - 1)

    @property
    def fill(self) -> Fill:
        """How full the whole week is."""
        return sum((one.fill for one in self.days), Fill())

    @property
    def is_closed(self) -> bool:
        """Whether every day that had times or is named by a closure is closed."""
        told = [one for one in self.days if one.is_closed or any(one.hours)]
        return bool(told) and all(one.is_closed for one in told)

    def by_hour(self) -> list[tuple[int, list[Hour | None]]]:
        """The rows of a table with the days side by side."""
        return [(hour, [one.hours[number] for one in self.days]) for number, hour in enumerate(self.hours)]


def week(site: VaccinationSite, day: date, *, today: date) -> Week:
    """The week in which `day` lies. Two queries."""
    monday = day - timedelta(days=day.weekday())
    sunday = monday + timedelta(days=DAYS - 1)
    closures = days.closures_of(site.pk, first=monday, last=sunday)
    found = _hours(site, monday, sunday)
    hours = tuple(range(min(hour for _day, hour in found), max(hour for _day, hour in found) + 1)) if found else ()
    dates = [monday + timedelta(days=number) for number in range(DAYS)]
    before, after = monday - timedelta(days=1), monday + timedelta(days=DAYS)
    return Week(
        monday=monday,
        hours=hours,
        days=tuple(
            WeekDay(one, tuple(found.get((one, hour)) for hour in hours), days.note_of(one, closures), one == today)
            for one in dates
        ),
        closures=closures,
        previous=monday - timedelta(days=DAYS) if days.is_shown(before) else None,
        next=after if days.is_shown(after) else None,
    )


def _hours(site: VaccinationSite, monday: date, sunday: date) -> dict[tuple[date, int], Hour]:
    rows: Any = (
        Slot.objects.filter(site=site, day__range=(monday, sunday))
        .order_by()
        .values("day", hour=F("wall_time__hour"))
        .annotate(
            seats=Sum("capacity"), taken=Sum("booked"), times=Count("pk"), closed=Count("pk", filter=Q(is_closed=True))
        )
    )
    return {
        (row["day"], row["hour"]): Hour(Fill(row["seats"], row["taken"]), row["closed"] == row["times"])
        for row in rows
        if row["seats"] or row["closed"]
    }
