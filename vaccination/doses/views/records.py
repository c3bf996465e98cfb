"""The record of a dose: what was recorded, its paper, the next appointment, its versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from crs.errors import FormChanged
from crs.pdf.decorators import prints
from crs.pdf.responses import pdf_response
from crs.sent_forms import once, sending
from logistics.staff.guards import SiteRequest, at_site
from registration.models import Registration
from reservation.arranging import arrangements, free_times
from reservation.arranging.free_times import FreeTime
from reservation.errors import ArrangementError, BookingError, SlotFull
from vaccination import additions
from vaccination.doses import corrections, dose_versions, recording
from vaccination.doses.confirmation import dose_paper, dose_pdf
from vaccination.doses.errors import NoTimeNeeded
from vaccination.doses.forms import NextTimeForm
from vaccination.doses.recording import Fit, NextAppointment
from vaccination.doses.views.recording import DONE
from vaccination.models import Dose
from vaccination.pages import acts, forms_of, show
from vaccination.permissions import VaccinationAct

# Times that are offered as buttons; all others stand in a list to choose from.
_BUTTONS = 6
_MOST_TIMES = 400


@dataclass(frozen=True)
class OfferedTimes:
    """Free times for the next dose: a few of the best as buttons, and all of them by day."""

    best: Sequence[FreeTime]
    days: Sequence[tuple[date, Sequence[FreeTime]]]


@at_site(VaccinationAct.SEE_DAY)
@require_GET
def dose(request: SiteRequest, dose_id: UUID) -> HttpResponse:
    """Show the record of a dose, and the next appointment."""
    return _page(request, _dose(request, dose_id))


@at_site(VaccinationAct.SEE_DAY)
@require_GET
@prints(meanwhile=gettext_lazy("The dose is recorded. The paper can be printed later from the page of the dose."))
def dose_paper_pdf(request: SiteRequest, dose_id: UUID) -> HttpResponse:
    """The paper of the day, to be printed at once."""
    found = _dose(request, dose_id)
    if found.state != Dose.State.VALID:
        raise Http404
    return pdf_response(dose_pdf(dose_paper(found, now=timezone.now())), "potvrzeni-o-ockovani.pdf")


@at_site(VaccinationAct.GIVE_DOSES)
@forms_of("vaccination:dose", "dose_id")
def next_time(request: SiteRequest, dose_id: UUID) -> HttpResponse:
    """Move the next appointment to the chosen time, or make one."""
    found = _dose(request, dose_id)
    if found.state != Dose.State.VALID:
        return redirect("vaccination:dose", request.site.pk, found.pk)  # an old tab; the page says what happened
    form = NextTimeForm(request.POST)
    if form.is_valid():
        try:
            once(sending(request), lambda: _arrange(request, found, form.cleaned_data["slot"]))
        except (ArrangementError, BookingError, NoTimeNeeded, FormChanged) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _arranged(recording.next_appointment(dose=found, now=timezone.now())))
            return redirect(reverse("vaccination:dose", args=[request.site.pk, found.pk]) + f"?{DONE}=1")
    return _page(request, found, form)


def _arranged(following: NextAppointment) -> str:
    """When the next dose is, to be read out to the person."""
    if following.appointment is None:  # somebody else gave the time up at this moment
        return _("The time of the next dose is arranged. Print the paper: it stands there.")
    slot = following.appointment.slot
    return _("Dose %(number)d: %(time)s, %(site)s. Print the paper: it stands there.") % {
        "number": following.number,
        "time": date_format(timezone.localtime(slot.starts_at), "j. n. Y G:i"),
        "site": slot.site.name,
    }


def _arrange(request: SiteRequest, found: Dose, slot_id: int) -> dict[str, str]:
    """Move the next appointment, or make one, at a time that the page offers. Raises NoTimeNeeded, SlotFull."""
    now = timezone.now()
    following = recording.next_appointment(dose=found, now=now)
    # A complete series needs no time. The record may have been taken back while this form was open.
    if following.fit == Fit.COMPLETE or not Dose.objects.valid().filter(pk=found.pk).exists():
        raise NoTimeNeeded
    if found.registration is None or slot_id not in {
        time.slot_id for time in _free(request, found.registration, found, following)
    }:
        raise SlotFull
    if following.appointment is not None:
        arrangements.move(appointment=following.appointment, slot_id=slot_id, now=now)
    else:
        number = following.number
        arrangements.book_next(registration=found.registration, dose_number=number, slot_id=slot_id, now=now)
    return {"dose": str(found.pk)}


def _dose(request: SiteRequest, dose_id: UUID) -> Dose:
    return get_object_or_404(doses_of_site(request), pk=dose_id)


def doses_of_site(request: SiteRequest) -> QuerySet[Dose]:
    """The doses that were given at the site, with all that their pages show."""
    shown = ("person", "registration", "vaccine", "batch", "site", "visit", "vial__station", "given_by", "doctor")
    return Dose.objects.filter(site=request.site).select_related(*shown, "recorded_by")


def _page(request: SiteRequest, found: Dose, form: NextTimeForm | None = None) -> HttpResponse:
    now = timezone.now()
    is_valid = found.state == Dose.State.VALID
    following = recording.next_appointment(dose=found, now=now) if is_valid else None
    may_give = VaccinationAct.GIVE_DOSES in acts(request)
    sections = additions.dose_sections(found, acts(request), now) if is_valid else []
    context = {
        "dose": found,
        "person": found.person,
        "is_new": DONE in request.GET and is_valid,
        "following": following,
        "times": _times(request, found, following) if may_give and following else None,
        "form": form,
        "sections": sections,
        "has_main_section": any(section.is_main for section in sections),
        # A section about the dose leads on to the pages about the person itself.
        "person_links": ()
        if sections
        else additions.person_links(request.site.pk, found.registration_id, acts(request)),
        "versions": dose_versions.versions(found),
        "overrides": found.overrides.select_related("doctor", "overridden_by"),
        "may_correct": is_valid and corrections.may_correct(user=request.user, dose=found, now=now),
    }
    return show(request, "doses/dose.html", context)


def _times(request: SiteRequest, found: Dose, following: NextAppointment) -> OfferedTimes | None:
    """Free times where the next appointment does not fit; None where nothing is to be arranged."""
    if following.fit in (Fit.COMPLETE, Fit.FITS) or found.registration is None:
        return None
    free = _free(request, found.registration, found, following)[:_MOST_TIMES]
    days: dict[date, list[FreeTime]] = {}
    for time in free:
        days.setdefault(time.day, []).append(time)
    return OfferedTimes(_best(free, found, following), list(days.items()))


def _free(request: SiteRequest, registration: Registration, found: Dose, following: NextAppointment) -> list[FreeTime]:
    return free_times.times_for(
        registration=registration,
        site=request.site,
        vaccine=found.vaccine,
        dose_number=following.number,
        first_on=timezone.localdate(found.given_at),
        now=timezone.now(),
    )


def _best(free: Sequence[FreeTime], found: Dose, following: NextAppointment) -> list[FreeTime]:
    """A few times nearest to the ideal day, and there nearest to the time of this dose; in their order."""
    ideal = following.due.ideal_on or following.due.first_on or timezone.localdate(found.given_at)
    given = timezone.localtime(found.given_at)

    def distance(time: FreeTime) -> tuple[int, int]:
        local = timezone.localtime(time.starts_at)
        minutes = (local.hour - given.hour) * 60 + local.minute - given.minute
        return abs((time.day - ideal).days), abs(minutes)

    return sorted(sorted(free, key=distance)[:_BUTTONS], key=lambda time: time.starts_at)
