"""A time that is offered from the waiting list: the link of its SMS leads here, and one press of a button answers."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.errors import FormChanged
from crs.sent_forms import sending
from reservation import errors
from reservation.models import PersonalLink, Reservation, SeatOffer
from reservation.papers import reservation_summary
from reservation.waiting import answering, entries
from reservation.waiting.errors import OfferIsOver
from reservation.walk import session
from reservation.walk.session import LinkedRequest, linked
from reservation.walk.views.choice import not_your_turn

ANSWER = "answer"


@linked(PersonalLink.Purpose.SEAT_OFFER)
@require_http_methods(["GET", "HEAD", "POST"])
def seat_offer(request: LinkedRequest) -> HttpResponse:
    """The offered times: take them, choose others, leave them to somebody else, or leave the list."""
    offer = _offer_of(request)
    if request.method == "POST":
        try:
            return _answer(request, offer)
        except (OfferIsOver, FormChanged) as refusal:
            messages.warning(request, str(refusal))
        except errors.NotYourTurn as refusal:
            return not_your_turn(request, refusal)
        except errors.SlotClosed as refusal:
            messages.warning(request, str(refusal))
        offer = _offer_of(request)
    context = {
        "offer": offer,
        "is_open": offer.reservation.state == Reservation.State.HELD,
        "has_run_out": offer.answer_by <= timezone.now(),
        "is_taken": offer.reservation.state == Reservation.State.CONFIRMED,
        "stands_on_list": entries.standing(request.link.registration_id) is not None,
        "appointments": reservation_summary.appointments_of(offer.reservation),
    }
    return render(request, "reservation/walk/seat_offer.html", context)


def _answer(request: LinkedRequest, offer: SeatOffer) -> HttpResponse:
    now, form, answer = timezone.now(), sending(request), request.POST.get(ANSWER)
    if answer == "accept":
        answering.accept(offer=offer, form=form, now=now)
        messages.success(request, _("The times are yours. We have sent them to you by SMS."))
    elif answer == "decline":
        answering.decline(offer=offer, form=form, now=now)
        messages.success(request, _("We offer this time to the next person. You stay on the waiting list."))
    elif answer == "leave":
        if offer.reservation.state != Reservation.State.HELD:
            raise OfferIsOver  # a later offer has its own link
        entries.leave(registration_id=request.link.registration_id, form=form, now=now)
        messages.success(request, _("You are not on the waiting list any more. You keep your place in the order."))
    elif answer == "another":
        session.let_in(request, answering.invitation_of(offer, now=now))
        return redirect("reservation:site")
    return redirect("reservation:seat_offer")


def _offer_of(request: LinkedRequest) -> SeatOffer:
    offers = SeatOffer.objects.select_related("entry", "reservation")
    offer = offers.filter(pk=request.link.about, entry__registration=request.link.registration_id).first()
    if offer is None:
        raise Http404
    offer.reservation = reservation_summary.with_appointments(offer.reservation_id)
    return offer
