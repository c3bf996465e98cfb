"""Until when a mismatch is to be decided."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays
from django.utils import timezone

WORKING_DAYS = 3
CLOSES = time(16)


def deadline(now: datetime) -> datetime:
    """The end of the third working day after the day of `now`, in Prague."""
    day, left = timezone.localtime(now).date(), WORKING_DAYS
    while left:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in _czech_holidays(day.year):
            left -= 1
    return timezone.make_aware(datetime.combine(day, CLOSES))


@lru_cache(maxsize=4)
def _czech_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("CZ", years=year))
