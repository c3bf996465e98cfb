"""The page of a ticket, and each act on it as a form of that page."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.sent_forms import Outcome, once, sending
from logistics.staff.guards import staff_who_may
from support.desk import answering, lists, pages
from support.desk.forms import (
    AssignForm,
    EscalateForm,
    HandBackForm,
    IncidentForm,
    MergeForm,
    NoteForm,
    PlainActForm,
    ReadForm,
    SortForm,
    TicketForm,
)
from support.desk.ticket_page import TicketPage
from support.errors import NotYourTicket
from support.incidents import running
from support.models import Look, Ticket
from support.permissions import SupportAct
from support.privacy.looks import looked
from support.tickets import claims, classification, levels, merging, notes, states, visible

Act = Callable[[StaffRequest, Ticket, Any], str]


def ticket_or_404(user: User, ticket_id: int) -> Ticket:
    """The ticket, if the user may read it. Raises Http404."""
    related = ("claimed_by", "assignee", "site", "category", "incident", "requester", "merged_into")
    return get_object_or_404(visible.tickets_for(user).select_related(*related), pk=ticket_id)


def show(request: StaffRequest, ticket: Ticket, sent: Mapping[str, forms.Form] | None = None) -> HttpResponse:
    """The page of the ticket; the look at it is written down first."""
    now = timezone.now()
    page = TicketPage(ticket, user=request.user, now=now, sent=sent, asked=request.GET)
    looked(Look.What.TICKET, by=request.user, now=now, ticket=ticket, saw_numbers=page.sees_numbers)
    return pages.show(request, "ticket.html", {"page": page, "ticket": ticket, "form": page.refused})


@staff_who_may(SupportAct.WORK_TICKETS)
@require_safe
def ticket(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """The ticket: what was written and done, what is known, and what can be done."""
    return show(request, ticket_or_404(request.user, ticket_id))


def act(name: str, form_class: type[TicketForm], *, needs_level: bool = True) -> Callable[[Act], Any]:
    """Make a view of an act on a ticket: its form in, the operation called, back to the page of the ticket.

    It is done once, however often the form is sent, and says what was done. What was typed stays where it is refused.
    `name` is that of the form on the page; where not `needs_level`, whoever sees the ticket may do it.
    """

    def decorate(do: Act) -> Callable[..., HttpResponse]:
        @sensitive_post_parameters()
        @staff_who_may(SupportAct.WORK_TICKETS)
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(do)
        def view(request: StaffRequest, ticket_id: int) -> HttpResponse:
            found = ticket_or_404(request.user, ticket_id)
            if request.method != "POST":  # reloaded, or the language was switched
                return redirect("support:ticket", found.pk)
            form = form_class(request.POST, ticket=found, user=request.user)
            if needs_level and not visible.may_work(request.user, found):
                form.add_error(None, str(NotYourTicket()))
            elif form.is_valid() and done(request, form, lambda: do(request, found, form)):
                return redirect("support:ticket", found.pk)
            # It changed meanwhile, so it is read anew.
            return show(request, ticket_or_404(request.user, ticket_id), {name: form})

        return view

    return decorate


def done(request: StaffRequest, form: TicketForm, operation: Callable[[], str]) -> bool:
    """Whether the operation did what the form asks for, now or when it was sent first; else the form says why not."""

    def told() -> Outcome:
        return {"done": str(operation())}

    try:
        outcome = once(sending(request), told)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, (outcome or {}).get("done", ""))
    return True


@act("claim", PlainActForm)
def claim(request: StaffRequest, ticket: Ticket, _form: PlainActForm) -> str:
    """Take the ticket to work on it; or go on for another while."""
    claims.claim(ticket=ticket, by=request.user, now=timezone.now())
    return _("You work on the ticket now. Colleagues see it.")


@act("release", PlainActForm)
def release(request: StaffRequest, ticket: Ticket, _form: PlainActForm) -> str:
    """Leave the ticket to others."""
    claims.release(ticket=ticket, by=request.user, now=timezone.now())
    return _("You do not work on the ticket any more. Somebody else may take it.")


@act("note", NoteForm, needs_level=False)
def note(request: StaffRequest, ticket: Ticket, form: NoteForm) -> str:
    """Write words for colleagues."""
    notes.add_note(ticket=ticket, text=form.cleaned_data["text"], by=request.user, now=timezone.now())
    return _("The note is saved.")


@act("escalate", EscalateForm)
def escalate(request: StaffRequest, ticket: Ticket, form: EscalateForm) -> str:
    """Hand the ticket to the next level."""
    levels.escalate(ticket=ticket, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
    return _("The ticket is with the next level.")


@act("hand_back", HandBackForm)
def hand_back(request: StaffRequest, ticket: Ticket, form: HandBackForm) -> str:
    """Hand the ticket back to the level below."""
    levels.hand_back(ticket=ticket, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
    return _("The ticket is with the level below.")


@act("sort", SortForm)
def sort(request: StaffRequest, ticket: Ticket, form: SortForm) -> str:
    """Say what the ticket is about."""
    classification.classify(ticket=ticket, **form.cleaned_data, by=request.user, now=timezone.now())
    return _("The ticket is sorted.")


@act("resolve", ReadForm)
def resolve(request: StaffRequest, ticket: Ticket, form: ReadForm) -> str:
    """Say that it is done."""
    answering.require_read(ticket, seen=form.cleaned_data["seen"] or 0)
    states.resolve(ticket=ticket, by=request.user, now=timezone.now())
    return _("The ticket is resolved. It closes by itself, unless the sender writes again.")


@act("close", ReadForm)
def close(request: StaffRequest, ticket: Ticket, form: ReadForm) -> str:
    """Close it for good."""
    answering.require_read(ticket, seen=form.cleaned_data["seen"] or 0)
    states.close(ticket=ticket, by=request.user, now=timezone.now())
    return _("The ticket is closed.")


@act("reopen", PlainActForm)
def reopen(request: StaffRequest, ticket: Ticket, _form: PlainActForm) -> str:
    """Work on it again."""
    states.reopen(ticket=ticket, by=request.user, now=timezone.now())
    return _("The ticket is open again.")


@act("incident", IncidentForm)
def incident(request: StaffRequest, ticket: Ticket, form: IncidentForm) -> str:
    """Tie the ticket to a known problem, or to none."""
    running.link(ticket=ticket, incident=form.cleaned_data["incident"], by=request.user)
    return _("The known problem of the ticket is noted.")


@act("take_apart", PlainActForm)
def take_apart(request: StaffRequest, ticket: Ticket, _form: PlainActForm) -> str:
    """Make a part of another ticket a ticket of its own again."""
    merging.take_apart(ticket=ticket, by=request.user, now=timezone.now())
    return _("The ticket stands alone again.")


@sensitive_post_parameters()
@staff_who_may(SupportAct.ASSIGN_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """Give the ticket to a colleague; a claim of somebody else ends."""
    found = ticket_or_404(request.user, ticket_id)
    if request.method != "POST":
        return redirect("support:ticket", found.pk)
    form = AssignForm(request.POST, ticket=found, user=request.user, colleagues=visible.workers_on(found))

    def operation() -> str:
        claims.assign(ticket=found, to=form.cleaned_data["to"], by=request.user, now=timezone.now())
        return _("The ticket is given to the colleague.")

    if form.is_valid() and done(request, form, operation):
        return redirect("support:ticket", found.pk)
    return show(request, ticket_or_404(request.user, ticket_id), {"assign": form})


@sensitive_post_parameters()
@staff_who_may(SupportAct.WORK_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """Make the ticket a part of another one: first both are shown, then it is done."""
    found = ticket_or_404(request.user, ticket_id)
    if request.method != "POST":
        return redirect("support:ticket", found.pk)
    form = MergeForm(request.POST, ticket=found, user=request.user)
    if form.is_valid():
        into = visible.tickets_for(request.user).filter(pk=form.cleaned_data["number"]).first()

        def operation() -> str:
            assert into is not None  # noqa: S101 (for the type checker: asked below)
            merging.merge(ticket=found, into=into, by=request.user, now=timezone.now())
            return _("The ticket is a part of this one now. It can be taken apart again.")

        if into is None:
            form.add_error("number", _("There is no such ticket among those that you see. Please check the number."))
        elif "confirmed" not in request.POST:
            senders = {"sender": lists.sender_of(found), "sender_of_into": lists.sender_of(into)}
            return pages.show(request, "merge.html", {"ticket": found, "into": into, **senders})
        elif done(request, form, operation):
            return redirect("support:ticket", into.pk)
    return show(request, ticket_or_404(request.user, ticket_id), {"merge": form})
