"""Whoever proved their telephone goes on without PIN2, has it sent once more, or asks to be invited again."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crs.messaging import quiet_hours
from crs.sent_forms import sending
from registration.applying.errors import NotYours
from registration.mine import entries
from registration.mine.entries import Entry
from registration.telephones.phone import readable
from registration.telephones.session import ProvenRequest, proven_owner
from reservation.errors import NoPin2ToSend, Pin2Error
from reservation.inviting import resending, unused
from reservation.models import Invitation, WaitingListEntry
from reservation.papers import reservation_summary
from reservation.reserving import needs, turn
from reservation.walk import session

WHOSE, ACT = "whose", "act"


@dataclass(frozen=True)
class Turn:
    """What somebody of this telephone can do now; of a claim nothing, as of whoever waits.

    So whoever is on the waiting list and was never invited reads what everybody reads who waits: registering while all
    is taken would else tell a claim from a registration at once. The link of an offer leads them on.
    """

    entry: Entry
    pin2: Invitation | None = None
    has_times: bool = False
    is_listed: bool = False
    is_paused: bool = False
    dose_without_time: int | None = None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@proven_owner
def my_pin2(request: ProvenRequest) -> HttpResponse:
    """The people of the proven telephone, and one press for each thing that they can do."""
    now = timezone.now()
    if request.method == "POST":
        return _act(request, now)
    turns = [_turn(entry, now) for entry in entries.of_phone(request.proven_phone) if not entry.is_ended]
    context = {"turns": turns, "phone": readable(request.proven_phone), "is_night": not quiet_hours.is_waking_time(now)}
    return render(request, "reservation/walk/my_pin2.html", context)


def _turn(entry: Entry, now: datetime) -> Turn:
    if entry.claim is not None:
        return Turn(entry)
    registration = entry.registration
    valid = resending.valid(registration.pk, now)
    if valid is not None and not turn.eligibility_of(registration, now=now).may_reserve:
        valid = None
    reservation = reservation_summary.valid_reservation(registration_id=registration.pk, now=now)
    return Turn(
        entry,
        valid,
        session.keeps_times(registration, valid, reservation, now),
        WaitingListEntry.objects.filter(
            registration=registration, left_at=None, registration__invitations__isnull=False
        ).exists(),
        unused.standing_pause(registration.pk) is not None,
        needs.dose_without_time(registration),
    )


def _act(request: ProvenRequest, now: datetime) -> HttpResponse:
    entry = entries.find(request.proven_phone, request.POST.get(WHOSE, ""))
    if entry is None or entry.is_ended:
        raise NotYours
    person, act = entry.registration, request.POST.get(ACT)
    can = _turn(entry, now)
    try:
        if act == "enter" and (can.pin2 or can.has_times or can.is_listed):
            session.let_in_by_phone(request, person, now)
            if can.has_times:
                return redirect("reservation:confirmed")
            return redirect("reservation:site" if can.pin2 else "reservation:waiting_list")
        if act == "resume" and can.is_paused:
            unused.resume(registration_id=person.pk, form=sending(request), now=now)
            messages.success(request, _("You wait for your turn again. We will send you PIN2 by SMS."))
        elif act == "resend":
            if entry.claim is not None:
                raise NoPin2ToSend
            resending.resend(registration_id=person.pk, form=sending(request), now=now)
            messages.success(request, _("We are sending you a new PIN2 by SMS. The one before does not work any more."))
    except Pin2Error as refusal:
        messages.warning(request, str(refusal))
    return redirect("reservation:my_pin2")
