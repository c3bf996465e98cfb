"""How many PINs may be asked for: per telephone and per address, counted in Redis."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django_ratelimit.core import is_ratelimited


def stopped_until(request: HttpRequest, phone: str) -> datetime | None:
    """Count a request for a PIN; until when none can be sent, None if it can be sent now.

    The address comes first: one that is over its limit cannot use up the share of somebody's telephone.
    """
    is_over = is_ratelimited(
        request, group="pins-per-address", key="ip", rate=settings.PINS_PER_ADDRESS, increment=True
    ) or is_ratelimited(
        request,
        group="pins-per-phone",
        key=lambda _group, _request: phone,
        rate=settings.PINS_PER_PHONE,
        increment=True,
    )
    return timezone.now() + timedelta(minutes=15) if is_over else None
