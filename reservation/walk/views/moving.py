"""A person changes their times, or gives them back: by PIN2, by the telephone, or by the link of the day before."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crs.errors import DomainError
from crs.sent_forms import sending
from registration.number import grouped
from reservation import errors
from reservation.free_seats import availability
from reservation.models import Invitation, PersonalLink, Slot
from reservation.moving import moving, targets
from reservation.moving.errors import NothingToMove, TimesChanged
from reservation.moving.moving import TimesChange
from reservation.moving.targets import Target
from reservation.walk import session
from reservation.walk.forms import pressed_slot
from reservation.walk.session import InvitedRequest, LinkedRequest, invited, linked
from reservation.walk.views import choice
from reservation.walk.views.choice import REFUSED_SLOTS, Way

SEEN = "seen"


@invited
@require_safe
def changes(request: InvitedRequest) -> HttpResponse:
    """What can be changed: all doses, a later one alone, or nothing of it is wanted any more."""
    now, person = timezone.now(), request.registration_id
    context = {
        "targets": targets.of_person(person, now),
        "times": moving.times_to_give_back(registration_id=person, now=now),
    }
    return render(request, "reservation/walk/changes.html", context)


@invited
@require_safe
def site(request: InvitedRequest, dose: int) -> HttpResponse:
    """A site for all doses; a later dose alone is given where it was."""
    target = _target(request, dose)
    if target.site_id is not None:
        return redirect("reservation:move_day", dose, target.site_id)
    return choice.site_page(request, _way(target), registration=request.registration)


@invited
@require_safe
def day(request: InvitedRequest, dose: int, site_id: UUID) -> HttpResponse:
    """A day at the site."""
    target = _target(request, dose)
    return choice.day_page(request, _way(target), site_id, target.days(site_id, timezone.now()))


@invited
@require_safe
def time(request: InvitedRequest, dose: int, site_id: UUID, on: date) -> HttpResponse:
    """A time on the day."""
    target = _target(request, dose)
    offers = target.times(site_id, on, timezone.now())
    return choice.time_page(request, _way(target), site_id, on, target.need, offers)


@invited
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: InvitedRequest, dose: int) -> HttpResponse:
    """The times as they are and as they would be; the second press changes them."""
    now, person, slot_id = timezone.now(), request.registration_id, pressed_slot(request.POST)
    if slot_id is None:  # a GET too: it carries no POST data
        return redirect("reservation:move_site", dose)
    try:
        if SEEN in request.POST and _is_moved(request, dose, slot_id):
            messages.success(request, _("Your times are changed. We have sent them to you."))
            return redirect("reservation:confirmed")
        change = moving.preview(registration_id=person, dose=dose, slot_id=slot_id, now=now)
    except REFUSED_SLOTS as refusal:
        return _offer_others(request, dose, slot_id, refusal)
    return _preview(request, change, slot_id)


@invited
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: InvitedRequest) -> HttpResponse:
    """What would be given back, and one press that does it."""
    now, person = timezone.now(), request.registration_id
    if request.method == "POST":
        try:
            moving.cancel(registration_id=person, shown=request.POST.get(SEEN), form=sending(request), now=now)
        except TimesChanged as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("Your times are cancelled. Thank you: somebody else can have your place."))
            return _choose_again(request, person, is_known=True)
    times = moving.times_to_give_back(registration_id=person, now=now)
    if not times:
        raise NothingToMove
    context = {"times": times, "seen": moving.fingerprint_of(times)}
    return render(request, "reservation/walk/cancel.html", context)


@linked(PersonalLink.Purpose.CANNOT_COME)
@require_http_methods(["GET", "HEAD", "POST"])
def cannot_come(request: LinkedRequest) -> HttpResponse:
    """The link of the reminder: one press gives the place back, and the person chooses another time."""
    now, link = timezone.now(), request.link
    if request.method == "POST":
        try:
            person, shown = link.registration_id, request.POST.get(SEEN)
            moving.cancel(registration_id=person, shown=shown, form=sending(request), now=now)
        except DomainError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("Thank you. Somebody else can have your place."))
            return _choose_again(request, person, is_known=link.is_by_phone)
    times = moving.times_to_give_back(registration_id=link.registration_id, now=now)
    is_told = any(str(one.pk) == link.about for one in times)
    context = {
        "times": times if is_told else (),
        "seen": moving.fingerprint_of(times),
        "number": grouped(link.registration.number),
    }
    return render(request, "reservation/walk/cannot_come.html", context)


def _is_moved(request: InvitedRequest, dose: int, slot_id: int) -> bool:
    """Whether the second press did it; where the times are other ones than it showed, they are shown once more."""
    shown, person = request.POST[SEEN], request.registration_id
    try:
        moving.move(
            registration_id=person, dose=dose, slot_id=slot_id, shown=shown, form=sending(request), now=timezone.now()
        )
    except TimesChanged as refusal:
        messages.warning(request, str(refusal))
        return False
    return True


def _choose_again(request: HttpRequest, person: int, *, is_known: bool) -> HttpResponse:
    """Lead whoever gave their times back to other ones.

    `is_known`: they logged in, or their link came by SMS, so that they hold the telephone as whoever knows PIN2 does.
    """
    now = timezone.now()
    invitation = Invitation.objects.valid(now).select_related("registration").filter(registration=person).first()
    if invitation is None:
        # None went out, because a rule changed and it is their turn no longer.
        text = _("You are waiting for your turn. You need not do anything: we will send you PIN2, or offer you a time.")
        messages.info(request, text)
        return redirect("home")
    if not is_known:
        messages.info(request, _("To choose another time, log in with your telephone and PIN2."))
        return redirect("reservation:log_in")
    session.let_in_by_phone(request, invitation.registration, now)
    return redirect("reservation:site")


def _target(request: InvitedRequest, dose: int) -> Target:
    return moving.target_of(registration_id=request.registration_id, dose=dose, now=timezone.now())


def _way(target: Target) -> Way:
    return Way(
        reverse("reservation:move_site", args=[target.dose]),
        reverse("reservation:move", args=[target.dose]),
        dose=target.dose,
        site_is_given=target.site_id is not None,
    )


def _preview(request: HttpRequest, change: TimesChange, slot_id: int) -> HttpResponse:
    way = _way(change.target)
    context = {
        "doses": change.doses,
        "slot": slot_id,
        "seen": change.fingerprint,
        "way": way,
        "language_next": way.sites_url,
    }
    return render(request, "reservation/walk/move.html", context)


def _offer_others(request: InvitedRequest, dose: int, slot_id: int, refusal: errors.BookingError) -> HttpResponse:
    """The old time stays, and the nearest free ones are a press away."""
    target, lost = _target(request, dose), Slot.objects.select_related("site").filter(pk=slot_id).first()
    if lost is None:
        messages.warning(request, str(refusal))
        return redirect("reservation:move_site", dose)
    offers = [
        one
        for one in availability.nearest(slot_id=slot_id, need=target.need, now=timezone.now())
        if target.last_day is None or timezone.localdate(one.starts_at) <= target.last_day
    ]
    return choice.taken_page(request, _way(target), lost, offers, refusal=refusal)
