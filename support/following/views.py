"""The pages on which a site's staff open tickets and follow them. Tickets of other sites answer 404."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from crs import languages
from crs.accounts.guards import StaffRequest, is_staff, staff_only
from crs.errors import DomainError
from crs.paging import Paginator
from crs.row_keys import row_key
from crs.sent_forms import sending
from crs.several_files import MOST_FILES
from crs.slow_work import NoPlace, place_for_upload
from crs.uploads import take_files
from logistics.staff.guards import SiteRequest, at_site, site_or_404
from support.following import site_tickets, writing
from support.following.forms import MessageForm, NewTicketForm
from support.models import Attachment, Look, Ticket
from support.permissions import SupportAct
from support.privacy import downloads
from support.privacy.looks import looked
from support.tickets import files as kept_files
from support.tickets import states
from vaccination.pages import forms_of, show

ROWS_ON_A_PAGE = 50
ROOM = "support"


@at_site(SupportAct.FOLLOW_TICKETS)
@require_safe
def tickets(request: SiteRequest) -> HttpResponse:
    """The tickets of the site, those that changed last first; all, or the open ones."""
    rows = site_tickets.tickets_of(request.site, request.user).order_by("-changed_at", "-pk")
    only_open = request.GET.get("stav") != "vse"
    if only_open:
        rows = rows.filter(state__in=states.OPEN)
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("strana"))
    shown = [(ticket, site_tickets.STATES[Ticket.State(ticket.state)]) for ticket in page]
    return show(request, "following/list.html", {"page": page, "tickets": shown, "only_open": only_open}, room=ROOM)


@at_site(SupportAct.FOLLOW_TICKETS)
@require_safe
def new(request: SiteRequest) -> HttpResponse:
    """The form of a new ticket."""
    return _new(request, NewTicketForm())


@at_site(SupportAct.FOLLOW_TICKETS)
@require_safe
def ticket(request: SiteRequest, ticket_id: int) -> HttpResponse:
    """A ticket with what was written by or for the site."""
    return _ticket(request, _ticket_or_404(request, ticket_id), MessageForm())


@at_site(SupportAct.FOLLOW_TICKETS)
@forms_of("support:site_ticket", "ticket_id")
def close(request: SiteRequest, ticket_id: int) -> HttpResponse:
    """Close a ticket of one's own."""
    row = _ticket_or_404(request, ticket_id)
    try:
        writing.close(ticket=row, by=request.user, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The ticket is closed. If something is still wrong, write below and it opens."))
    return redirect("support:site_ticket", request.site.pk, row.pk)


@at_site(SupportAct.FOLLOW_TICKETS)
@require_safe
def attachment(request: SiteRequest, attachment_id: int) -> HttpResponse:
    """A file of a letter that the site's staff may read, to be saved."""
    known = Attachment.objects.select_related("letter", "file")
    found = get_object_or_404(
        known, pk=attachment_id, file__isnull=False, letter__ticket__isnull=False, has_numbers=False
    )
    letter = found.letter
    if letter is None or letter.ticket_id is None:
        raise Http404
    row = _ticket_or_404(request, letter.ticket_id)
    ours = site_tickets.addresses_of(request.site) | {row.requester_address.lower()}
    shown = site_tickets.visible_letters(row).filter(pk=letter.pk, erased_at=None).first()
    if shown is None or not site_tickets.is_theirs(shown, ours):
        raise Http404
    now = timezone.now()
    looked(Look.What.ATTACHMENT, by=request.user, now=now, ticket=row, letter=shown, attachment=found)
    return downloads.saved(kept_files.content_of(found) or b"", found.name)


@csrf_exempt  # until the request may bring a file: the check of the token reads the form
def message(request: HttpRequest) -> HttpResponse:
    """Open a ticket, or write something more into one; the form says of which site.

    Its address has no key in it, for a longer body is taken at exact addresses only, and of staff alone.
    """
    if is_staff(request.user):
        take_files(request, most=MOST_FILES)
    return _message(request)


message.is_for_staff = True  # type: ignore[attr-defined]


@csrf_protect
@sensitive_post_parameters()
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def _message(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("logistics:account")
    at: Any = request
    at.site = site_or_404(request.user, _key_of_site(request), SupportAct.FOLLOW_TICKETS)
    key = request.POST.get("ticket", "")
    if not key:
        return _open(at)
    if (ticket := row_key(key)) is None:
        raise Http404
    return _add(at, _ticket_or_404(at, ticket))


def _open(request: SiteRequest) -> HttpResponse:
    form = NewTicketForm(request.POST, request.FILES)

    def operation(files: list[Any]) -> HttpResponse:
        typed = {name: form.cleaned_data[name] for name in ("subject", "text", "category")}
        language = languages.of_two()
        row = writing.open_on_page(
            site=request.site,
            **typed,
            language=language,
            files=files,
            by=request.user,
            now=timezone.now(),
            form=sending(request),
        )
        text = _("Your ticket has the number %(number)s. The answer comes to %(email)s and stands here as well.")
        messages.success(request, text % {"number": row.number, "email": row.requester_address})
        return redirect("support:site_ticket", request.site.pk, row.pk)

    return _sent(request, form, operation) or _new(request, form)


def _add(request: SiteRequest, row: Ticket) -> HttpResponse:
    form = MessageForm(request.POST, request.FILES)

    def operation(files: list[Any]) -> HttpResponse:
        text = form.cleaned_data["text"]
        main = writing.add(
            ticket=row, text=text, files=files, by=request.user, now=timezone.now(), form=sending(request)
        )
        messages.success(request, _("Your addition was given to the help desk."))
        if not site_tickets.tickets_of(request.site, request.user).filter(pk=main.pk).exists():
            return redirect("support:site_ticket", request.site.pk, row.pk)
        return redirect("support:site_ticket", request.site.pk, main.pk)

    return _sent(request, form, operation) or _ticket(request, _ticket_or_404(request, row.pk), form)


def _sent(request: SiteRequest, form: MessageForm, operation: Any) -> HttpResponse | None:
    """The answer of the operation, or None where the form says what is wrong."""
    if form.is_valid():
        sent = form.cleaned_data["files"]
        try:
            with place_for_upload() if sent else nullcontext():
                taken: set[str] = set()
                return operation(
                    [writing.file_from_page(one.name or "", one.content_type or "", one.read(), taken) for one in sent]
                )
        except NoPlace:
            form.add_error(None, _("Several messages with files are being sent at present. Please send it again."))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
    if request.FILES:
        form.add_error("files", _("The browser does not keep files: choose them again."))
    return None


def _new(request: SiteRequest, form: NewTicketForm) -> HttpResponse:
    context = {"form": form, "language_next": reverse("support:new_site_ticket", args=[request.site.pk])}
    return show(request, "following/new.html", context, room=ROOM)


def _ticket(request: SiteRequest, row: Ticket, form: MessageForm) -> HttpResponse:
    looked(Look.What.TICKET, by=request.user, now=timezone.now(), ticket=row)
    main = row.merged_into
    sees_main = main is not None and site_tickets.tickets_of(request.site, request.user).filter(pk=main.pk).exists()
    context = {
        "ticket": row,
        "state": site_tickets.STATES[Ticket.State(row.state)],
        "entries": site_tickets.conversation(row, request.site),
        "is_done": row.state in (Ticket.State.RESOLVED, Ticket.State.CLOSED),
        "may_close": row.state not in (Ticket.State.CLOSED, Ticket.State.MERGED)
        and site_tickets.is_own(row, request.user),
        "main": main if sees_main else None,
        "incident": row.incident if row.incident and row.incident.ended_at is None else None,
        "form": form,
        "language_next": reverse("support:site_ticket", args=[request.site.pk, row.pk]),
    }
    return show(request, "following/ticket.html", context, room=ROOM)


def _ticket_or_404(request: SiteRequest, ticket_id: int) -> Ticket:
    rows = site_tickets.tickets_of(request.site, request.user).select_related("category", "merged_into", "incident")
    return get_object_or_404(rows, pk=ticket_id)


def _key_of_site(request: StaffRequest) -> UUID:
    try:
        return UUID(request.POST.get("site", ""))
    except ValueError as error:
        raise Http404 from error
