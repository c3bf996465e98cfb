"""What happens around every request."""

from collections.abc import Callable

from csp.constants import HEADER as CSP_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_vary_headers

from crs import languages
from crs import outages as server_outages
from crs.errors import DomainError
from crs.probes import PROBES

GetResponse = Callable[[HttpRequest], HttpResponse]


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


class Language:
    """Speaks the language that `crs.languages` finds; staff's pages speak Czech to whoever chose one they lack."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on in its language, and say in the answer which it is."""
        with translation.override(languages.of_request(request)):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
        # What programs read has no language; a page that names one has it from its address.
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and "Content-Language" not in response.headers:
            response.headers["Content-Language"] = request.LANGUAGE_CODE
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
            # The pages to which it leads speak the same.
            if named := languages.named_by(request):
                languages.remember(response, named)
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Turn to Czech where the page has not the language; which page it is, is known only here."""
        if request.LANGUAGE_CODE not in languages.offered(request):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE


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
