"""What a member of staff reads where a page is shut to them. A room that knows roles says who may open it.

refusals.set_openers(who_may_open)  # in AppConfig.ready
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from crs.accounts.guards import is_staff

# The names of the roles that open the page of a request; none where that is not known.
Openers = Callable[[HttpRequest], list[str]]

_openers: list[Openers] = []


def set_openers(openers: Openers) -> None:
    """Let `openers` say which roles open a page."""
    _openers[:] = [openers]


def roles_that_open(request: HttpRequest) -> list[str]:
    """The names of the roles that open the page of the request."""
    return [role for openers in _openers for role in openers(request)]


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page that is shut to who asks. Line 1221 is for citizens: staff read which role opens it and whom they ask."""
    if not is_staff(request.user):
        return defaults.permission_denied(request, exception)
    return render(request, "accounts/shut.html", {"openers": roles_that_open(request)}, status=403)
