"""One time of a site: its places are changed, moved to another time of the day, or left to the rules again."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from crs.errors import DomainError
from crs.sent_forms import sending
from logistics.staff.guards import SiteRequest, at_site
from reservation.models import Closure, Slot
from reservation.permissions import ReservationAct as Act
from reservation.site_calendar.forms import CapacityForm, MoveForm
from reservation.site_calendar.views import show
from reservation.slots import capacity

# Which button of the page was pressed.
STEP = "step"
MOST_CHANGES = 20


@at_site(Act.CHANGE_SLOTS)
@require_http_methods(["GET", "HEAD", "POST"])
def slot(request: SiteRequest, slot_id: int) -> HttpResponse:
    """A slot of the site with the forms of what can be done with its places."""
    found = get_object_or_404(Slot.objects.select_related("vaccine"), pk=slot_id, site=request.site)
    targets = list(_targets(found))
    step = request.POST.get(STEP, "")
    setting = CapacityForm(request.POST if step == "set" else None, initial={"capacity": found.capacity})
    moving = MoveForm(request.POST if step == "move" else None, targets=targets)
    if step == "set" and setting.is_valid():
        done = _set(request, found, setting)
    elif step == "move" and moving.is_valid():
        done = _move(request, found, moving)
    elif step == "rules":
        capacity.follow_rules(slot_id=found.pk, by=request.user, form=sending(request))
        done = _done(request, found, _("The opening rules decide about this time again."))
    else:
        done = None
    context: dict[str, Any] = {
        "slot": found,
        "free": found.capacity - found.booked,
        "closure": Closure.objects.standing().over(found).first(),
        "changes": capacity.changes_by_hand(found)[:MOST_CHANGES],
        "is_over": found.day < timezone.localdate(),
        "targets": targets,
        "setting": setting,
        "moving": moving,
        "form": moving if step == "move" else setting,  # whose errors stand at the top
    }
    return done or show(request, "slot", context)


def _set(request: SiteRequest, found: Slot, form: CapacityForm) -> HttpResponse | None:
    """Set the capacity; None where it is refused, which then stands at the form."""
    seats = form.cleaned_data["capacity"]
    try:
        capacity.set_capacity(slot_id=found.pk, capacity=seats, by=request.user, form=sending(request))
    except DomainError as refusal:
        form.add_error("capacity", str(refusal))
        return None
    text = ngettext("This time has %(count)d place now.", "This time has %(count)d places now.", seats)
    return _done(request, found, text % {"count": seats})


def _move(request: SiteRequest, found: Slot, form: MoveForm) -> HttpResponse | None:
    """Move seats; None where it is refused, which then stands at the form."""
    seats, target = form.cleaned_data["seats"], int(form.cleaned_data["target"])
    try:
        capacity.move_seats(source_id=found.pk, target_id=target, seats=seats, by=request.user, form=sending(request))
    except DomainError as refusal:
        form.add_error("seats", str(refusal))
        return None
    text = ngettext("%(count)d place was moved.", "%(count)d places were moved.", seats)
    return _done(request, found, text % {"count": seats})


def _done(request: SiteRequest, found: Slot, text: str) -> HttpResponseRedirect:
    messages.success(request, text)
    return redirect("reservation:calendar_day", request.site.pk, found.day)


def _targets(found: Slot) -> Any:
    """The other times of the day to which seats can go: of the vaccine, not closed."""
    same = Slot.objects.filter(site=found.site_id, day=found.day, vaccine=found.vaccine_id, is_closed=False)
    return same.exclude(pk=found.pk).order_by("starts_at", "for_doses")
