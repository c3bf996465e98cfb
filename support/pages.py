"""The frame of the pages of the desks: where one can go from there."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from crs.accounts.guards import StaffRequest
from logistics.staff import permissions

# In the session: the list from which somebody came, so that the way back leads there.
LIST = "support_list"


def show(request: StaffRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the desks; `acts` in its context are those of the user."""
    frame = {"acts": permissions.acts_of(request.user), "list_address": request.session.get(LIST, "")}
    return render(request, f"support/{template}", {**frame, **context})
