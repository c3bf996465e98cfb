"""The pages of a site's day: its people, one person, check-in and its end without a dose."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crs import typed
from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.pdf.decorators import prints
from crs.pdf.responses import pdf_response
from logistics.models import Vaccine
from logistics.staff import permissions
from logistics.staff.guards import SiteRequest, at_site, staff_who_may
from logistics.stock.ledger import EntryContext
from registration.applying.errors import TwoPeopleFound
from registration.models import Registration
from reservation.errors import NoSeatToday
from reservation.models import Appointment, Slot
from vaccination import additions
from vaccination.models import Visit
from vaccination.pages import acts, day_or_404, entry_context, forms_of, posted, show
from vaccination.permissions import VaccinationAct
from vaccination.timeline import openings
from vaccination.visits import check_in as coming
from vaccination.visits import (
    day_list,
    day_list_paper,
    day_table,
    known_people,
    late_days,
    visit_summary,
    whereabouts,
)
from vaccination.visits import search as searching
from vaccination.visits.errors import AlreadyCheckedIn, DoseIsRecorded, NotWaiting, TooLongToSearch, TooManyFound
from vaccination.visits.forms import CheckInForm, CheckInTodayForm, SendAwayForm, UndoForm


@staff_who_may(VaccinationAct.SEE_DAY)
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """The user's sites; whoever works at one alone comes to its day at once."""
    sites = list(permissions.sites_where(request.user, VaccinationAct.SEE_DAY).order_by("name__czech")[:200])
    if len(sites) == 1:
        return redirect("vaccination:day", sites[0].pk)
    return render(request, "vaccination/visits/home.html", {"sites": sites})


@at_site(VaccinationAct.SEE_DAY)
@require_GET
def day(request: SiteRequest) -> HttpResponse:
    """The people of a day, all or of one standing; `cast=seznam` asks for the list alone."""
    people = _people(request, request.GET.get("den", ""))
    chosen = request.GET.get("stav", "")
    chosen = chosen if chosen in {*day_list.Standing} else ""
    shown = [row for row in people.rows if not chosen or row.standing == chosen]
    counts = people.counts()
    context = {
        "people": people,
        "about_day": people.day,
        "chosen": chosen,
        "tabs": day_table.tabs(people, chosen),
        "lines": day_table.lines(shown, people, checks_in=VaccinationAct.CHECK_IN in acts(request)),
        "vaccinated": counts[day_list.Standing.OBSERVED] + counts[day_list.Standing.GONE],
        "is_today": people.day == timezone.localdate(people.read_at),
        "day_before": people.day - timedelta(days=1),
        "parts": day_list_paper.parts(people),
        "day_after": people.day + timedelta(days=1),
    }
    if request.GET.get("cast") == "seznam":
        return render(request, "vaccination/visits/parts/list.html", {"site": request.site, **context})
    return show(request, "visits/day.html", context)


@at_site(VaccinationAct.SEE_DAY)
@require_GET
@prints()
def day_list_pdf(request: SiteRequest) -> HttpResponse:
    """The list of a day on paper, to tick by hand; `cast` is the number of the part."""
    people = _people(request, request.GET.get("den", ""))
    parts = {str(part.number): part for part in day_list_paper.parts(people)}
    part = parts.get(request.GET.get("cast", "1"))
    if part is None:
        raise Http404
    content = day_list_paper.day_list_pdf(people, part=part, language=get_language() or "cs")
    return pdf_response(content, f"seznam-{people.day:%Y-%m-%d}-{part.number}.pdf")


@at_site(VaccinationAct.SEE_DAY)
@forms_of("vaccination:day")
def search(request: SiteRequest) -> HttpResponse:
    """Look for a person; one alone is shown at once. What is looked for stands in no address."""
    text, now = request.POST.get("hledat", ""), timezone.now()
    people = _people(request, request.POST.get("den", ""))
    is_today = people.day == timezone.localdate(now)
    context = {"text": text, "people": people, "is_today": is_today}
    try:
        found = searching.search(text, people=people, now=now)
        if found.registration:
            known_people.remember(request, found.registration, now=now)
        elif not found.rows and any(character.isdigit() for character in typed.number(text)):
            known_people.count_look_up(request, now=now)
    except (TwoPeopleFound, TooManyFound, TooLongToSearch) as refusal:
        return show(request, "visits/found.html", {**context, "refusal": str(refusal)})
    lines = day_table.lines(
        found.rows[: searching.MOST_SHOWN], people, checks_in=VaccinationAct.CHECK_IN in acts(request)
    )
    if len(found.rows) == 1:
        return redirect(lines[0].url)
    if found.registration:
        return redirect(late_days.url("person", request.site, found.registration, None if is_today else people.day))
    more = max(0, len(found.rows) - searching.MOST_SHOWN)
    return show(
        request,
        "visits/found.html",
        {**context, "lines": lines, "more": more, "others": found.other_days, "registered": found.registered_here},
    )


