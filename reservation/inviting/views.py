"""Line 1221 has PIN2 of a caller sent once more, or invites again somebody whose invitations are paused."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.accounts.guards import StaffRequest
from crs.messaging import quiet_hours
from crs.sent_forms import sending
from logistics.staff.guards import staff_who_may
from registration.models import Registration
from registration.people.looks import looked
from registration.permissions import RegistrationAct
from reservation.errors import Pin2Error
from reservation.inviting import resending, unused


@staff_who_may(RegistrationAct.REGISTER_CALLERS)
@require_http_methods(["GET", "HEAD", "POST"])
def of_caller(request: StaffRequest, registration_id: int) -> HttpResponse:
    """The valid PIN2, or the pause, with one press for each."""
    person = get_object_or_404(Registration.objects.standing().select_related("person"), pk=registration_id)
    now, act = timezone.now(), request.POST.get("act")
    try:
        if act == "resend":
            resending.resend(registration_id=person.pk, by=request.user, form=sending(request), now=now)
            messages.success(request, _("A new PIN2 is being sent. The one before does not work any more."))
            return redirect(request.path)
        if act == "resume":
            unused.resume(registration_id=person.pk, by=request.user, form=sending(request), now=now)
            messages.success(request, _("The person is invited again when their turn comes."))
            return redirect(request.path)
    except Pin2Error as refusal:
        messages.warning(request, str(refusal))
        return redirect(request.path)
    looked(person=person.person, user=request.user, page="reservation:pin2_of_caller", now=now)
    context = {
        "registration": person,
        "pin2": resending.valid(person.pk, now),
        "pause": unused.standing_pause(person.pk),
        "is_night": not quiet_hours.is_waking_time(now),
    }
    return render(request, "reservation/inviting/pin2_of_caller.html", context)
