"""The pages of adverse events: reporting one, the report with what came later, its paper, the list of a site."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crs.errors import FormChanged
from crs.paging import Paginator
from crs.pdf.decorators import prints
from crs.pdf.responses import pdf_response
from logistics.staff.guards import SiteRequest, at_site
from vaccination.models import AdverseEvent, Dose, HealthWorker, Reaction
from vaccination.observation import adverse_events, event_list
from vaccination.observation.errors import AdverseEventError, FatalWithoutDeath, NumberInText
from vaccination.observation.forms import AdditionForm, DaysForm, EventForms, NullifyForm, OutcomeForm
from vaccination.observation.report_pdf import report_pdf
from vaccination.pages import done, entry_context, posted, show
from vaccination.permissions import VaccinationAct

_A_PAGE = 50


@at_site(VaccinationAct.REPORT_EVENTS)
@require_http_methods(["GET", "POST"])
def report_event(request: SiteRequest, dose_id: UUID) -> HttpResponse:
    """Report an adverse event after a dose; `?mdloby` in the address fills in that somebody fainted."""
    doses = Dose.objects.filter(site=request.site).select_related("person", "vaccine", "batch", "visit")
    dose = get_object_or_404(doses, pk=dose_id)
    now = timezone.now()
    initial, first_line = _fainted() if "mdloby" in request.GET else ({}, {})
    workers = HealthWorker.objects.working().filter(site=request.site)
    mine = workers.filter(user=request.user).first()
    forms = EventForms(
        posted(request),
        dose=dose,
        now=now,
        reporters=workers,
        initial={"reporter": mine, **initial},
        first_line=first_line,
    )
    if request.method == "POST" and "more" not in request.POST and forms.is_valid():
        try:
            event = adverse_events.report(dose=dose, entry=forms.entry(), context=entry_context(request))
        except FatalWithoutDeath as refusal:
            forms.event.add_error("seriousness", str(refusal))
        except (AdverseEventError, FormChanged) as refusal:
            forms.event.add_error("narrative" if isinstance(refusal, NumberInText) else None, str(refusal))
        else:
            messages.success(request, _("The event is recorded."))
            return redirect("vaccination:event", request.site.pk, event.pk)
    earlier = dose.adverse_events.filter(state=AdverseEvent.State.REPORTED).prefetch_related("reactions")
    return show(
        request,
        "observation/report.html",
        {"dose": dose, "forms": forms, "earlier": earlier, "workers": workers, "now": now},
    )


@at_site(VaccinationAct.REPORT_EVENTS)
@require_GET
def event(request: SiteRequest, event_id: UUID) -> HttpResponse:
    """A report with what was learnt later."""
    return _show_event(request, _event(request, event_id))


@at_site(VaccinationAct.REPORT_EVENTS)
@require_http_methods(["GET", "POST"])
def add_to_event(request: SiteRequest, event_id: UUID) -> HttpResponse:
    """Add what was learnt later."""
    reported, form = _event(request, event_id), AdditionForm(posted(request))
    if form.is_valid():
        try:
            adverse_events.add(event=reported, text=form.cleaned_data["text"], context=entry_context(request))
        except (AdverseEventError, FormChanged) as refusal:
            form.add_error("text", str(refusal))
        else:
            return redirect("vaccination:event", request.site.pk, reported.pk)
    return _show_event(request, reported, form=form)


@at_site(VaccinationAct.REPORT_EVENTS)
@require_http_methods(["GET", "POST"])
def correct_outcome(request: SiteRequest, event_id: UUID, reaction_id: int) -> HttpResponse:
    """Write how a reaction ended."""
    reported = _event(request, event_id)
    reaction = get_object_or_404(Reaction, pk=reaction_id, event=reported)
    initial = {"outcome": reaction.outcome, "ended_at": reaction.ended_at}
    form = OutcomeForm(posted(request), initial=initial)
    if form.is_valid():
        try:
            adverse_events.correct_outcome(
                reaction=reaction,
                outcome=form.cleaned_data["outcome"],
                ended_at=form.cleaned_data["ended_at"],
                context=entry_context(request),
            )
        except (AdverseEventError, FormChanged) as refusal:
            form.add_error(getattr(refusal, "field", None), str(refusal))
        else:
            return redirect("vaccination:event", request.site.pk, reported.pk)
    return show(request, "observation/outcome.html", {"event": reported, "reaction": reaction, "form": form})


@at_site(VaccinationAct.REPORT_EVENTS)
@require_http_methods(["GET", "POST"])
def nullify_event(request: SiteRequest, event_id: UUID) -> HttpResponse:
    """Nullify a report in error."""
    reported = _event(request, event_id)
    form = NullifyForm(posted(request))
    if done(
        form,
        lambda: adverse_events.nullify(
            event=reported, reason=form.cleaned_data["reason"], context=entry_context(request)
        ),
    ):
        return redirect("vaccination:event", request.site.pk, reported.pk)
    return show(request, "observation/nullify.html", {"event": reported, "form": form})


@at_site(VaccinationAct.REPORT_EVENTS)
@require_GET
def events(request: SiteRequest) -> HttpResponse:
    """The adverse events of the site between two days, with counts by batch and by seriousness."""
    form = DaysForm(request.GET or None)
    since, until = form.days() if form.is_bound else (None, None)
    chosen = event_list.events(request.site, since=since, until=until)
    page = Paginator(chosen, _A_PAGE).get_page(request.GET.get("strana"))
    counts = {
        "batches": event_list.by_batch(request.site, since=since, until=until),
        "seriousness": event_list.by_seriousness(request.site, since=since, until=until),
    }
    return show(
        request, "observation/events.html", {"form": form, "page": page, "since": since, "until": until} | counts
    )


@at_site(VaccinationAct.REPORT_EVENTS)
@require_GET
@prints()
def event_pdf(request: SiteRequest, event_id: UUID) -> HttpResponse:
    """The report for the agency, without the person's name and number."""
    reported = _event(request, event_id)
    content = report_pdf(reported, language=get_language() or "cs")
    return pdf_response(content, "hlaseni-sukl.pdf")


def _event(request: SiteRequest, event_id: UUID) -> AdverseEvent:
    known = AdverseEvent.objects.filter(dose__site=request.site).select_related(
        "dose__person", "dose__vaccine", "dose__batch", "dose__visit", "dose__site", "reporter", "recorded_by"
    )
    return get_object_or_404(known, pk=event_id)


def _show_event(request: SiteRequest, reported: AdverseEvent, form: AdditionForm | None = None) -> HttpResponse:
    changes = event_list.changes_of(reported)
    context = {
        "event": reported,
        "dose": reported.dose,
        "reactions": reported.reactions.all(),
        "additions": reported.additions.select_related("added_by"),
        "changes": changes,
        "seriousness": [AdverseEvent.Seriousness(one) for one in reported.seriousness],
        "form": form or AdditionForm(),
        "is_due": reported.is_serious or reported.is_unexpected,
    }
    return show(request, "observation/event.html", context)


def _fainted() -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields filled in where somebody fainted: an event of anxiety (DOMAIN 10.2); the nurse says its time."""
    return (
        {
            "cause": AdverseEvent.Cause.ANXIETY,
            "intensity": AdverseEvent.Intensity.MILD,
            "narrative": _("Fainted after the dose, under observation."),
        },
        {"term": _("fainting")},
    )
