"""How long SMS with a PIN take at present, for the page on which people wait for one."""

from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Aggregate, DurationField, ExpressionWrapper, F, Min

from crs.messaging.models import Message

MEASURED = timedelta(minutes=15)
_KEY = "messaging:sms-delay"
_KEPT_SECONDS = 30
_NOTHING = -1.0


class _NinetiethPercentile(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.9) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def current_sms_delay(now: datetime) -> timedelta | None:
    """From asking for a PIN to the gateway having it: nine of ten people in the last 15 minutes waited no longer.

    If a PIN is waiting even longer than that right now, its age. None if nothing was sent and nothing
    waits. Measured at most every 30 seconds.
    """
    seconds = cache.get(_KEY)
    if seconds is None:
        measured = _measured(now)
        seconds = _NOTHING if measured is None else measured.total_seconds()
        cache.set(_KEY, seconds, _KEPT_SECONDS)
    return None if seconds < 0 else timedelta(seconds=seconds)


def _measured(now: datetime) -> timedelta | None:
    pins = Message.objects.filter(channel=Message.Channel.SMS, lane=Message.Lane.PIN)
    took: Any = ExpressionWrapper(F("sent_at") - F("created_at"), output_field=DurationField())
    sent: timedelta | None = pins.filter(sent_at__gt=now - MEASURED).aggregate(it=_NinetiethPercentile(took))["it"]
    oldest: datetime | None = pins.filter(state=Message.State.QUEUED).aggregate(it=Min("created_at"))["it"]
    waiting = None if oldest is None else max(now - oldest, timedelta(0))
    return max((each for each in (sent, waiting) if each is not None), default=None)
