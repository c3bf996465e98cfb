"""Known problems on the pages of staff: all read them; the lead and the ministry run them."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from crs.accounts.guards import StaffRequest, staff_only
from crs.errors import DomainError
from crs.sent_forms import sending
from logistics.staff import permissions
from logistics.staff.guards import staff_who_may
from support.incidents import answering, running
from support.incidents.forms import EndForm, IncidentForm, NewsForm, SharedAnswerForm
from support.models import Incident, SharedAnswer, SharedAnswerTicket
from support.pages import show
from support.permissions import SupportAct
from vaccination.pages import done, posted

MOST_ENDED = 100
MOST_SKIPPED = 200


@staff_only
@require_safe
def incidents(request: StaffRequest) -> HttpResponse:
    """The problems that last, with all that is known of them, and those that ended lately."""
    rows = Incident.objects.prefetch_related("updates")
    context = {
        "lasting": rows.open(),
        "ended": Incident.objects.filter(ended_at__isnull=False)[:MOST_ENDED],
    }
    return show(request, "incidents/list.html", context)


@staff_who_may(SupportAct.RUN_INCIDENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: StaffRequest) -> HttpResponse:
    """Declare a problem."""
    form = IncidentForm(posted(request))
    if form.is_valid():
        row = running.declare(facts=form.facts(), by=request.user, now=timezone.now(), form=sending(request))
        messages.success(request, _("The problem is declared. The pages tell of it from now on."))
        return redirect("support:incident", row.pk)
    return show(request, "incidents/form.html", {"form": form})


@staff_who_may(SupportAct.RUN_INCIDENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def incident(request: StaffRequest, incident_id: int) -> HttpResponse:
    """One problem: what is said of it, its news and its tickets; a form adds news."""
    row = get_object_or_404(Incident, pk=incident_id)
    form = NewsForm(posted(request))
    if form.is_valid():
        typed = form.cleaned_data
        running.add_news(incident=row, **typed, by=request.user, now=timezone.now(), form=sending(request))
        messages.success(request, _("The news is published."))
        return redirect("support:incident", row.pk)
    return _page(request, row, form)


@staff_who_may(SupportAct.RUN_INCIDENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, incident_id: int) -> HttpResponse:
    """Correct what is said of a problem."""
    row = get_object_or_404(Incident, pk=incident_id)
    initial = {name: getattr(row, name) for name in IncidentForm.base_fields}
    form = IncidentForm(posted(request), initial=initial)

    def change_it() -> Incident:
        return running.change(incident=row, facts=form.facts(), by=request.user, form=sending(request))

    if done(form, change_it):
        messages.success(request, _("The change is published."))
        return redirect("support:incident", row.pk)
    return show(request, "incidents/form.html", {"form": form, "incident": row})


@staff_who_may(SupportAct.RUN_INCIDENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: StaffRequest, incident_id: int) -> HttpResponse:
    """End a problem; where tickets are linked to it, it is offered to answer them all."""
    row = get_object_or_404(Incident, pk=incident_id)
    form = EndForm(posted(request))

    def end_it() -> Incident:
        ended_at = form.cleaned_data["ended_at"]
        return running.end(incident=row, ended_at=ended_at, by=request.user, form=sending(request))

    if done(form, end_it):
        messages.success(request, _("The problem has ended. Its banner is gone."))
        return redirect("support:incident", row.pk)
    return show(request, "incidents/end.html", {"form": form, "incident": row})


@staff_who_may(SupportAct.RUN_INCIDENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: StaffRequest, incident_id: int) -> HttpResponse:
    """Let a problem that was ended wrongly go on."""
    row = get_object_or_404(Incident, pk=incident_id)
    if request.method == "POST":
        try:
            running.reopen(incident=row, by=request.user, form=sending(request))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The problem goes on. The pages tell of it again."))
    return redirect("support:incident", row.pk)


@staff_who_may(SupportAct.ASSIGN_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: StaffRequest, incident_id: int) -> HttpResponse:
    """Answer all open tickets of the problem with one text."""
    row = get_object_or_404(Incident, pk=incident_id)
    form = SharedAnswerForm(posted(request), initial={"resolves": row.ended_at is not None})

    def answer_all() -> object:
        typed, now = form.cleaned_data, timezone.now()
        return answering.answer_linked(incident=row, **typed, by=request.user, now=now, form=sending(request))

    if done(form, answer_all):
        messages.success(request, _("The answers are being sent. This page shows how far they are."))
        return redirect("support:incident", row.pk)
    context = {"form": form, "incident": row, "waiting": answering.open_tickets(row).count()}
    return show(request, "incidents/answer.html", context)


@staff_who_may(SupportAct.ASSIGN_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def try_again(request: StaffRequest, answer_id: int) -> HttpResponse:
    """Let the tickets that a shared answer skipped have another turn."""
    row = get_object_or_404(SharedAnswer, pk=answer_id)
    if request.method == "POST":
        count = answering.try_again(answer=row)
        text = ngettext("%(count)d ticket is tried again.", "%(count)d tickets are tried again.", count)
        messages.success(request, text % {"count": count})
    return redirect("support:incident", row.incident_id)


def _page(request: StaffRequest, row: Incident, form: NewsForm) -> HttpResponse:
    acts = permissions.acts_of(request.user)
    context: dict[str, Any] = {"incident": row, "form": form, "updates": row.updates.all()}
    context["waiting"] = answering.open_tickets(row).count()
    context["linked"] = row.tickets.count()
    if SupportAct.ASSIGN_TICKETS in acts:
        state = SharedAnswerTicket.State
        counted = {
            name.lower(): Count("tickets", filter=Q(tickets__state=name))
            for name in (state.WAITING, state.ANSWERED, state.SKIPPED)
        }
        context["answers"] = row.shared_answers.annotate(**counted, asked=Count("tickets")).select_related("by")
        skipped = SharedAnswerTicket.objects.filter(answer__incident=row, state=state.SKIPPED)
        context["skipped"] = skipped.select_related("ticket")[:MOST_SKIPPED]
    return show(request, "incidents/incident.html", context)
