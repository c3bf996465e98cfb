"""How long messages take at present: SMS with a PIN, for the page on which people wait for one, and e-mails."""

from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Aggregate, DurationField, ExpressionWrapper, F, Min, QuerySet

from crs.messaging.models import Message

MEASURED = timedelta(minutes=15)
_SMS_KEY = "messaging:sms-delay"
_EMAIL_KEY = "messaging:email-delay"
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
    return _current(_SMS_KEY, Message.objects.filter(channel=Message.Channel.SMS, lane=Message.Lane.PIN), now)


def current_email_delay(now: datetime) -> timedelta | None:
    """The same of e-mails that somebody waits for: all but those in bulk, which are sent when nothing else waits."""
    emails = Message.objects.filter(channel=Message.Channel.EMAIL, lane__lt=Message.Lane.BULK)
    return _current(_EMAIL_KEY, emails, now)


def _current(key: str, messages: QuerySet[Message], now: datetime) -> timedelta | None:
    seconds = cache.get(key)
    if seconds is None:
        measured = _measured(messages, now)
        seconds = _NOTHING if measured is None else measured.total_seconds()
        cache.set(key, seconds, _KEPT_SECONDS)
    return None if seconds < 0 else timedelta(seconds=seconds)


def _measured(messages: QuerySet[Message], now: datetime) -> timedelta | None:
    took: Any = ExpressionWrapper(F("sent_at") - F("created_at"), output_field=DurationField())
    sent: timedelta | None = messages.filter(sent_at__gt=now - MEASURED).aggregate(it=_NinetiethPercentile(took))["it"]
    oldest: datetime | None = messages.filter(state=Message.State.QUEUED).aggregate(it=Min("created_at"))["it"]
    waiting = None if oldest is None else max(now - oldest, timedelta(0))
    return max((each for each in (sent, waiting) if each is not None), default=None)
