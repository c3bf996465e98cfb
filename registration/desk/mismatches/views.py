"""The mismatch desk: registrations of which a register says something else, the oldest first."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.paging import Paginator
from crs.sent_forms import sending
from logistics.staff.guards import staff_who_may
from registration.desk import record
from registration.desk.mismatches import deciding, lists
from registration.desk.mismatches.forms import DecideForm
from registration.desk.pages import page_name, posted, refused, show
from registration.models import Mismatch
from registration.people.looks import looked
from registration.people.telling import reach_of
from registration.permissions import RegistrationAct

ROWS_ON_A_PAGE = 50


@staff_who_may(RegistrationAct.DECIDE_MISMATCHES)
@require_safe
def mismatches(request: StaffRequest) -> HttpResponse:
    """What waits for a decision; nobody's name stands in the list."""
    kind = request.GET.get("druh", "")
    kind = kind if kind in Mismatch.Kind.values else ""
    rows = lists.waiting().filter(kind=kind) if kind else lists.waiting()
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("strana"))
    context = {"page": page, "tabs": lists.tabs(), "chosen": kind, "now": timezone.now()}
    return show(request, "mismatches/mismatches.html", context)


@staff_who_may(RegistrationAct.DECIDE_MISMATCHES)
@require_http_methods(["GET", "HEAD", "POST"])
def mismatch(request: StaffRequest, mismatch_id: int) -> HttpResponse:
    """Both records side by side; whoever looks decides here."""
    found = _seen(request, mismatch_id)
    form = _form(found, posted(request))
    if form.is_valid():
        try:
            deciding.decide(
                mismatch=found,
                decision=Mismatch.Decision(form.cleaned_data["decision"]),
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
                form=sending(request),
            )
        except DomainError as refusal:
            refused(form, refusal)
            found = _found(mismatch_id)
        else:
            messages.success(request, _("The mismatch is decided."))
            return redirect("registration:mismatches")
    return _page(request, found, form)


@staff_who_may(RegistrationAct.DECIDE_MISMATCHES)
@require_POST
def ask(request: StaffRequest, mismatch_id: int) -> HttpResponse:
    """Ask the person for a document."""
    found = _seen(request, mismatch_id)
    try:
        deciding.ask_for_document(mismatch=found, by=request.user, now=timezone.now(), form=sending(request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The person was asked for a document."))
    return redirect("registration:mismatch", mismatch_id)


@staff_who_may(RegistrationAct.DECIDE_MISMATCHES)
@require_POST
def number(request: StaffRequest, mismatch_id: int) -> HttpResponse:
    """The page once more, with the whole insured person's number; the look has a name of its own."""
    found = _seen(request, mismatch_id)
    return _page(request, found, _form(found, None), shows_number=True)


def _found(mismatch_id: int) -> Mismatch:
    rows = Mismatch.objects.select_related(
        "check_done__registration__person__merged_into", "check_done__claim__group", "decided_by", "asked_by"
    )
    return get_object_or_404(rows, pk=mismatch_id)


def _seen(request: StaffRequest, mismatch_id: int) -> Mismatch:
    """The mismatch, whose person the user is about to see: the look is written first. Raises Http404."""
    found = _found(mismatch_id)
    person = found.check_done.registration.person
    looked(person=person, user=request.user, page=page_name(request), now=timezone.now())
    return found


def _form(found: Mismatch, data: Any) -> DecideForm:
    is_about_claim = found.check_done.claim_id is not None
    return DecideForm(data, decisions=deciding.decisions_of(found), is_about_claim=is_about_claim)


def _page(request: StaffRequest, found: Mismatch, form: DecideForm, *, shows_number: bool = False) -> HttpResponse:
    now, registration = timezone.now(), found.check_done.registration
    context = {
        "mismatch": found,
        "registration": registration,
        "who": record.who(registration.person, now=now),
        "lines": lists.lines_of(found, now=now, shows_number=shows_number),
        "is_open": lists.waiting().filter(pk=found.pk).exists(),
        "is_late": found.due_at < now,
        "may_ask": found.asked_at is None or found.asked_at <= now - deciding.BETWEEN_QUESTIONS,
        "reach": reach_of(registration),
        "shows_number": shows_number,
        "form": form,
    }
    return show(request, "mismatches/mismatch.html", context)
