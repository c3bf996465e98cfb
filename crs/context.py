"""The context of every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from crs import banners, languages


def portal(request: HttpRequest) -> dict[str, Any]:
    """`is_local`: a run for trying things out; `inbox_is_open`: whether the local inbox may be linked.

    `staff_start_page` names the page to which staff come when they log in; `page_address` stands on printed pages,
    without what was asked there and without the key of somebody's page. The banners are asked for by the template that
    shows them, so a page that shows none pays for none.
    """
    return {
        "is_local": settings.IS_LOCAL,
        "inbox_is_open": settings.INBOX_IS_OPEN,
        "staff_start_page": settings.LOGIN_REDIRECT_URL,
        "page_address": f"{settings.PUBLIC_URL}{_printed_path(request)}".partition("://")[2],
        "banners_for_citizens": banners.for_citizens,
        "banners_for_staff": banners.for_staff,
        "offered_languages": lambda: [(code, languages.own_name(code)) for code in languages.offered(request)],
    }


def _printed_path(request: HttpRequest) -> str:
    """The path of the page. Paper lies about, so of a page with somebody's key it is that of the page above the key."""
    match = request.resolver_match
    key = match.kwargs.get("key") if match else None
    return request.path.partition(f"/{key}/")[0] + "/" if key else request.path
