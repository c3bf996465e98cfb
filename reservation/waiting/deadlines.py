"""Until when an offered time is to be answered: long enough, by day, and well before the time itself."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from crs.messaging.quiet_hours import LAST_HOUR, is_waking_time

# Whoever gets the time after a 'no' must still be able to plan for it.
NOTICE = timedelta(hours=12)
# Less is no time to answer: such a time is offered to nobody.
SHORTEST = timedelta(hours=3)


def answer_by(starts_at: datetime, *, now: datetime) -> datetime | None:
    """Until when somebody who hears at `now` (by day) answers about a time at `starts_at`; None where it is too soon.

    `OFFER_HOURS` later by the clock on the wall; sooner where the time itself comes soon, and never at night.
    """
    told = timezone.localtime(now)
    wanted = told + timedelta(hours=settings.OFFER_HOURS)
    until = _by_day(min(wanted, timezone.localtime(starts_at - NOTICE)))
    return until if until - now >= SHORTEST else None


def _by_day(moment: datetime) -> datetime:
    """The moment, or where it lies at night the evening before."""
    if is_waking_time(moment):
        return moment
    day = moment.date() if moment.hour >= LAST_HOUR else moment.date() - timedelta(days=1)
    return datetime.combine(day, time(LAST_HOUR), tzinfo=moment.tzinfo)
