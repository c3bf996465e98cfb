"""The screen on which a dose is recorded: who it is, what the rules say, the open vial, one button."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.errors import FormChanged
from crs.typed_moment import written
from logistics.staff.guards import SiteRequest, at_site
from logistics.stock.errors import StockError
from logistics.vaccines.errors import BatchError, UnreadableScan
from registration.models import Registration
from vaccination.doses import recording
from vaccination.doses.errors import AlreadyRecorded, DoseRefused
from vaccination.doses.forms import DoseForm
from vaccination.doses.guards import Finding, Weight
from vaccination.doses.recording import DoseEntry
from vaccination.errors import VaccinationError
from vaccination.models import AnswerEffect, Dose, HealthWorker, Station, VialSession, Visit
from vaccination.pages import acts, entry_context, show
from vaccination.permissions import VaccinationAct
from vaccination.questions import answers
from vaccination.questions.answers import Effect
from vaccination.team import stations, workers
from vaccination.vials import sessions
from vaccination.vials.choosing import chosen_by, closed_vials

# What the last record of the session chose, by site.
_REMEMBERED = "vaccination_dose"
# In the address of the page to which a record leads.
DONE = "hotovo"
_LONGEST_SCAN = 500
_VISIT = "SELECT * FROM vaccination_visit WHERE id = %s AND site_id = %s"
# The fields of the doctor and of who gave the dose ask for themselves.
_SAID_BY_FIELDS = frozenset({"no_doctor", "nobody_gave_it"})
REFUSALS = (VaccinationError, StockError, BatchError, FormChanged)


@dataclass(frozen=True)
class ShownFinding:
    """A finding, with the field for the reason of a doctor who decides otherwise where the user may write one."""

    finding: Finding
    field: forms.BoundField | None

    @property
    def kind(self) -> str:
        """How it is shown: a stop, a question to a doctor, or a warning."""
        is_asked = self.finding.weight == Weight.OVERRIDABLE and self.field is not None
        return "ask" if is_asked else "warning" if self.finding.weight == Weight.WARNING else "stop"


class Desk:
    """The place where the user vaccinates: station, open vial, team, and what was chosen the last time."""

    def __init__(self, request: SiteRequest) -> None:
        self._request = request
        self.team: list[HealthWorker] = workers.team_of(request.site)

    @cached_property
    def station(self) -> Station | None:
        """The station at which the browser stands."""
        return stations.chosen(self._request)

    @cached_property
    def vial(self) -> VialSession | None:
        """The vial that is open there."""
        return sessions.open_at(self.station) if self.station else None

    @cached_property
    def worker(self) -> HealthWorker | None:
        """The user as a health worker of the site."""
        return next((one for one in self.team if one.user_id == self._request.user.pk), None)

    @cached_property
    def doctor(self) -> HealthWorker | None:
        """The doctor chosen the last time, else the user, else the only one there is."""
        doctors = [one for one in self.team if one.is_doctor]
        remembered = next((one for one in doctors if one.pk == self.remembered.get("doctor")), None)
        own = self.worker if self.worker in doctors else None
        return remembered or own or (doctors[0] if len(doctors) == 1 else None)

    @property
    def remembered(self) -> dict[str, Any]:
        """The choices of the last record of the session at this site."""
        kept: dict[str, Any] = self._request.session.get(_REMEMBERED, {}).get(str(self._request.site.pk), {})
        return kept

    def remember(self, dose: Dose) -> None:
        """Keep the choices for the next person."""
        kept = {"where": dose.where, "doctor": dose.doctor_id}
        everywhere = self._request.session.get(_REMEMBERED, {})
        self._request.session[_REMEMBERED] = {**everywhere, str(self._request.site.pk): kept}


@at_site(VaccinationAct.GIVE_DOSES)
@require_http_methods(["GET", "POST"])
def vaccinate(request: SiteRequest, visit_id: UUID) -> HttpResponse:
    """Record the dose of a person who was checked in."""
    # What is recorded leads to another page, so a form asks for what this page shows only where it is shown again.
    visit = _sent_visit(request, visit_id) if request.method == "POST" else _shown_visit(request, visit_id)
    if request.method == "GET":
        given = Dose.objects.valid().filter(visit=visit).select_related("given_by").first()
        if given is not None:
            messages.info(request, _recorded_already(given))
            return redirect("vaccination:dose", request.site.pk, given.pk)
    desk = Desk(request)
    if request.method == "GET":
        return _page(request, desk, visit, _new_form(desk, visit))
    if "scan" in request.POST:
        return _open_vial(request, desk, visit)
    late = _is_late(visit)
    form = DoseForm(request.POST, workers=desk.team, site=request.site, day=visit.day, is_late=late)
    if form.is_valid():
        now = timezone.now()
        entry = _entry(visit, desk, form, now=now)
        try:
            dose = recording.record(
                entry=entry if not entry.overrides or _may_override(request) else replace(entry, overrides={}),
                context=replace(entry_context(request), now=now),
            )
        except AlreadyRecorded as refusal:
            messages.info(request, _recorded_already(refusal.dose))
            return redirect("vaccination:dose", request.site.pk, refusal.dose.pk)
        except DoseRefused:
            form.add_error(None, _("Nothing is recorded yet. Read what stands above the button."))
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            desk.remember(dose)
            return done(dose)
    return _page(request, desk, visit, form)


def _recorded_already(dose: Dose) -> str:
    """What a second tab, a second nurse and the way back are told."""
    said = {
        "number": dose.number,
        "time": written(dose.recorded_at),
        "by": dose.given_by.name if dose.given_by else "–",
    }
    return _("Dose %(number)d was recorded already, at %(time)s; given by %(by)s.") % said


def done(dose: Dose) -> HttpResponse:
    """Lead to the page of a dose that was just recorded."""
    return redirect(reverse("vaccination:dose", args=[dose.site_id, dose.pk]) + f"?{DONE}=1")


def _shown_visit(request: SiteRequest, visit_id: UUID) -> Visit:
    """The visit with all that the page shows of it."""
    rows = Visit.objects.select_related("registration__person", "appointment__slot__vaccine")
    visit = get_object_or_404(rows, pk=visit_id, site=request.site)
    visit.site = request.site
    return visit


def _sent_visit(request: SiteRequest, visit_id: UUID) -> Visit:
    """The visit alone, by text; `record` reads the rest under its locks."""
    visit = next(iter(Visit.objects.raw(_VISIT, [visit_id, request.site.pk])), None)
    if visit is None:
        raise Http404
    visit.site = request.site
    visit.registration = Registration.from_db(connection.alias, ["id"], [visit.registration_id])
    return visit


def _is_late(visit: Visit) -> bool:
    """Whether the person came on an earlier day: a dose of an outage, or one that was forgotten."""
    return visit.day < timezone.localdate()


def _only_vial_of(visit: Visit) -> VialSession | None:
    """The vial of that day, where there was only one to take from."""
    vials = list(sessions.rows_of_day(visit.site, visit.day)[:2])
    return vials[0] if len(vials) == 1 else None


def _new_form(desk: Desk, visit: Visit) -> DoseForm:
    remembered, is_late = desk.remembered, _is_late(visit)
    initial = {
        "where": remembered.get("where") or Dose.Where.LEFT_ARM,
        "doctor": desk.doctor.pk if desk.doctor else None,
        "given_by": desk.worker.pk if desk.worker else None,
    }
    if is_late:
        initial["given_at"] = timezone.localtime(visit.arrived_at)
        only = _only_vial_of(visit)
        initial["other_vial"] = only.pk if only else None
    form = DoseForm(initial=initial, workers=desk.team, site=visit.site, day=visit.day, is_late=is_late)
    if missing := next((name for name in ("doctor", "given_by") if initial[name] is None), None):
        form.fields[missing].widget.attrs["autofocus"] = True
    return form


def _entry(visit: Visit, desk: Desk, form: DoseForm, *, now: datetime) -> DoseEntry:
    """The entry as the form says it; before it was sent, or where it is not complete, as the page proposes it."""
    if form.is_complete:
        return DoseEntry(visit=visit, registration=visit.registration, site=visit.site, **form.values(now=now))
    is_late = _is_late(visit)
    return DoseEntry(
        registration=visit.registration,
        site=visit.site,
        visit=visit,
        vial=_only_vial_of(visit) if is_late else desk.vial,
        number=recording.next_number(visit.registration.person),
        given_at=visit.arrived_at if is_late else now,
        where=Dose.Where.LEFT_ARM,
        is_dominant_side=None,
        given_by=desk.worker,
        doctor=desk.doctor,
    )


def _page(request: SiteRequest, desk: Desk, visit: Visit, form: DoseForm, scan: str = "") -> HttpResponse:
    """The screen; `scan` says why a scanned vial was not opened."""
    if request.method == "POST":
        visit = _shown_visit(request, visit.pk)
        form.offer_vials()
    now = timezone.now()
    found = _findings(request, desk, visit, form, now=now)
    person = visit.registration.person
    earlier = list(Dose.objects.valid().of(person).select_related("vaccine", "batch", "site").order_by("number"))
    context = {
        "visit": visit,
        "person": person,
        "age": person.age_on(visit.day),
        "number": recording.next_number(person),
        "earlier": earlier,
        "planned": visit.appointment.slot.vaccine,
        "desk": desk,
        "stations": () if desk.station else stations.stations(request.site),
        "late_day": visit.day if _is_late(visit) else None,
        "has_vials": _is_late(visit) and sessions.rows_of_day(request.site, visit.day).exists(),
        "needs_vial": not _is_late(visit) and (desk.vial is None or desk.vial.is_out_of_time(now)),
        "form": form,
        "findings": found,
        "is_stopped": any(one.kind == "stop" for one in found),
        "is_preset": desk.doctor is not None and desk.worker is not None,
        "kept_reasons": form.kept_reasons([one.finding.rule for one in found if one.kind == "ask"]),
        "earlier_here": earlier[-1] if earlier and earlier[-1].site_id == request.site.pk else None,
        "words": _words(visit, desk) if any(one.finding.rule == "answers" for one in found) else (),
        "is_asked": any(one.kind == "ask" for one in found),
        "scan_problem": scan,
    }
    return show(request, "doses/vaccinate.html", context)


def _findings(
    request: SiteRequest, desk: Desk, visit: Visit, form: DoseForm, *, now: datetime
) -> tuple[ShownFinding, ...]:
    """The findings about the dose as the page stands, each with the field for a reason where one may be given."""
    entry = _entry(visit, desk, form, now=now)
    if entry.vial is None:
        return ()
    found = recording.findings(entry=entry, now=now)
    if _may_override(request):
        form.ask_reasons(found)
    return tuple(ShownFinding(one, form.reason_of(one.rule)) for one in found if one.rule not in _SAID_BY_FIELDS)


def _words(visit: Visit, desk: Desk) -> list[Effect]:
    """The answers that stop the dose, with what the person said to them."""
    filled = answers.latest(visit)
    batch = desk.vial.item.batch if desk.vial else None
    vaccine = batch.vaccine if batch else visit.appointment.slot.vaccine
    effects = answers.effects(filled, vaccine=vaccine, day=visit.day) if filled and vaccine else []
    return [effect for effect in effects if effect.kind == AnswerEffect.Kind.STOP]


def _may_override(request: SiteRequest) -> bool:
    return VaccinationAct.OVERRIDE_RULES in acts(request)


def _open_vial(request: SiteRequest, desk: Desk, visit: Visit) -> HttpResponse:
    """Open the scanned vial at the station, so that the screen can go on."""
    if desk.station is None:
        return _page(request, desk, visit, _new_form(desk, visit), _("Choose your station first."))
    try:
        context = entry_context(request)
        closed = closed_vials(sessions.store_of(request.site), now=context.now)
        chosen = chosen_by(request.POST["scan"][:_LONGEST_SCAN], closed)
        sessions.open_vial(station=desk.station, item=chosen.item, context=context)
    except (*REFUSALS, UnreadableScan) as refusal:
        return _page(request, desk, visit, _new_form(desk, visit), str(refusal))
    return redirect("vaccination:vaccinate", request.site.pk, visit.pk)
