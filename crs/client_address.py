"""Whose address a request came from."""

from django.conf import settings
from django.http import HttpRequest


def of(request: HttpRequest) -> str:
    """The client's address: behind our own proxies the one that the outermost of them saw.

    With `TRUSTED_PROXIES` = n the n-th address from the right of X-Forwarded-For counts; what stands
    further left was written by the client and proves nothing.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES and len(hops) >= settings.TRUSTED_PROXIES:
        return hops[-settings.TRUSTED_PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))
