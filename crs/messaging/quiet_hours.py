"""When a telephone may ring: an SMS that nobody waits for does not wake people."""

from datetime import datetime, timedelta

from django.utils import timezone

FIRST_HOUR, LAST_HOUR = 7, 21


def next_waking_time(now: datetime) -> datetime:
    """`now` if it is between 7:00 and 21:00 in Prague, else the next 7:00 there."""
    local = timezone.localtime(now)
    if FIRST_HOUR <= local.hour < LAST_HOUR:
        return now
    morning = local.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
    # By the clock on the wall, so also where the night has 23 or 25 hours.
    return morning if local.hour < FIRST_HOUR else morning + timedelta(days=1)
