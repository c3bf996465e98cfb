"""The ministry's pages about registration codes: the batches, issuing one, its codes for a few minutes, revoking."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crs import csv_download
from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.paging import Paginator
from crs.sent_forms import sending
from logistics.staff.guards import staff_who_may
from registration.codes import issuing, overview, revoking, written
from registration.codes.forms import FilterForm, IssueForm, RevokeForm, SearchForm
from registration.models import CodeBatch
from registration.permissions import RegistrationAct

ON_A_PAGE = 50
MOST_FOUND = 100
# The session's key for the seeds of the batches that were issued last, by the batch's key.
SEEDS, MOST_SEEDS = "code_batch_seeds", 10


@staff_who_may(RegistrationAct.ISSUE_CODES)
@require_GET
def codes(request: StaffRequest) -> HttpResponse:
    """All batches with their use, the newest first."""
    form = FilterForm(request.GET)
    found = overview.batches()
    if form.is_valid():
        if form.cleaned_data["skupina"]:
            found = found.filter(group=form.cleaned_data["skupina"])
        if form.cleaned_data["stav"]:
            found = _in_state(found, form.cleaned_data["stav"], timezone.now())
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("strana"))
    context = {"form": form, "search_form": SearchForm(), "page": page, "batches": page.object_list}
    return render(request, "registration/codes/batches.html", {**context, "today": timezone.localdate()})


@staff_who_may(RegistrationAct.ISSUE_CODES)
@require_http_methods(["GET", "POST"])
def search(request: StaffRequest) -> HttpResponse:
    """The batches that were given to somebody of whose name a part was typed."""
    if request.method == "GET":  # reloaded, or the language was switched
        return redirect("registration:codes")
    form = SearchForm(request.POST)
    found = overview.batches().none()
    if form.is_valid():
        found = overview.batches().filter(issued_to__icontains=form.cleaned_data["holder"])
    context = {"form": form, "search_form": form, "batches": found[:MOST_FOUND], "today": timezone.localdate()}
    return render(request, "registration/codes/found.html", context)


@staff_who_may(RegistrationAct.ISSUE_CODES)
@require_http_methods(["GET", "POST"])
def issue(request: StaffRequest) -> HttpResponse:
    """Issue a batch; its page then offers the codes."""
    form = IssueForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            issued = issuing.issue(**form.wanted(), by=request.user, now=timezone.now(), form=sending(request))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            kept = list(request.session.get(SEEDS, {}).items())[1 - MOST_SEEDS :]
            request.session[SEEDS] = dict(kept) | {str(issued.batch.pk): issued.seed}
            return redirect("registration:code_batch", issued.batch.pk)
    return render(request, "registration/codes/issue.html", {"form": form})


@staff_who_may(RegistrationAct.ISSUE_CODES)
@require_GET
def batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """A batch: its use, its unused codes by their endings, and for a few minutes the file with the codes."""
    found = _batch_or_404(batch_id)
    seed = _seed_of(request, found)
    context = {
        "batch": found,
        "use": overview.use_of(found, today=timezone.localdate()),
        "today": timezone.localdate(),
        "key": written.grouped(issuing.key_of(seed)) if seed else "",
        "shown_until": found.issued_at + issuing.SHOWN_FOR,
    }
    return render(request, "registration/codes/batch.html", context)


@staff_who_may(RegistrationAct.ISSUE_CODES)
@require_http_methods(["GET", "POST"])
def file(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The codes as a file for a spreadsheet; only for whoever issued them, and only for a few minutes."""
    found = _batch_or_404(batch_id)
    seed = _seed_of(request, found)
    if request.method == "GET" or not seed:  # the page says what holds
        return redirect("registration:code_batch", found.pk)
    return csv_download.download(f"registracni-kody-{found.pk}", _lines(request, found, seed))


@staff_who_may(RegistrationAct.ISSUE_CODES)
@require_http_methods(["GET", "POST"])
def revoke_batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Take a batch out of use, with a reason."""
    found = _batch_or_404(batch_id)
    if request.method == "GET" and found.revoked_at:  # the second of two clicks, or an old tab
        return redirect("registration:code_batch", found.pk)
    return _revoke(
        request,
        found,
        lambda reason, takes_back: revoking.revoke_batch(
            batch=found,
            reason=reason,
            takes_proofs_back=takes_back,
            by=request.user,
            now=timezone.now(),
            form=sending(request),
        ),
    )


@staff_who_may(RegistrationAct.ISSUE_CODES)
@require_http_methods(["GET", "POST"])
def revoke_code(request: StaffRequest, batch_id: int, code_id: int) -> HttpResponse:
    """Take a code out of use, with a reason."""
    found = _batch_or_404(batch_id)
    code = get_object_or_404(found.codes.all(), pk=code_id)
    if request.method == "GET" and code.revoked_at:
        return redirect("registration:code_batch", found.pk)
    return _revoke(
        request,
        found,
        lambda reason, takes_back: revoking.revoke_code(
            code=code,
            reason=reason,
            takes_proofs_back=takes_back,
            by=request.user,
            now=timezone.now(),
            form=sending(request),
        ),
        code=code,
    )


def _revoke(
    request: StaffRequest, found: CodeBatch, operation: Callable[[str, bool], None], **context: Any
) -> HttpResponse:
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operation(form.cleaned_data["reason"], form.cleaned_data["proofs"] == RevokeForm.TAKE_BACK)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("It is cancelled: nobody can use it any more."))
            return redirect("registration:code_batch", found.pk)
    context = {"form": form, "batch": found, "use": overview.use_of(found, today=timezone.localdate()), **context}
    return render(request, "registration/codes/revoke.html", context)


def _in_state(batches: QuerySet[CodeBatch], state: str, now: datetime) -> QuerySet[CodeBatch]:
    ended = Q(revoked_at__isnull=False) | Q(valid_until__lt=timezone.localdate(now))
    return batches.filter(ended) if state == FilterForm.ENDED else batches.exclude(ended)


def _batch_or_404(batch_id: int) -> CodeBatch:
    return get_object_or_404(CodeBatch.objects.select_related("group", "issued_by", "revoked_by"), pk=batch_id)


def _seed_of(request: HttpRequest, found: CodeBatch) -> str:
    """The seed of a batch that this session issued a few minutes ago; else ""."""
    is_shown = found.revoked_at is None and timezone.now() < found.issued_at + issuing.SHOWN_FOR
    return str(request.session.get(SEEDS, {}).get(str(found.pk), "")) if is_shown else ""


def _lines(request: HttpRequest, found: CodeBatch, seed: str) -> list[list[csv_download.Cell]]:
    """The head with the key and what to do, then a line a code."""
    until = date_format(found.valid_until, "DATE_FORMAT") if found.valid_until else _("no end")
    uses = found.codes.values_list("allowed", flat=True)[0]
    codes: list[list[csv_download.Cell]] = [[written.grouped(code), uses] for code in issuing.codes_of(found, seed)]
    return [
        [_("Given to"), found.issued_to],
        [_("Group"), str(found.group)],
        [_("Valid until"), until],
        [_("Key of the batch"), written.grouped(issuing.key_of(seed))],
        [
            _("With the key you see here how many codes were used"),
            request.build_absolute_uri(reverse("registration:code_key")),
        ],
        [_("Give each person a code and tell them nobody else's. Keep the key to yourself.")],
        [],
        [_("Registration code"), _("For how many people")],
        *codes,
    ]
