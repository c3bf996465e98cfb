"""Whether a PIN may be sent now, and if not, from when: per address, then the caps on SMS."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage

from registration.telephones import sms_caps


def no_pin_until(request: HttpRequest, phone: str, *, now: datetime) -> datetime | None:
    """None if a PIN may be sent to `phone` (E.164), else the moment from which another try makes sense.

    Called in the transaction that then writes the PIN. The caps count the PINs written: a transaction that is
    rolled back was no PIN. The answer depends on what was sent, never on who is registered. Only the
    address's requests are counted in Valkey, at once, so that people of one address do not wait for each other
    (docs/adr/0017-who-is-who.md). The address comes first: one that is over its limit cannot use up the share of
    somebody's telephone.
    """
    usage = get_usage(request, group="pins-per-address", key="ip", rate=settings.PINS_PER_ADDRESS, increment=True)
    if usage and usage["should_limit"]:
        # Where Valkey cannot count, what is left of the window is told as -1.
        return now + timedelta(seconds=max(usage["time_left"], 60))
    return sms_caps.closed_until(phone=phone, now=now)
