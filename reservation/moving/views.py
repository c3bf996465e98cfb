"""Staff change or cancel the times of a person: line 1221 of a caller, a site of somebody who is booked there."""

from datetime import datetime
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.row_keys import row_key
from crs.sent_forms import sending
from logistics.models import VaccinationSite
from logistics.staff.guards import SiteRequest, at_site, staff_who_may
from registration.models import Registration
from registration.people.looks import looked
from registration.permissions import RegistrationAct
from reservation.errors import NoSuchSlot
from reservation.models import Appointment
from reservation.moving import choosing, moving, targets
from reservation.moving.errors import TimesChanged
from reservation.moving.moving import TimesChange
from reservation.permissions import ReservationAct

CANCEL, SEEN, SLOT, DOSE = "cancel", "seen", "slot", "davka"


class Desk(NamedTuple):
    """Where staff came from, the name of this page, and the site whose times alone they change (None: all sites)."""

    back_url: str
    back_text: str
    page: str
    site: VaccinationSite | None

    def has(self, appointment: Appointment) -> bool:
        """Whether the time is one of those that they change."""
        return self.site is None or appointment.slot.site_id == self.site.pk


@staff_who_may(RegistrationAct.REGISTER_CALLERS)
@require_http_methods(["GET", "HEAD", "POST"])
def of_caller(request: StaffRequest, registration_id: int) -> HttpResponse:
    """The times of a caller; another time at any site, or none."""
    found = get_object_or_404(Registration.objects.standing().select_related("person"), pk=registration_id)
    back = reverse("registration:desk_registration", args=[found.pk])
    return _times(request, found, Desk(back, _("Back to the registration"), "reservation:times_of_caller", None))


@at_site(ReservationAct.CHANGE_TIMES)
@require_http_methods(["GET", "HEAD", "POST"])
def at_a_site(request: SiteRequest, registration_id: int) -> HttpResponse:
    """The same of somebody who is or was booked at the site; other times are those of the site."""
    here = Appointment.objects.filter(slot__site=request.site).select_related("slot")
    people = Registration.objects.standing().select_related("person")
    people = people.filter(pk__in=here.values("reservation__registration"))
    found = get_object_or_404(people, pk=registration_id)
    last = here.filter(reservation__registration=found).latest("slot__day")
    back = reverse("reservation:calendar_people", args=[request.site.pk, last.slot.day])
    return _times(request, found, Desk(back, _("People of the day"), "reservation:times_at_site", request.site))


def _times(request: StaffRequest, person: Registration, desk: Desk) -> HttpResponse:
    """The times, what can be chosen instead, what it would change, and only then it is done."""
    now, change = timezone.now(), None
    try:
        if CANCEL in request.POST:
            shown, form = request.POST.get(SEEN, ""), sending(request)
            # What the page showed is signed, so a site cancels only what is its own.
            moving.cancel(registration_id=person.pk, shown=shown, by=request.user, form=form, now=now)
            messages.success(request, _("The times are cancelled, and the person is told."))
            return redirect(request.path)
        if SLOT in request.POST:
            change = _change(request, person, desk, now)
            if change is None:
                return redirect(request.path)
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    looked(person=person.person, user=request.user, page=desk.page, now=now)
    context = {"registration": person, "desk": desk}
    if change is not None:
        slot = change.new[0][1].pk
        more = {"doses": change.doses, "seen": change.fingerprint, "slot": slot, "dose": change.target.dose}
        return render(request, "reservation/moving/check.html", context | more)
    movable = [one for one in targets.of_person(person.pk, now) if desk.has(one.appointment)]
    chosen = next((one for one in movable if str(one.dose) == request.GET.get(DOSE)), None)
    times = _times_to_give_back(person, desk, now)
    choice = choosing.choice(chosen, request.GET.dict(), site=desk.site, now=now) if chosen else None
    more = {"targets": movable, "times": times, "seen": moving.fingerprint_of(times), "choice": choice}
    return render(request, "reservation/moving/of_person.html", context | more)


def _times_to_give_back(person: Registration, desk: Desk, now: datetime) -> tuple[Appointment, ...]:
    times = moving.times_to_give_back(registration_id=person.pk, now=now)
    return times if all(desk.has(one) for one in times) else ()


def _change(request: StaffRequest, person: Registration, desk: Desk, now: datetime) -> TimesChange | None:
    """What a chosen time would change; None where it was done."""
    dose, slot_id = _number(request.POST.get("dose", "")), _number(request.POST[SLOT])
    if SEEN in request.POST:
        try:
            shown, form = request.POST[SEEN], sending(request)
            moving.move(
                registration_id=person.pk, dose=dose, slot_id=slot_id, shown=shown, by=request.user, form=form, now=now
            )
        except TimesChanged as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The times are changed, and the person is told."))
            return None
    change = moving.preview(registration_id=person.pk, dose=dose, slot_id=slot_id, now=now)
    if not all(desk.has(one) for one in change.old) or desk.site not in (None, change.new[0][1].site):
        raise NoSuchSlot
    return change


def _number(text: str) -> int:
    """A key that a page of ours wrote; 0 for anything else."""
    return row_key(text) or 0
