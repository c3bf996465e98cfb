"""What happens around every request."""

from collections.abc import Callable

from csp.constants import HEADER as CSP_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib import messages
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.defaults import page_not_found

from crs import languages
from crs import outages as server_outages
from crs.errors import DomainError
from crs.probes import PROBES
from crs.web import pages

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


def head_as_get(get_response: GetResponse) -> GetResponse:
    """Answer HEAD with what GET would say: to every view it is GET, and the server leaves the body out.

    Those who look at links for others (mail servers, chats) and load balancers ask so first.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD":
            return get_response(request)
        request.method = "GET"
        try:
            return get_response(request)
        finally:
            request.method = "HEAD"  # by which the server knows that no body is wanted

    return middleware


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


class Answerable:
    """Refuses what no page of ours can answer, before a view and its forms look at it.

    PostgreSQL keeps no NUL. No address has one; in a field of a form the form says so. What a view gave to the database
    all the same is not there where it was asked for, and a form with it cannot be understood.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        if "\0" in request.path_info:
            raise Http404
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., object], *_args: object) -> HttpResponse | None:
        """Let a view see GET and forms only, unless it is for programs (`open_answers.knows_methods`)."""
        if hasattr(view, "knows_methods"):
            return None
        if request.method not in {"GET", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        return None if _is_readable(request) else pages.answer(400, path=request.path)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a NUL that went as far as the database."""
        if not isinstance(exception, DataError) or "NUL" not in str(exception):
            return None
        is_asked = request.method == "GET"
        return page_not_found(request, exception) if is_asked else pages.answer(400, path=request.path)


def _is_readable(request: HttpRequest) -> bool:
    """Whether the body, if there is one, is a form in the letters in which our pages ask for it."""
    if request.META.get("CONTENT_LENGTH") in {None, "", "0"}:
        return True
    if request.content_type not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return False
    return (request.content_params or {}).get("charset", "utf-8").lower() in {"utf-8", "utf8", "us-ascii"}


def origin_that_the_browser_says(get_response: GetResponse) -> GetResponse:
    """Let a form through whose page hides where it comes from, where the browser itself vouches that it is ours.

    A browser that sends no referrer, for privacy, sends `Origin: null` or nothing, and Django would refuse its forms.
    `Sec-Fetch-Site` is written by the browser alone, no page can set it; of a form in a sandbox or of another site it
    is not "same-origin". The token of the form is asked for as ever.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        meta = request.META
        if meta.get("HTTP_SEC_FETCH_SITE") == "same-origin" and meta.get("HTTP_ORIGIN", "null") == "null":
            meta["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"
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
answerable = Answerable
domain_errors = DomainErrors
