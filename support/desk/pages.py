"""The pages of the desk: in the frame of support, and letters may act as keys."""

from typing import Any

from django.http import HttpResponse

from crs.accounts.guards import StaffRequest
from support import pages
from support.desk import keyboard
from support.pages import LIST

__all__ = ("LIST", "show")


def show(request: StaffRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the desk; `acts` in its context are those of the user."""
    return pages.show(request, f"desk/{template}", {"keys_are_on": keyboard.are_on(request), **context})
