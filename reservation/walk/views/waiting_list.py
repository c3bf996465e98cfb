"""The waiting list of a person who found no free time: which sites suit them, joining and leaving."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.errors import DomainError
from crs.sent_forms import sending
from registration.applying.preferred_sites import NeededSites
from registration.groups import order
from reservation.waiting import entries
from reservation.walk.session import InvitedRequest, invited


@invited
@require_http_methods(["GET", "HEAD", "POST"])
def waiting_list(request: InvitedRequest) -> HttpResponse:
    """Say which sites suit the person, and stand on the list for them; or leave it."""
    person, now = request.registration_id, timezone.now()
    if request.method != "POST":
        chosen = request.registration.preferred_sites.values_list("pk", flat=True)
        return _page(request, NeededSites(initial={"sites": [str(pk) for pk in chosen]}))
    if "choose" in request.POST:
        return _page(request, NeededSites(initial=NeededSites.typed_places(request.POST)))
    if "leave" in request.POST:
        entries.leave(registration_id=person, form=sending(request), now=now)
        messages.success(request, _("You are not on the waiting list any more. You keep your place in the order."))
        return redirect("reservation:waiting_list")
    form = NeededSites(request.POST)
    if form.is_valid():
        sites = form.cleaned_data["sites"]
        try:
            entries.join(registration_id=person, sites=sites, form=sending(request), now=now)
        except DomainError as refusal:
            form.add_error("sites", str(refusal))
        else:
            messages.success(request, _("You are on the waiting list."))
            return redirect("reservation:waiting_list")
    return _page(request, form)


def _page(request: InvitedRequest, form: NeededSites) -> HttpResponse:
    entry, now = entries.standing(request.registration_id), timezone.now()
    context = {
        "form": form,
        "entry": entry,
        "place": order.estimate(request.registration, now) if entry else None,
        "offer": entries.kept_offer(request.registration_id, now=now),
    }
    return render(request, "reservation/walk/waiting_list.html", context)
