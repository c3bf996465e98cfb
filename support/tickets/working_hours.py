"""Working time of a level: its hours in Prague, with weekends, Czech holidays and the changes of summer time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crs.czech_holidays import is_holiday
from support.models import LevelRule

PRAGUE = ZoneInfo("Europe/Prague")
# A level that closes at this minute works until midnight.
LAST_MINUTE = time(23, 59)
# A clock that would end later than that ends then: nobody waits for it.
LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class Hours:
    """When a level works."""

    opens: time
    closes: time
    on_weekends: bool
    on_holidays: bool


def hours_of(rule: LevelRule) -> Hours:
    """The hours of the rule."""
    return Hours(rule.opens_at, rule.closes_at, rule.works_on_weekends, rule.works_on_holidays)


def working_time(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """The working time from `start` to `end`; none where `end` is not later."""
    spent = timedelta(0)
    for opens, closes in _shifts(hours, start, end):
        spent += closes - opens
    return spent


def end_of(hours: Hours, start: datetime, allowed: timedelta) -> datetime:
    """The first moment at which so much working time has passed since `start`."""
    if allowed <= timedelta(0):
        return start
    left, last = allowed, start + LONGEST
    for opens, closes in _shifts(hours, start, last):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    return last


def _shifts(hours: Hours, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when to when the level works between the two, in UTC, so that a day of 23 or 25 hours counts as it is."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    day = start.astimezone(PRAGUE).date()
    while (midnight := _moment(day, time.min)) < end:
        if _is_worked(hours, day):
            tomorrow = _moment(day + timedelta(days=1), time.min)
            closes = tomorrow if hours.closes >= LAST_MINUTE else _moment(day, hours.closes)
            opens, closes = max(_moment(day, hours.opens), start), min(closes, end)
            if opens < closes:
                yield opens, closes
        day = (midnight.astimezone(PRAGUE) + timedelta(days=1)).date()


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, PRAGUE).astimezone(UTC)


def _is_worked(hours: Hours, day: date) -> bool:
    if day.weekday() >= 5 and not hours.on_weekends:
        return False
    return hours.on_holidays or not is_holiday(day)
