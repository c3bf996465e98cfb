"""Leads a person to a kind page while their paper is not ready: everybody wants one at once, or it takes too long."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from crs.pdf.errors import PaperLate
from crs.slow_work import SECONDS_TO_RETRY, NoPlace, place

P = ParamSpec("P")
Request = TypeVar("Request", bound=HttpRequest)
View = Callable[Concatenate[Request, P], HttpResponse]


def prints(*, meanwhile: str | Promise = "") -> Callable[[View[Request, P]], View[Request, P]]:
    """For a view that answers with a paper: 503 and a kind page where the paper cannot be had at once.

    `meanwhile` says where else the person finds it.
    """

    def decorator(view: View[Request, P]) -> View[Request, P]:
        @wraps(view)
        def page(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                with place():
                    return view(request, *args, **kwargs)
            except (NoPlace, PaperLate):
                return _not_yet(request, meanwhile)

        return page

    return decorator


def _not_yet(request: HttpRequest, meanwhile: str | Promise) -> HttpResponse:
    response = render(request, "crs/paper_not_yet.html", {"meanwhile": meanwhile}, status=503)
    response["Retry-After"] = str(SECONDS_TO_RETRY)
    return response
