"""What is published for everybody's programs: open to every origin, kept by caches, and bound to no session.

These are the only addresses of CRS that pages of other sites may read (CORS): lists without personal data, which
verifiers in browsers need, and how CRS works at present (`/stav.json`).
Their answers are for programs, errors too: never a page, never a cookie.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from certificates.hcert.moments import moment_in

View = Callable[..., HttpResponseBase]

METHODS = ("GET", "HEAD", "OPTIONS")
SECONDS_CACHED = 300
# The request headers of the EU's protocols; what is not named here a browser asks no other site for.
ASKED = "X-RESUME-TOKEN, X-VERSION, If-Modified-Since, If-None-Match, If-Match"
SHOWN = "X-RESUME-TOKEN, X-KID, ETag, Last-Modified, Retry-After"


def open_to_all(view: View) -> View:
    """Let anybody read what `view` answers, from any page, and caches keep it for five minutes."""

    # Nothing is written here, so a POST needs no token of a form to be told that there is none.
    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
            response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
            response.headers["Access-Control-Allow-Headers"] = ASKED
            response.headers["Access-Control-Max-Age"] = "86400"
        elif request.method not in METHODS:
            response = plain("This address is only read.\n", status=405)
            response.headers["Allow"] = ", ".join(METHODS)
        else:
            response = view(request, *args, **kwargs)
            lasts = f"public, max-age={SECONDS_CACHED}" if response.status_code < 400 else "no-store"
            response.headers.setdefault("Cache-Control", lasts)
            response.headers["Access-Control-Expose-Headers"] = SHOWN
        if response.status_code == 204:
            del response.headers["Content-Type"]
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return answer


def plain(text: str, *, status: int = 200) -> HttpResponse:
    """Text for a program, or for who reads its log."""
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


class NotAMoment(ValueError):
    """`If-Modified-Since` is no date."""

    def answer(self) -> HttpResponse:
        """Say how it is written: a reader who got everything instead would never learn of the mistake."""
        return plain("If-Modified-Since is no moment. It looks like this: 2021-06-01T00:00:00Z\n", status=400)


def asked_since(request: HttpRequest) -> datetime | None:
    """The moment of `If-Modified-Since`, as the EU's programs write it (ISO 8601) or as HTTP has it; None without one.

    Raises NotAMoment.
    """
    text = request.headers.get("If-Modified-Since", "").strip()
    if not text:
        return None
    moment = moment_in(text)
    if moment is None:
        raise NotAMoment
    return moment