@at_site(VaccinationAct.SEE_DAY)
@require_GET
def person(request: SiteRequest, registration_id: int) -> HttpResponse:
    """Show somebody who is not simply on today's list: what is booked for them, and what can be done.

    With an earlier day (`den`) it also leads to writing down that they came then.
    """
    registration, late_day = _known_or_404(request, registration_id), late_days.named(request.GET.get("den", ""))
    where = whereabouts.of(registration, site=request.site, now=timezone.now(), day=late_day)
    # Whoever was only found by a number has no tie to the site yet, and rooms above show nothing of them here.
    is_tied = openings.registrations_of(request.site).filter(pk=registration.pk).exists()
    links = additions.person_links(request.site.pk, registration.pk, acts(request)) if is_tied else []
    context = {"where": where, "registration": registration, "late_day": late_day, "about_day": late_day}
    return show(request, "visits/person.html", {**context, "person_links": links})


@at_site(VaccinationAct.CHECK_IN)
@require_http_methods(["GET", "POST"])
def check_in(request: SiteRequest, appointment_id: int) -> HttpResponse:
    """Check in somebody with an appointment here today, or write down that they came on its day."""
    appointments = Appointment.objects.select_related("slot__vaccine", "reservation__registration__person")
    appointment = get_object_or_404(appointments, pk=appointment_id, slot__site=request.site)
    now, registration = timezone.now(), appointment.reservation.registration
    if request.method == "GET":
        if visit := Visit.objects.standing().filter(appointment=appointment).first():
            return redirect("vaccination:visit", visit.site_id, visit.pk)
        if appointment.slot.day > timezone.localdate(now):
            return redirect("vaccination:person", request.site.pk, registration.pk)
    late_day = appointment.slot.day if appointment.slot.day < timezone.localdate(now) else None
    where = whereabouts.of(registration, site=request.site, now=now, day=late_day)
    initial = {"came_time": appointment.slot.wall_time} if late_day else {}
    form = CheckInForm(posted(request), registration=registration, came_on=late_day, initial=initial)
    context = {
        "form": form,
        "registration": registration,
        "appointment": appointment,
        "warnings": where.warnings,
        "late_day": late_day,
        "about_day": late_day,
        "came_sentence": ""
        if late_day
        else visit_summary.how_they_came(coming.came_as(appointment, site=request.site, now=now)),
    }

    def operation(entry: EntryContext) -> Visit:
        return coming.check_in(
            appointment=appointment,
            site=request.site,
            details=form.details(),
            contact=form.contact(),
            context=entry,
            came_at=form.came_at(),
        )

    return _arrived(request, form, operation) or show(request, "visits/check_in.html", context)


@at_site(VaccinationAct.CHECK_IN)
@require_http_methods(["GET", "POST"])
def check_in_today(request: SiteRequest, registration_id: int) -> HttpResponse:
    """Check in somebody without a seat here today, or on the earlier day `den`, with one that is found or made."""
    registration, late_day = _known_or_404(request, registration_id), late_days.named(request.GET.get("den", ""))
    where = whereabouts.of(registration, site=request.site, now=timezone.now(), day=late_day)
    if request.method == "GET" and where.due and where.is_due_here:
        return redirect("vaccination:check_in", request.site.pk, where.due.pk)
    if request.method == "GET" and not where.can_come:
        return redirect(late_days.url("person", request.site, registration, late_day))
    form = CheckInTodayForm(
        posted(request), registration=registration, vaccines=_vaccines(request, where), came_on=late_day
    )

    def operation(entry: EntryContext) -> Visit:
        return coming.check_in_today(
            registration=registration,
            site=request.site,
            vaccine=form.cleaned_data["vaccine"],
            dose_number=where.dose_number,
            over_reason=form.cleaned_data["over_reason"],
            details=form.details(),
            contact=form.contact(),
            context=entry,
            came_at=form.came_at(),
        )

    context = {"form": form, "registration": registration, "where": where, "late_day": late_day, "about_day": late_day}
    return _arrived(request, form, operation) or show(request, "visits/check_in_today.html", context)


