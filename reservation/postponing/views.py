"""Staff postpone the doses of somebody who was ill: line 1221 of a caller, a site of somebody who is booked there."""

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
from reservation.postponing.forms import PostponementForm

WITHDRAW = "withdraw"


@staff_who_may(RegistrationAct.REGISTER_CALLERS)
@require_http_methods(["GET", "HEAD", "POST"])
def of_caller(request: StaffRequest, registration_id: int) -> HttpResponse:
    """Until when a caller waits; postpone, change the day, or withdraw it."""
    found = get_object_or_404(Registration.objects.standing().select_related("person"), pk=registration_id)
    back = reverse("registration:desk_registration", args=[found.pk])
    return _postponement(request, found, "reservation:postponement_of_caller", back)


@at_site(ReservationAct.POSTPONE)
@require_http_methods(["GET", "HEAD", "POST"])
def at_a_site(request: SiteRequest, registration_id: int) -> HttpResponse:
    """The same of somebody who is or was booked at the site."""
    here = Appointment.objects.filter(slot__site=request.site).values("reservation__registration")
    people = Registration.objects.standing().select_related("person").filter(pk__in=here)
    found = get_object_or_404(people, pk=registration_id)
    return _postponement(request, found, "reservation:postponement_at_site", "")


def _postponement(request: StaffRequest, person: Registration, page: str, back: str) -> HttpResponse:
    now = timezone.now()
    form = PostponementForm(request.POST if request.method == "POST" and WITHDRAW not in request.POST else None)
    try:
        if request.method == "POST" and WITHDRAW in request.POST:
            postponing.withdraw(registration_id=person.pk, by=request.user, form=sending(request), now=now)
            messages.success(request, _("The postponement is withdrawn."))
            return redirect(request.path)
        if form.is_valid():
            ended_on = form.cleaned_data["ended_on"]
            done = postponing.postpone(
                registration_id=person.pk, ended_on=ended_on, by=request.user, form=sending(request), now=now
            )
            messages.success(request, _("The doses are postponed."))
            if done.times_before:
                messages.warning(request, _("Times before that day are on the list to call."))
            return redirect(request.path)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    looked(person=person.person, user=request.user, page=page, now=now)
    context = {"form": form, "registration": person, "standing": postponing.standing(person.pk), "back": back}
    return render(request, "reservation/postponing/of_person.html", context)
