"""Staff postpone the doses of somebody who was ill: line 1221 of a caller, a site of somebody who is booked there."""

from datetime import date, datetime
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
from crs.sent_forms import sending
from logistics.staff.guards import SiteRequest, at_site, staff_who_may
from registration.models import Registration
from registration.people.looks import looked
from registration.permissions import RegistrationAct
from reservation.models import Appointment
from reservation.permissions import ReservationAct
from reservation.postponing import postponing
from reservation.postponing.errors import NothingToPostpone, PostponementChanged
from reservation.postponing.forms import PostponementForm
from reservation.postponing.postponing import Plan

WITHDRAW, STEP, SEEN = "withdraw", "step", "seen"


class Back(NamedTuple):
    """Where staff came from."""

    url: str
    text: str


@staff_who_may(RegistrationAct.REGISTER_CALLERS)
@require_http_methods(["GET", "HEAD", "POST"])
def of_caller(request: StaffRequest, registration_id: int) -> HttpResponse:
    """Until when a caller waits; postpone, change the day, or withdraw it."""
    found = get_object_or_404(Registration.objects.standing().select_related("person"), pk=registration_id)
    back = Back(reverse("registration:desk_registration", args=[found.pk]), _("Back to the registration"))
    return _postponement(request, found, "reservation:postponement_of_caller", back)


@at_site(ReservationAct.POSTPONE)
@require_http_methods(["GET", "HEAD", "POST"])
def at_a_site(request: SiteRequest, registration_id: int) -> HttpResponse:
    """The same of somebody who is or was booked at the site."""
    here = Appointment.objects.filter(slot__site=request.site).select_related("slot")
    people = Registration.objects.standing().select_related("person")
    people = people.filter(pk__in=here.values("reservation__registration"))
    found = get_object_or_404(people, pk=registration_id)
    last = here.filter(reservation__registration=found).latest("slot__day")
    back = Back(reverse("reservation:calendar_people", args=[request.site.pk, last.slot.day]), _("People of the day"))
    return _postponement(request, found, "reservation:postponement_at_site", back)


def _postponement(request: StaffRequest, person: Registration, page: str, back: Back) -> HttpResponse:
    """A form, what it would do, and only then it is done; withdrawing takes nothing away and needs one press."""
    now, plan = timezone.now(), None
    is_withdrawn = WITHDRAW in request.POST
    form = PostponementForm(request.POST if request.method == "POST" and not is_withdrawn else None)
    try:
        if is_withdrawn:
            kept = postponing.withdraw(registration_id=person.pk, by=request.user, form=sending(request), now=now)
            messages.success(request, _("The postponement is withdrawn."))
            _tell_kept(request, kept)
            return redirect(request.path)
        if form.is_valid() and request.POST.get(STEP) == "postpone":
            _postpone(request, person, form.cleaned_data["ended_on"], now)
            return redirect(request.path)
    except NothingToPostpone as refusal:
        form.add_error(None, refusal.for_staff)
    except PostponementChanged as refusal:
        plan = postponing.plan(registration_id=person.pk, ended_on=form.cleaned_data["ended_on"], now=now)
        form.add_error(None, str(refusal))
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    if form.is_valid() and request.POST.get(STEP) != "edit":
        plan = _plan(person, form, now)
    looked(person=person.person, user=request.user, page=page, now=now)
    standing = postponing.standing(person.pk)
    context = {"form": form, "plan": plan, "registration": person, "standing": standing, "back": back}
    return render(request, f"reservation/postponing/{'preview' if plan else 'of_person'}.html", context)


def _plan(person: Registration, form: PostponementForm, now: datetime) -> Plan | None:
    try:
        return postponing.plan(registration_id=person.pk, ended_on=form.cleaned_data["ended_on"], now=now)
    except NothingToPostpone as refusal:
        form.add_error(None, refusal.for_staff)
        return None


def _postpone(request: StaffRequest, person: Registration, ended_on: date, now: datetime) -> None:
    shown, form = request.POST.get(SEEN, ""), sending(request)
    done = postponing.postpone(
        registration_id=person.pk, ended_on=ended_on, shown=shown, by=request.user, form=form, now=now
    )
    messages.success(request, _("The doses are postponed."))
    if done.times_before:
        messages.warning(request, _("Times before that day are on the list to call."))
    _tell_kept(request, done.times_kept)


def _tell_kept(request: StaffRequest, kept: int) -> None:
    if kept:
        messages.info(request, _("Times that fit again hold after all, and the person is told."))
