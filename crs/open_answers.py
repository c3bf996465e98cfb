"""What is published for everybody's programs: open to every origin, kept by caches, and bound to no session.

These are the only addresses of CRS that pages of other sites may read (CORS): lists without personal data, which
verifiers in browsers need, how CRS works at present (`/stav.json`), and what is free where
(`/volne-terminy/data.json`).
Their answers are for programs, errors too: never a page, never a cookie.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponseBase]

METHODS = ("GET", "HEAD", "OPTIONS")
SECONDS_CACHED = 300
# The request headers of the EU's protocols; what is not named here a browser asks no other site for.
ASKED = "X-RESUME-TOKEN, X-VERSION, If-Modified-Since, If-None-Match, If-Match"
SHOWN = "X-RESUME-TOKEN, X-KID, ETag, Last-Modified, Retry-After"


def open_to_all(view: View) -> View:
    """Let anybody read what `view` answers, from any page; caches keep it for five minutes, or as the view says."""

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

    return knows_methods(answer)


def knows_methods(view: View) -> View:
    """Mark a view for programs, which answers every method itself; of all others `crs.middleware` refuses most."""
    view.knows_methods = True  # type: ignore[attr-defined]
    return view


def plain(text: str, *, status: int = 200) -> HttpResponse:
    """Text for a program, or for who reads its log."""
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
