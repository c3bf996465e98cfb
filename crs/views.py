"""The front page, the language switch, whom to tell about a hole, and what goes wrong."""

import sys
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults
from django.views.decorators.http import require_GET, require_POST

from crs import front_page, languages, outages
from crs.form_page import page_of_form
from crs.web import pages


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The front page: doors to register, to reserve and to what is registered; and what rooms say of today."""
    return render(request, "home.html", {"parts": front_page.shown()})


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Remember the chosen language on this device and go back to the page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    # Not `redirect()`, which takes a word without a slash for the name of a page and fails on it.
    response = HttpResponseRedirect(target)
    code = request.POST.get("language", "")
    if code in {known for known, _ in settings.LANGUAGES}:
        languages.remember(response, code)
    return response


@require_GET
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a hole (source: RFC 9116); there is none where `SECURITY_CONTACT` is not set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = timezone.now() + timedelta(days=180)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: cs, en",
        f"Canonical: {settings.PUBLIC_URL}{request.path}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read: 413 where it has too much of something, 400 for the rest."""
    is_too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return pages.answer(413 if is_too_much else 400, path=request.path)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from a page that is too old, or cookies switched off; in words, with a way on."""
    if not languages.is_for_staff(request.resolver_match):
        return render(request, "403_csrf.html", status=403)
    return render(request, "403_csrf_staff.html", {"page": page_of_form(request)}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 to an outage in a middleware, which `middleware.outages` never sees, and 500 to a fault of ours."""
    error = sys.exc_info()[1]
    if error and outages.is_outage(error):
        return outages.answer(request, error)
    if pages.is_for_programs(request.path):
        return pages.answer(500, path=request.path)
    return defaults.server_error(request)
