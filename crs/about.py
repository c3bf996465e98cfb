"""Pages about the portal: how data of people are treated, how accessible it is, who runs it."""

from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

# When the accessibility of the pages was last gone through by hand; the texts of the statement are those of that day.
LOOKED_AT_ON = date(2026, 11, 27)


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, why, how long, and how to withdraw the consent (GDPR, articles 13 and 14)."""
    return render(request, "crs/about/privacy.html")


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement (source: the model of Commission Implementing Decision (EU) 2018/1523)."""
    context = {"looked_at_on": LOOKED_AT_ON, "portal_name": urlsplit(settings.PUBLIC_URL).netloc}
    return render(request, "crs/about/accessibility.html", context)


@require_GET
def who_runs_it(request: HttpRequest) -> HttpResponse:
    """The operator and all ways to reach them."""
    return render(request, "crs/about/operator.html")
