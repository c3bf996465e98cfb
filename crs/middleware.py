"""What happens around every request."""

import logging
from collections.abc import Callable

import pghistory
from csp.constants import HEADER as CSP_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from psycopg_pool import PoolTimeout

from crs.errors import DomainError
from crs.probes import PROBES

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class DatabaseOutage:
    """A database that is away for a moment becomes a page that says so and lets the person try again."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 503 to what a lost connection or an exhausted pool raised; anything else is not ours."""
        if not isinstance(exception, OperationalError | InterfaceError | PoolTimeout):
            return None
        logger.error("The database is away: %s", exception)
        response = render(request, "503.html", status=503)
        response["Retry-After"] = "5"
        return response


def probes(get_response: GetResponse) -> GetResponse:
    """Answer load balancers first: they call by address, which is in no `ALLOWED_HOSTS`, and without TLS."""

    def middleware(request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return middleware


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Send `CONTENT_SECURITY_POLICY` with every answer.

    django-csp checks and spells the policy; its own middleware spells it again for each answer, which
    was a twentieth of the time of a reservation (docs/performance.md), and no page needs one of its own.
    """
    policy = build_policy()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers[CSP_HEADER] = policy
        return response

    return middleware


def language(get_response: GetResponse) -> GetResponse:
    """Czech unless the person chose another language on this device.

    The browser's own preference is not asked: the phones of many Czech seniors speak English to servers.
    """
    known = {code for code, _ in settings.LANGUAGES}

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in known else settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response

    return middleware


def staff_history(get_response: GetResponse) -> GetResponse:
    """What a member of staff changes is recorded in the history under their name.

    Citizens' requests pass untouched: their own operations tell the history what they do, and the
    look-up of a user would cost each of them a query.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return get_response(request)
        with pghistory.context(user=request.user.pk, url=request.path):
            return get_response(request)

    return middleware


class DomainErrors:
    """A refusal that no view caught becomes its message and a way back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseRedirect | None:
        """Turn a DomainError into a message on the page that its `way_back` names."""
        if not isinstance(exception, DomainError):
            return None
        messages.error(request, str(exception))
        return redirect(exception.way_back)


database_outage = DatabaseOutage
domain_errors = DomainErrors
