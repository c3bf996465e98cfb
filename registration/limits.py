"""How many PINs may be asked for: per telephone and per address, counted in Redis."""

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited


def may_send_pin(request: HttpRequest, *, phone: str) -> bool:
    """Count a request for a PIN; False if the address or the telephone has had its share.

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
    return not is_over
