"""The frame of the desk's pages: where one can go from there, and whether letters act as keys."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from crs.accounts.guards import StaffRequest
from logistics.staff import permissions
from support.desk import keyboard

# In the session: the list from which somebody came, so that the way back leads there.
LIST = "support_list"


def show(request: StaffRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the desk; `acts` in its context are those of the user."""
    frame = {
        "acts": permissions.acts_of(request.user),
        "keys_are_on": keyboard.are_on(request),
        "list_address": request.session.get(LIST, ""),
    }
    return render(request, f"support/desk/{template}", {**frame, **context})
