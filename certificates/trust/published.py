"""What is published for everybody's programs: open to every origin, kept by caches, and bound to no session.

These are the only addresses of CRS that pages of other sites may read (CORS): lists without personal data, which
verifiers in browsers need.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

View = Callable[..., HttpResponseBase]

METHODS = ("GET", "HEAD", "OPTIONS")
SECONDS_CACHED = 300
# The request headers of the EU's protocols; what is not named here a browser asks no other site for.
ASKED = "X-RESUME-TOKEN, X-VERSION, If-Modified-Since, If-None-Match, If-Match"
SHOWN = "X-RESUME-TOKEN, X-KID, X-SIGNATURE, ETag, Last-Modified"


def published(view: View) -> View:
    """Let anybody read what `view` answers, from any page, and caches keep it for five minutes."""

    @wraps(view)
    def open_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
            response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
            response.headers["Access-Control-Allow-Headers"] = ASKED
            response.headers["Access-Control-Max-Age"] = "86400"
        elif request.method not in METHODS:
            response = HttpResponseNotAllowed(METHODS)
        else:
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", f"public, max-age={SECONDS_CACHED}")
            response.headers["Access-Control-Expose-Headers"] = SHOWN
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return open_to_all


def plain(text: str, *, status: int = 200) -> HttpResponse:
    """Text for a program, or for who reads its log."""
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
