"""The front page and the language switch."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from crs.web import pages


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The front page: two doors, to register and to reserve."""
    return render(request, "home.html")


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
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=not settings.IS_LOCAL,
        )
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What cannot be read: 413 where it is too much of something, 400 for the rest."""
    is_too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return pages.answer(413 if is_too_much else 400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from a page that is too old, or cookies switched off; in words, with a way on."""
    return render(request, "403_csrf.html", status=403)
