"""When a telephone may ring, and when people are asked to have answered: by day, by the clock on the wall in Prague."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from crs import czech_holidays

FIRST_HOUR, LAST_HOUR = 8, 20


def next_waking_time(now: datetime) -> datetime:
    """`now` if it is between 8:00 and 20:00 in Prague, else the next 8:00 there."""
    local = timezone.localtime(now)
    if FIRST_HOUR <= local.hour < LAST_HOUR:
        return now
    morning = local.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
    # By the clock on the wall, so also where the night has 23 or 25 hours.
    return morning if local.hour < FIRST_HOUR else morning + timedelta(days=1)


def is_waking_time(now: datetime) -> bool:
    """Whether a message with a deadline may go out."""
    return next_waking_time(now) == now


def evening_after(now: datetime, *, days: int) -> datetime:
    """20:00 of the day that is `days` after `now`, or of the next working day: no deadline ends on a day off.

    What is said at night is read in the morning, so its days begin there.
    """
    day = timezone.localdate(next_waking_time(now)) + timedelta(days=days)
    while not _is_working_day(day):
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(LAST_HOUR)))


def _is_working_day(day: date) -> bool:
    return day.isoweekday() <= 5 and not czech_holidays.is_holiday(day)
