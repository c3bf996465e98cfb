"""A person agrees to be called when doses are left, and answers a call: they come, or they do not."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.errors import DomainError
from crs.sent_forms import sending
from registration.mine.views import EntryRequest, changes_entry
from reservation.models import Appointment, PersonalLink, SubstituteOffer
from reservation.substitutes import agreeing, answering, asking
from reservation.substitutes.agreeing import Whose
from reservation.substitutes.errors import DosesGone
from reservation.substitutes.forms import AgreementForm
from reservation.walk.session import InvitedRequest, LinkedRequest, invited, linked

CHOOSE, WITHDRAW, ANSWER, COMES = "choose", "withdraw", "answer", "comes"
_Answer = SubstituteOffer.Answer


@changes_entry
def my_substitute(request: EntryRequest) -> HttpResponse:
    """To which sites somebody whom the telephone looks after comes when they are called."""
    entry = request.entry
    back = reverse("registration:my_registration", args=[entry.key])
    around = {"person": entry.person, "back": back, "here": reverse("reservation:my_substitute", args=[entry.key])}
    return _agreement(request, entry.claim or entry.registration, around)


@invited
@require_http_methods(["GET", "HEAD", "POST"])
def substitute(request: InvitedRequest) -> HttpResponse:
    """The same of whoever logged in with PIN2."""
    registration = request.invitation.registration
    back, here = reverse("reservation:site"), reverse("reservation:substitute")
    return _agreement(request, registration, {"person": registration.person, "back": back, "here": here})


@linked(PersonalLink.Purpose.SUBSTITUTE)
@require_http_methods(["GET", "HEAD", "POST"])
def substitute_offer(request: LinkedRequest) -> HttpResponse:
    """A call: what is left where and until when, one press to come and one not to; then what became of it."""
    offer = get_object_or_404(
        SubstituteOffer.objects.select_related("call__site", "call__vaccine"),
        pk=request.link.about,
        registration=request.link.registration_id,
    )
    now = timezone.now()
    if request.method == "POST":
        answer = answering.accept if request.POST.get(ANSWER) == COMES else answering.decline
        try:
            answer(offer_id=offer.pk, form=sending(request), now=now)
        except DosesGone:
            pass  # the page says so
        except DomainError as refusal:
            messages.info(request, str(refusal))
        return redirect("reservation:substitute_offer")
    whose = request.link.registration
    later = (
        Appointment.objects.to_come(whose).filter(slot__day__gt=timezone.localdate(now)).select_related("slot__site")
    )
    context = {
        "offer": offer,
        "call": offer.call,
        "person": whose.person,
        "comes": offer.answer == _Answer.COMES,
        "can_come": _can_come(offer, now),
        "later": later.filter(slot__day__gt=timezone.localdate(now)).first(),
    }
    return render(request, "reservation/walk/substitute_offer.html", context)


def _agreement(request: HttpRequest, whose: Whose, around: dict[str, Any]) -> HttpResponse:
    now = timezone.now()
    agreed = agreeing.agreed_by(whose)
    form = AgreementForm(initial=_initial(whose, agreed))
    if CHOOSE in request.POST:
        form = AgreementForm(initial=AgreementForm.typed(request.POST))
    elif WITHDRAW in request.POST:
        if agreeing.withdraw(whose=whose, site=request.POST[WITHDRAW], now=now):
            messages.success(request, _("Nobody will call you to this vaccination site any more."))
        return redirect(around["here"])
    elif request.method == "POST":
        form = AgreementForm(request.POST)
        if form.is_valid():
            try:
                agreeing.agree(whose=whose, form=sending(request), now=now, **form.agreement())
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Thank you. We will send you an SMS when a dose is left for you."))
                return redirect(around["here"])
    context = {"form": form, "agreed": agreed, "hours": settings.SUBSTITUTE_HOURS, **around}
    return render(request, "reservation/walk/substitute.html", context)


def _initial(whose: Whose, agreed: list[Any]) -> dict[str, Any]:
    """The sites that the person prefers and has not agreed for yet."""
    preferred = getattr(whose, "preferred_sites", None)
    known = {one.site_id for one in agreed}
    sites = [] if preferred is None else [site for site in preferred.all() if site.pk not in known]
    return {"sites": [str(site.pk) for site in sites[: agreeing.MOST_SITES]]}


def _can_come(offer: SubstituteOffer, now: datetime) -> bool:
    """Whether a dose is left, whatever the person answered before."""
    call = offer.call
    is_running = call.ended_at is None and call.come_by > now
    return is_running and asking.doses_left(call) > 0
