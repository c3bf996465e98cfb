"""The page behind the link of a re-planning: the new time, 'it suits me', and other times one press away."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crs.errors import DomainError
from crs.sent_forms import sending
from reservation.models import PersonalLink, PlannedMove
from reservation.replanning import answers
from reservation.walk.forms import pressed_slot
from reservation.walk.session import LinkedRequest, linked

PAGE = "reservation:replanned"


@linked(PersonalLink.Purpose.REPLANNED)
@require_safe
def replanned(request: LinkedRequest) -> HttpResponse:
    """What moved from when to when, and the nearest other times; `?davka=2&den=2027-01-20` shows those of a day."""
    now = timezone.now()
    moves = _moves(request)
    if not moves:
        messages.info(request, _("Your times have changed since that message. Log in to see them."))
        return redirect("reservation:log_in")
    shown = [_shown(request, move) for move in moves]
    context = {
        "moves": shown,
        "reason": moves[0].replan.reason,
        "registration": request.link.registration,
        "is_open": any(answers.stands(move) and move.answered_at is None for move in moves),
        "now": now,
    }
    return render(request, "reservation/walk/replanned.html", context)


@linked(PersonalLink.Purpose.REPLANNED)
@require_POST
def accept_time(request: LinkedRequest) -> HttpResponse:
    """The new times suit."""
    person, now = request.link.registration_id, timezone.now()
    if answers.accept(replan_id=int(request.link.about), registration_id=person, now=now):
        messages.success(request, _("Thank you. We count on you at the new time."))
    return redirect(PAGE)


@linked(PersonalLink.Purpose.REPLANNED)
@require_POST
def choose_time(request: LinkedRequest, move_id: int) -> HttpResponse:
    """Take another time instead of the new one of a dose."""
    move = next((one for one in _moves(request) if one.pk == move_id), None)
    slot = pressed_slot(request.POST)
    if move is None or slot is None:
        return redirect(PAGE)
    try:
        answers.choose(move=move, slot_id=slot, now=timezone.now(), form=sending(request))
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Your new time is booked. We sent you its confirmation."))
    return redirect(PAGE)


def _moves(request: LinkedRequest) -> list[PlannedMove]:
    return answers.moves_of(replan_id=int(request.link.about), registration_id=request.link.registration_id)


def _shown(request: LinkedRequest, move: PlannedMove) -> dict[str, Any]:
    now = timezone.now()
    if not answers.stands(move):
        return {"move": move, "stands": False}
    days = answers.days(move, now=now)
    is_asked = request.GET.get("davka") == str(move.appointment.dose_number)
    day = {f"{one:%Y-%m-%d}": one for one in days}.get(request.GET.get("den", "")) if is_asked else None
    times = answers.times_of(move, day=day, now=now) if day else answers.nearest(move, now=now)
    return {"move": move, "stands": True, "days": days, "day": day, "times": times}
