"""Tells those who run the system that it needs somebody."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from crs.messaging import outbox
from crs.messaging.models import Message


def tell_operators(template: str, context: Mapping[str, object], *, now: datetime) -> None:
    """Write `template` to `ALARM_EMAIL`, if there is one; besides `context` it knows `at`, the time by our clocks."""
    if settings.ALARM_EMAIL:
        outbox.queue(
            channel=Message.Channel.EMAIL,
            recipient=settings.ALARM_EMAIL,
            template=template,
            language="en",
            context={**context, "at": timezone.localtime(now)},
        )