@at_site(VaccinationAct.SEE_DAY)
@require_GET
def visit(request: SiteRequest, visit_id: UUID) -> HttpResponse:
    """One person at the site: who they are, where they stand, and what comes next."""
    found = _visit_or_404(request, visit_id)
    summary = visit_summary.of(found, acts=acts(request), now=timezone.now())
    return show(request, "visits/visit.html", {"visit": found, "summary": summary})


@at_site(VaccinationAct.CHECK_IN)
@require_http_methods(["GET", "POST"])
def undo_check_in(request: SiteRequest, visit_id: UUID) -> HttpResponse:
    """Take a check-in back, with a reason."""
    found, form = _visit_or_404(request, visit_id), UndoForm(posted(request))
    if request.method == "GET" and found.state != Visit.State.ARRIVED:
        return _not_waiting(request, found)
    if form.is_valid():
        return _ended(request, found, lambda entry: coming.undo(visit=found, context=entry, **form.cleaned_data))
    return show(request, "visits/undo.html", {"visit": found, "form": form})


@at_site(VaccinationAct.CHECK_IN)
@require_http_methods(["GET", "POST"])
def send_away(request: SiteRequest, visit_id: UUID) -> HttpResponse:
    """Let somebody go without a dose, with a reason."""
    found, form = _visit_or_404(request, visit_id), SendAwayForm(posted(request))
    if request.method == "GET" and found.state != Visit.State.ARRIVED:
        return _not_waiting(request, found)
    if form.is_valid():
        return _ended(request, found, lambda entry: coming.send_away(visit=found, context=entry, **form.cleaned_data))
    return show(request, "visits/send_away.html", {"visit": found, "form": form})


def _people(request: SiteRequest, text: str) -> day_list.DayList:
    """The people of the day that an address or a form names; of today where it names none."""
    now = timezone.now()
    return day_list.day_list(request.site, day_or_404(text, now), now)


def _known_or_404(request: SiteRequest, registration_id: int) -> Registration:
    if not known_people.is_known(request, registration_id):
        raise Http404
    return get_object_or_404(Registration.objects.select_related("person"), pk=registration_id)


def _visit_or_404(request: SiteRequest, visit_id: UUID) -> Visit:
    visits = Visit.objects.filter(site=request.site).select_related(
        "registration__person",
        "appointment__slot__vaccine",
        "appointment__slot__site",
        "checked_in_by",
        "site",
    )
    return get_object_or_404(visits, pk=visit_id)


def _vaccines(request: SiteRequest, where: whereabouts.Whereabouts) -> list[Vaccine]:
    """The vaccines of the site's calendar on that day, else all of the site; the one of the person's course first."""
    of_the_day = Vaccine.objects.filter(pk__in=Slot.objects.filter(site=request.site, day=where.day).values("vaccine"))
    found = list(of_the_day) or list(request.site.vaccines.all())
    return sorted(found, key=lambda vaccine: vaccine.pk != where.vaccine_id)


def _arrived(request: SiteRequest, form: forms.Form, operation: Callable[[EntryContext], Visit]) -> HttpResponse | None:
    """Check the person in and go to the visit; None where the form must be shown, with what is wrong on it."""
    if not form.is_valid():
        return None
    try:
        made = operation(entry_context(request))
    except AlreadyCheckedIn as refusal:
        messages.warning(request, str(refusal))
        if refusal.visit.site_id != request.site.pk:
            return redirect("vaccination:person", request.site.pk, refusal.visit.registration_id)
        return redirect("vaccination:visit", request.site.pk, refusal.visit.pk)
    except NoSeatToday as refusal:
        form.add_error("over_reason", str(refusal))
        return None
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return None
    return redirect("vaccination:visit", request.site.pk, made.pk)


def _not_waiting(request: SiteRequest, found: Visit) -> HttpResponse:
    """To the visit, with a sentence, instead of a form that can only be refused."""
    refusal = DoseIsRecorded if found.state in (Visit.State.OBSERVED, Visit.State.GONE) else NotWaiting
    messages.warning(request, str(refusal()))
    return redirect("vaccination:visit", request.site.pk, found.pk)


def _ended(request: SiteRequest, found: Visit, operation: Callable[[EntryContext], Visit]) -> HttpResponse:
    try:
        ended = operation(entry_context(request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("vaccination:visit", request.site.pk, found.pk)
    said = {
        Visit.State.UNDONE: _("The check-in was taken back."),
        Visit.State.SENT_AWAY: _("The person goes without a dose."),
    }
    messages.success(request, said[Visit.State(ended.state)])
    return redirect("vaccination:visit", request.site.pk, found.pk)
