"""The frame of a site's pages: its name, where one can go, and what the user may do there."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from logistics.staff import permissions
from logistics.staff.guards import SiteRequest


def show(request: SiteRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page of the site; `acts` in its context are those of the user there."""
    frame = {"site": request.site, "acts": permissions.acts_at(request.user, request.site)}
    return render(request, f"vaccination/{template}", {**frame, **(context or {})}, status=status)
