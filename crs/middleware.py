"""What happens around every request."""

import time
from collections.abc import Callable
from functools import partial

import pghistory
from csp.constants import HEADER as CSP_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from crs import outages as server_outages
from crs.errors import DomainError
from crs.probes import PROBES

GetResponse = Callable[[HttpRequest], HttpResponse]

# Where staff work; only there is anything changed under their name.
STAFF_PATHS = ("/admin/", "/personal/", "/sklad/")
# In the session of staff: when they asked for something last (seconds), and that they did not for too long.
SEEN, IDLED = "staff_seen", "staff_idled"
SECONDS_BETWEEN_NOTES = 60


class Outages:
    """A server that is away for a moment becomes a page that says so.

    Errors of other middleware never come here; `views.server_error` answers them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 503 to what an outage raised in a view or in its template; anything else is not ours."""
        return server_outages.answer(request, exception) if server_outages.is_outage(exception) else None


def probes(get_response: GetResponse) -> GetResponse:
    """Answer load balancers first: they call by address, which is in no `ALLOWED_HOSTS`, and without TLS."""

    def middleware(request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return middleware


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Send `CONTENT_SECURITY_POLICY` and its sisters with every answer that has none of its own.

    django-csp checks and spells the policy; its own middleware spells it again for each answer, which
    was a twentieth of the time of a reservation (docs/performance.md), and no page needs one of its own.
    """
    policy = build_policy()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(CSP_HEADER, policy)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
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


def staff_idle_end(get_response: GetResponse) -> GetResponse:
    """End the session of staff who asked for nothing for `STAFF_IDLE_MINUTES`.

    It looks when somebody asks for `request.user`, which no page of citizens does: they pay nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(partial(_unless_idle, request, request.user))  # type: ignore[assignment]
        return get_response(request)

    return middleware


def _unless_idle(request: HttpRequest, user: object) -> object:
    """`user`, or nobody where the session had to end. Notes the time once a minute, not at each request."""
    session = request.session
    if SESSION_KEY not in session:
        return user
    now = int(time.time())
    silent = now - session.get(SEEN, now)
    if silent >= settings.STAFF_IDLE_MINUTES * 60:
        session.flush()
        session[IDLED] = True
        return AnonymousUser()
    if SEEN not in session or silent >= SECONDS_BETWEEN_NOTES:
        session[SEEN] = now
    return user


def staff_history(get_response: GetResponse) -> GetResponse:
    """What a member of staff changes is recorded in the history under their name.

    Citizens' requests pass untouched: their own operations tell the history what they do, and the
    look-up of a user would cost each of them a query.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(STAFF_PATHS):
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


outages = Outages
domain_errors = DomainErrors
