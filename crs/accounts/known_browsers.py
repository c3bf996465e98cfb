"""The browsers in which an account passed both factors: its tries are counted there, not with its whole network.

A signed cookie holds a random name of the browser and a keyed hash of each such account. It opens nothing by itself.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from crs.keyed_hash import keyed_hash

COOKIE = "crs_staff_browser"
LASTS = timedelta(days=90)
# A ward shares a computer; with the latest so many the cookie has half a kilobyte.
MOST_ACCOUNTS = 20


def name_of(request: HttpRequest, whose: str | None = None) -> str | None:
    """The browser's name if the account counted as `whose` passed both factors in it, or any account if it is None."""
    name, accounts = _read(request)
    return name if accounts and (whose is None or _hash(whose) in accounts) else None


def remember(request: HttpRequest, response: HttpResponse, *, whose: str) -> HttpResponse:
    """`response` with the note that the account passed both factors in this browser."""
    name, accounts = _read(request)
    latest = [_hash(whose), *(account for account in accounts if account != _hash(whose))][:MOST_ACCOUNTS]
    response.set_signed_cookie(
        COOKIE,
        ".".join([name, *latest]),
        salt=COOKIE,
        max_age=LASTS,
        # Every page that counts tries by the browser lies below the start page of staff; a test holds that.
        path=resolve_url(settings.LOGIN_REDIRECT_URL),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    kept = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=LASTS) or ""
    name, *accounts = kept.split(".")
    return name or secrets.token_hex(8), accounts


def _hash(whose: str) -> str:
    return keyed_hash("staff-browser", whose)[:16]
