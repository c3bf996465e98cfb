"""The public page where anybody checks a certificate. Nothing that is sent here is stored or logged."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from csp.constants import HEADER as CSP_HEADER
from csp.utils import build_policy
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from certificates.checking import evidence, limits, reading, troubles, verdict
from certificates.checking.errors import DecoderBusy
from certificates.checking.forms import EvidenceForm, FileForm, TextForm
from certificates.checking.presentation import Shown
from crs.errors import TooManyTries
from crs.slow_work import SECONDS_TO_RETRY, NoPlace, place_for_upload
from crs.uploads import take_files

P = ParamSpec("P")
View = Callable[[HttpRequest], HttpResponse]

# Only this page has a camera, and a reader of codes that is compiled in the browser.
CAMERA_POLICY = settings.PERMISSIONS_POLICY.replace("camera=()", "camera=(self)")
READER_POLICY = build_policy(update={"script-src": ["'wasm-unsafe-eval'"]})
# The page's script asks for the answer alone; it is told by the same header that it got one.
FRAGMENT = "X-Fragment"


@dataclass(frozen=True)
class Forms:
    """The forms of the page, empty but the one that was sent."""

    text: TextForm
    file: FileForm
    evidence: EvidenceForm


def checks(**typed: type[forms.Form]) -> Callable[[View], View]:
    """For a view of the page: its policies, nothing kept, and kind words where a network has had its share.

    `typed` is its form, which then keeps what was typed.
    """

    def decorator(view: View) -> View:
        @never_cache
        @sensitive_post_parameters()
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def page(request: HttpRequest) -> HttpResponse:
            try:
                response = view(request)
            except (TooManyTries, DecoderBusy) as refusal:
                left: dict[str, Any] = {name: form(request.POST) for name, form in typed.items()}
                response = show(request, refusal=refusal, status=refusal.status, **left)
            if response.status_code == DecoderBusy.status:
                response.headers["Retry-After"] = str(SECONDS_TO_RETRY)
            response.headers[CSP_HEADER] = READER_POLICY
            response.headers["Permissions-Policy"] = CAMERA_POLICY
            return response

        return page

    return decorator


@checks(text=TextForm)
def check(request: HttpRequest) -> HttpResponse:
    """The page, and the verdict about a text that was scanned or pasted."""
    if request.method != "POST":
        return show(request)
    now = timezone.now()
    form = TextForm(request.POST)
    if not form.is_valid():
        return show(request, text=form)
    limits.count_check(request, now=now)
    found = verdict.check(form.cleaned_data["text"], now=now)
    # What could not be read is left for the person to look at; what was read is of no more use.
    left = form if found.outcome is verdict.Outcome.UNREADABLE else None
    return show(request, answer=Shown.of(found), text=left)


@csrf_exempt  # until the request may bring a file: the check of the token reads the form
def check_file(request: HttpRequest) -> HttpResponse:
    """The verdict about the code in a photograph or a PDF."""
    take_files(request)
    return _check_file(request)


@csrf_protect
@checks()  # a browser never gives a file back, and the password is not sent back
def _check_file(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("certificates:check")
    now = timezone.now()
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, file=form)
    limits.count_check(request, now=now)
    limits.count_file(request, now=now)
    try:
        with place_for_upload():
            found = reading.code_in_file(form.cleaned_data["file"].read(), password=form.cleaned_data["password"])
    except NoPlace as error:
        raise DecoderBusy from error
    if found.trouble is not None:
        return show(request, trouble=troubles.words(found.trouble))
    return show(request, answer=Shown.of(verdict.check(found.text, now=now), found=found))


@checks(evidence=EvidenceForm)
def check_number(request: HttpRequest) -> HttpResponse:
    """How it stands with the certificate of an evidence number."""
    if request.method != "POST":
        return redirect("certificates:check")
    now = timezone.now()
    form = EvidenceForm(request.POST)
    if not form.is_valid():
        return show(request, evidence=form)
    number = form.cleaned_data["number"]
    tried = limits.count_number(request, number=number, now=now)
    found = evidence.ask(number=number, birth_date=form.cleaned_data["birth_date"], now=now)
    if found.standing is not evidence.Standing.UNKNOWN:
        limits.number_was_right(tried)
        return show(request, standing=found.standing, counts_from=found.counts_from)
    return show(request, standing=found.standing, evidence=form)


def show(
    request: HttpRequest,
    *,
    text: TextForm | None = None,
    file: FileForm | None = None,
    evidence: EvidenceForm | None = None,
    status: int = 200,
    **answer: Any,
) -> HttpResponse:
    """The page with an answer, or the answer alone for the page's own script."""
    sent = text or file or evidence
    context = {
        **answer,
        "now": timezone.now(),
        # The form that was sent with errors; the page's title and its summary of errors are about it.
        "form": sent if sent and sent.errors else None,
        "forms": Forms(text or TextForm(), file or FileForm(), evidence or EvidenceForm()),
    }
    if answer and FRAGMENT in request.headers:
        response = render(request, "certificates/checking/answer.html", context, status=status)
        response.headers[FRAGMENT] = "1"
        return response
    return render(request, "certificates/checking/page.html", context, status=status)
