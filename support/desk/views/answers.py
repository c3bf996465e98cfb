"""The answer to the sender. Its address has no key in it: a longer body is taken at exact addresses only."""

from contextlib import nullcontext
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crs.accounts.guards import StaffRequest, is_staff
from crs.errors import DomainError
from crs.row_keys import row_key
from crs.sent_forms import sending
from crs.several_files import MOST_FILES
from crs.slow_work import NoPlace, place_for_upload
from crs.uploads import take_files
from logistics.staff.guards import staff_who_may
from support.desk import answering
from support.desk.forms import AnswerForm, CannedForm
from support.desk.pages import LIST
from support.desk.views.tickets import show, ticket_or_404
from support.errors import NotYourTicket
from support.letters.parts import ReadFile
from support.models import Ticket
from support.permissions import SupportAct
from support.tickets import canned, visible

INSERT = "vlozit"


@csrf_exempt  # until the request may bring a file: the check of the token reads the form
def answer(request: HttpRequest) -> HttpResponse:
    """Send an answer, or put a prepared one into it. Only staff bring files, so nobody else's body is read for them."""
    if is_staff(request.user):
        take_files(request, most=MOST_FILES)
    return _answer(request)


@csrf_protect
@sensitive_post_parameters()
@staff_who_may(SupportAct.WORK_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def _answer(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect(request.session.get(LIST) or reverse("support:desk"))
    key = row_key(request.POST.get("ticket", ""))
    if key is None:
        raise Http404
    ticket = ticket_or_404(request.user, key)
    if INSERT in request.POST:
        return _with_canned(request, ticket)
    form = AnswerForm(request.POST, request.FILES, ticket=ticket, user=request.user)
    if not visible.may_work(request.user, ticket):
        form.add_error(None, str(NotYourTicket()))
    elif form.is_valid():
        try:
            _send(request, ticket, form)
        except NoPlace:
            form.add_error(None, _("Several answers with files are being sent at present. Please send it again."))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The answer is on its way to the sender."))
            return redirect("support:ticket", ticket.pk)
    if request.FILES:
        form.add_error("enclosures", _("The browser does not keep files: choose them again."))
    return show(request, ticket_or_404(request.user, ticket.pk), {"answer": form})


def _send(request: StaffRequest, ticket: Ticket, form: AnswerForm) -> None:
    typed = form.cleaned_data
    with place_for_upload() if typed["enclosures"] else nullcontext():
        answering.answer(
            ticket=ticket,
            text=typed["text"],
            then=typed["then"],
            seen=typed["seen"] or 0,
            by=request.user,
            now=timezone.now(),
            form=sending(request),
            files=[_file(one) for one in typed["enclosures"]],
        )


def _file(sent: UploadedFile[Any]) -> ReadFile:
    kind = sent.content_type or "application/octet-stream"
    return ReadFile(sent.name or "", kind, sent.read(), content_id="", is_inline=False, summary="")


def _with_canned(request: StaffRequest, ticket: Ticket) -> HttpResponse:
    """The page again, with a prepared answer below what was typed."""
    choice = CannedForm(request.POST, ticket=ticket, user=request.user)
    chosen = choice.cleaned_data["canned"] if choice.is_valid() else None
    text = request.POST.get("text", "").strip()
    if chosen:
        text = "\n\n".join(part for part in (text, canned.filled(chosen, ticket, request.user)) if part)
    form = AnswerForm(ticket=ticket, user=request.user)
    form.initial = {"text": text, "then": request.POST.get("then", "")}
    form.fields["text"].widget.attrs["autofocus"] = True
    if request.FILES:
        messages.warning(request, _("The browser does not keep files: choose them again."))
    return show(request, ticket, {"answer": form, "canned": choice})
