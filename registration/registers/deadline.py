"""Until when a mismatch is to be decided."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from crs.czech_holidays import is_holiday

WORKING_DAYS = 3
CLOSES = time(16)


def deadline(now: datetime) -> datetime:
    """The end of the third working day after the day of `now`, in Prague."""
    day, left = timezone.localtime(now).date(), WORKING_DAYS
    while left:
        day += timedelta(days=1)
        if day.weekday() < 5 and not is_holiday(day):
            left -= 1
    return timezone.make_aware(datetime.combine(day, CLOSES))
