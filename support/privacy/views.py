"""Links of a ticket, an expert's look at a timeline, and the log of looks."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.paging import Paginator
from crs.sent_forms import sending
from logistics.staff import permissions
from logistics.staff.guards import staff_who_may
from support.errors import NotYourTicket
from support.models import Look, Ticket
from support.pages import show
from support.permissions import SupportAct
from support.privacy import glass, links
from support.privacy.forms import LinkForm
from support.privacy.looks import looked
from support.tickets.visible import may_work, tickets_for
from vaccination.timeline import entries
from vaccination.timeline.forms import OpeningForm

LOOKS_ON_A_PAGE = 100


@staff_who_may(SupportAct.WORK_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """Link the ticket to what has the number that is typed."""
    ticket = get_object_or_404(tickets_for(request.user), pk=ticket_id)
    sees_numbers = SupportAct.SEE_NUMBERS in permissions.acts_of(request.user)
    form = LinkForm(request.POST if request.method == "POST" else None, sees_numbers=sees_numbers)
    if form.is_valid() and not may_work(request.user, ticket):
        form.add_error(None, str(NotYourTicket()))
    elif form.is_valid():
        kind, number = form.cleaned_data["kind"], form.cleaned_data["number"]
        try:
            links.link(ticket=ticket, kind=kind, text=number, by=request.user, now=timezone.now())
        except DomainError as refusal:
            form.add_error("number", str(refusal))
        else:
            messages.success(request, _("The ticket is linked."))
            return redirect("support:ticket", ticket.pk)
    return show(request, "privacy/link.html", {"ticket": ticket, "form": form})


@staff_who_may(SupportAct.WORK_TICKETS)
@require_POST
def unlink(request: StaffRequest, ticket_id: int, link_id: int) -> HttpResponse:
    """Take a link back."""
    ticket = get_object_or_404(tickets_for(request.user), pk=ticket_id)
    if may_work(request.user, ticket):
        links.unlink(ticket=ticket, link_id=link_id)
    else:
        messages.error(request, str(NotYourTicket()))
    return redirect("support:ticket", ticket.pk)


@staff_who_may(SupportAct.OPEN_TIMELINE)
@require_http_methods(["GET", "HEAD", "POST"])
def timeline(request: StaffRequest, ticket_id: int, link_id: int) -> HttpResponse:
    """Show the timeline of the person whom the ticket is about, to an expert who said why; each look is logged."""
    ticket = get_object_or_404(tickets_for(request.user), pk=ticket_id)
    person = get_object_or_404(ticket.links.select_related("person"), pk=link_id).person
    if person is None:
        raise Http404
    now = timezone.now()
    form = OpeningForm(request.POST if request.method == "POST" else None)
    context = {"ticket": ticket, "person": person, "link_id": link_id, "form": form, "lasts": glass.LASTS}
    leave = glass.leave_of(ticket=ticket, person=person, by=request.user, now=now)
    if leave is None and form.is_valid():
        reason = form.cleaned_data["reason"]
        glass.break_glass(ticket=ticket, person=person, reason=reason, by=request.user, now=now, form=sending(request))
        return redirect("support:timeline", ticket.pk, link_id)
    if leave is None:
        return show(request, "privacy/reason.html", context)
    if request.method == "POST":
        return redirect("support:timeline", ticket.pk, link_id)  # the second of two clicks
    looked(Look.What.TIMELINE, by=request.user, now=now, ticket=ticket, person=person)
    days = list(entries.by_day(entries.entries_of(person)))
    return show(request, "privacy/timeline.html", {**context, "days": days, "leave": leave})


@staff_who_may(SupportAct.SEE_ACCESS_LOG)
@require_safe
def log(request: StaffRequest, ticket_id: int | None = None) -> HttpResponse:
    """List who looked at what, the newest first; of one ticket, or of all."""
    looks = Look.objects.select_related("user", "ticket", "person")
    ticket = None
    if ticket_id is not None:
        ticket = get_object_or_404(Ticket, pk=ticket_id)
        looks = looks.filter(ticket=ticket)
    page = Paginator(looks.order_by("-at", "-id"), LOOKS_ON_A_PAGE).get_page(request.GET.get("strana"))
    return show(request, "privacy/log.html", {"page": page, "ticket": ticket})
