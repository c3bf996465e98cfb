"""Lets staff with both factors in to their pages. Rooms above know the roles, and what each may do there."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeGuard

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request of a member of staff who gave the second factor."""

    user: User


def is_staff(user: User | AnonymousUser) -> TypeGuard[User]:
    """Whether it is an active staff account that gave its second factor in this session."""
    return user.is_authenticated and user.is_active and user.is_staff and user.is_verified()  # type: ignore[attr-defined]


def staff_only(
    view: Callable[Concatenate[StaffRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in staff with their second factor; others are asked to log in. No cache keeps the answer."""

    @never_cache
    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_staff(request.user):
            return ask_to_log_in(request)
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return wrapper


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """Lead to the log-in page, and from there back to this page."""
    response = redirect("accounts:log_in")
    if request.method == "GET":
        response.headers["Location"] += "?" + urlencode({"next": request.get_full_path()})
    return response
