"""A month of a site: its weeks with the fill of each day, from the sums of days."""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any

from logistics.models import VaccinationSite
from reservation.free_seats import fill
from reservation.free_seats.fill import Fill
from reservation.models import Closure
from reservation.site_calendar import days
from reservation.site_calendar.days import DayNote


@dataclass(frozen=True)
class MonthDay:
    """A day; `fill` is None where the site has no seats."""

    day: date
    fill: Fill | None
    note: DayNote
    is_today: bool


@dataclass(frozen=True)
class Month:
    """Weeks from Monday, in which a day of another month is None."""

    first: date
    weeks: tuple[tuple[MonthDay | None, ...], ...]
    closures: list[Closure]
    fill: Fill
    previous: date | None
    next: date | None

    @property
    def holidays(self) -> list[tuple[date, str]]:
        """The public holidays of the month."""
        return [(one.day, one.note.holiday) for week in self.weeks for one in week if one and one.note.holiday]


def month_of(text: str, today: date) -> date:
    """The first day of the month that an address names as `2027-01`, as far as calendars lead; else this one."""
    earliest, latest = days.first_month(today), days.last_month(today)
    try:
        wanted = date.fromisoformat(f"{text}-01")
    except ValueError:
        wanted = today.replace(day=1)
    return min(max(wanted, earliest), latest)


def month(site: VaccinationSite, first: date, *, today: date) -> Month:
    """The month that begins on `first`. Two queries, none of them over slots."""
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    closures = days.closures_of(site.pk, first=first, last=last)
    fills: Any = fill.of_days([site.pk], first=first, last=last).get(site.pk, {})

    def of(day: date) -> MonthDay | None:
        if day.month != first.month:
            return None
        return MonthDay(day, fills.get(day), days.note_of(day, closures), day == today)

    weeks = calendar.Calendar(calendar.MONDAY).monthdatescalendar(first.year, first.month)
    return Month(
        first=first,
        weeks=tuple(tuple(of(day) for day in week) for week in weeks),
        closures=closures,
        fill=sum(fills.values(), Fill()),
        previous=days.month_before(first) if first > days.first_month(today) else None,
        next=days.month_after(first) if first < days.last_month(today) else None,
    )
