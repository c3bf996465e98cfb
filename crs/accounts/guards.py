"""Lets staff with both factors in to their pages. Rooms above know the roles, and what each may do there."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeGuard

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from crs.form_page import page_of_form

P = ParamSpec("P")
# In the address of the log-in page: a form came after the session had ended.
UNSENT = "nezapsano"


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

    # What goes wrong before the view is asked is told in words for staff (`crs.views.csrf_failure`).
    wrapper.is_for_staff = True  # type: ignore[attr-defined]
    return wrapper


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """Lead to the log-in page, and from there back to this page; a form that was sent is lost, and the page says so."""
    response = redirect("accounts:log_in")
    if request.method in ("GET", "HEAD"):
        asked = {"next": request.get_full_path()}
    else:
        asked = {"next": page_of_form(request), UNSENT: "1"}
    response.headers["Location"] += "?" + urlencode(asked)
    return response
