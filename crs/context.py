"""The context of every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """`is_local`: a run for trying things out; `inbox_is_open`: whether the local inbox may be linked.

    `staff_start_page` names the page to which staff come when they log in.
    """
    return {
        "is_local": settings.IS_LOCAL,
        "inbox_is_open": settings.INBOX_IS_OPEN,
        "staff_start_page": settings.LOGIN_REDIRECT_URL,
    }
