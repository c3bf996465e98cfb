"""A person agrees to be called when doses are left, and answers a call: they come, or they do not."""

from collections.abc import Iterable
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
from logistics.models import VaccinationSite
from registration.mine.views import EntryRequest, changes_entry
from registration.models import Registration
from reservation.models import Appointment, PersonalLink, SubstituteOffer
from reservation.substitutes import agreeing, answering, asking
from reservation.substitutes.agreeing import Whose
from reservation.substitutes.errors import DosesGone
from reservation.substitutes.forms import AgreementForm
from reservation.waiting import entries
from reservation.walk.session import InvitedRequest, LinkedRequest, invited, linked

CHOOSE, WITHDRAW = "choose", "withdraw"
_Answer = SubstituteOffer.Answer


@changes_entry
def my_substitute(request: EntryRequest) -> HttpResponse:
    """To which sites somebody whom the telephone looks after comes when they are called."""
    entry = request.entry
    back = reverse("registration:my_registration", args=[entry.key])
    around = {"person": entry.person, "back": back, "here": reverse("reservation:my_substitute", args=[entry.key])}
    return _agreement(request, entry.claim or entry.registration, entry.sites, around)


@invited
@require_http_methods(["GET", "HEAD", "POST"])
def substitute(request: InvitedRequest) -> HttpResponse:
    """The same of whoever logged in with PIN2."""
    registration = request.registration
    back, here = reverse("reservation:site"), reverse("reservation:substitute")
    around = {"person": registration.person, "back": back, "here": here}
    return _agreement(request, registration, registration.preferred_sites.all(), around)


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
    answer = answering.ANSWERS.get(request.POST.get("answer", ""))
    if answer is not None:
        try:
            answer(offer_id=offer.pk, form=sending(request), now=now)
        except DosesGone:
            pass  # the page says so
        except DomainError as refusal:
            messages.info(request, str(refusal))
        return redirect("reservation:substitute_offer")
    whose = request.link.registration
    context = {
        "offer": offer,
        "call": offer.call,
        "comes": offer.answer == _Answer.COMES,
        "can_come": _can_come(offer, now),
        "later": _later(whose, now),
    }
    return render(request, "reservation/walk/substitute_offer.html", context)


def _agreement(
    request: HttpRequest, whose: Whose, preferred: Iterable[VaccinationSite], around: dict[str, Any]
) -> HttpResponse:
    now, agreed = timezone.now(), agreeing.agreed_by(whose)
    # The sites that suit the person anyway are ticked, until they have agreed for one.
    sites = [] if agreed else [str(site.pk) for site in preferred][: agreeing.MOST_SITES]
    form = AgreementForm(initial={"sites": sites})
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


def _later(whose: Registration, now: datetime) -> Appointment | None:
    """The later time that the person gives up if they come: one of theirs, or one that is offered to them."""
    booked = Appointment.objects.to_come(whose, dose=whose.doses_received + 1).select_related("slot__site")
    offer = entries.kept_offer(whose.pk, now=now)
    offered = None if offer is None else entries.first_appointment(offer)
    return booked.filter(slot__day__gt=timezone.localdate(now)).first() or offered


def _can_come(offer: SubstituteOffer, now: datetime) -> bool:
    """Whether a dose is left, whatever the person answered before."""
    call = offer.call
    is_running = call.ended_at is None and call.come_by > now
    return is_running and asking.doses_left(call) > 0
