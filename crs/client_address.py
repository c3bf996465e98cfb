"""Whose address a request came from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104


def of(request: HttpRequest) -> str:
    """The client's address: behind our own proxies the one that the outermost of them saw.

    With `TRUSTED_PROXIES` = n the n-th address from the right of X-Forwarded-For counts; what stands
    further left was written by the client and proves nothing.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES and len(hops) >= settings.TRUSTED_PROXIES:
        return _without_port(hops[-settings.TRUSTED_PROXIES])
    return _without_port(str(request.META.get("REMOTE_ADDR", "")))


def _without_port(written: str) -> str:
    """The bare address of `192.0.2.1:443` or `[2001:db8::1]:443`; `UNKNOWN` for what is none.

    All whose address nobody can read share one limit, which is better than an error page for each.
    """
    bare = written[1:].partition("]")[0] if written.startswith("[") else written
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return UNKNOWN
