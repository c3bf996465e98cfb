"""What a person reads while their paper is not ready: everybody wants one at once, or it takes too long."""

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from crs.paper.errors import PaperLate
from crs.web.threads import THREADS

P = ParamSpec("P")
Request = TypeVar("Request", bound=HttpRequest)
View = Callable[Concatenate[Request, P], HttpResponse]

# All threads of a web process but one may wait for papers; the last one serves the other pages and tells people that
# there is no place.
_places = BoundedSemaphore(THREADS - 1)
# In this time one paper gets ready (docs/performance.md weighs it).
SECONDS_FOR_A_PLACE = 0.1
SECONDS_TO_RETRY = 3


def prints(*, meanwhile: str | Promise = "") -> Callable[[View[Request, P]], View[Request, P]]:
    """For a view that answers with a paper: 503 and a kind page where the paper cannot be had at once.

    `meanwhile` says where else the person finds it.
    """

    def decorator(view: View[Request, P]) -> View[Request, P]:
        @wraps(view)
        def page(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not _places.acquire(timeout=SECONDS_FOR_A_PLACE):
                return _not_yet(request, meanwhile)
            try:
                return view(request, *args, **kwargs)
            except PaperLate:
                return _not_yet(request, meanwhile)
            finally:
                _places.release()

        return page

    return decorator


def _not_yet(request: HttpRequest, meanwhile: str | Promise) -> HttpResponse:
    response = render(request, "crs/paper_not_yet.html", {"meanwhile": meanwhile}, status=503)
    response["Retry-After"] = str(SECONDS_TO_RETRY)
    return response
