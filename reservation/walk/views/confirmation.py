"""Step 7 of the walk: the doses are confirmed, shown, printed and put into a diary."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crs.captcha.challenges import WrongAnswer
from crs.captcha.forms import captcha_kind, is_captcha_switch
from crs.errors import FormChanged
from crs.pdf.decorators import prints
from crs.pdf.responses import pdf_response
from crs.sent_forms import sending
from reservation import errors
from reservation.models import Reservation
from reservation.papers import confirmed_links, reservation_summary
from reservation.papers.calendar_file import Method, calendar_file, content_type
from reservation.papers.confirmation_pdf import confirmation_pdf
from reservation.reserving import booking, needs, retaking, together
from reservation.walk import companion
from reservation.walk.forms import ConfirmForm
from reservation.walk.session import ChoosingRequest, InvitedRequest, choosing, held, invited
from reservation.walk.views.choice import answer_refusal, not_your_turn, offer_others


@choosing
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: ChoosingRequest) -> HttpResponse:
    """Step 7: all doses, and the last click."""
    if request.method != "POST" or is_captcha_switch(request):
        return _confirm_page(request)
    if request.held is not None and request.POST.get("reservation") != str(request.held.pk):
        messages.info(request, _("You chose another time in the meantime. Please check it here."))
        return redirect("reservation:confirm")
    form = ConfirmForm(request.POST, captcha_kind=captcha_kind(request))
    if form.is_valid():
        try:
            booking.confirm(
                reservation_id=form.cleaned_data["reservation"],
                registration_id=request.registration_id,
                captcha=form.answer,
                form=sending(request),
                now=timezone.now(),
            )
        except WrongAnswer as refusal:
            form.add_error("captcha", str(refusal))
        except FormChanged as refusal:
            form.add_error(None, str(refusal))
        except errors.NotYourTurn as refusal:
            return not_your_turn(request, refusal)
        except errors.HoldExpired:
            return _take_again(request, form)
        except errors.SlotClosed as refusal:
            return offer_others(request, slot_id=refusal.slot_id, refusal=refusal)
        else:
            return _confirmed(request)
    return _confirm_page(request, form)


@invited
@require_safe
def confirmed(request: InvitedRequest) -> HttpResponse:
    """Show the confirmed reservation, also to people who come back with PIN2."""
    confirmation = reservation_summary.confirmed(registration_id=request.registration_id, now=timezone.now())
    if confirmation is None:
        return redirect("reservation:site")
    context = {
        "confirmation": confirmation,
        "sections": confirmed_links.templates(),
        "dose_without_time": needs.dose_without_time(request.registration),
    }
    return render(request, "reservation/walk/confirmed.html", context)


@invited
@require_safe
@prints(meanwhile=gettext_lazy("If you gave us your e-mail, we send the paper there too."))
def pdf(request: InvitedRequest) -> HttpResponse:
    """The confirmation as PDF."""
    confirmation = reservation_summary.confirmed(registration_id=request.registration_id, now=timezone.now())
    if confirmation is None:
        raise Http404
    content = confirmation_pdf(confirmation, language=get_language() or "cs")
    return pdf_response(content, "potvrzeni.pdf")


@invited
@require_safe
def calendar(request: InvitedRequest) -> HttpResponse:
    """The doses for the person's own diary."""
    confirmation = reservation_summary.confirmed(registration_id=request.registration_id, now=timezone.now())
    if confirmation is None or not confirmation.to_come:
        raise Http404
    content = calendar_file(confirmation, language=get_language() or "cs")
    headers = {"Content-Disposition": 'attachment; filename="terminy.ics"'}
    return HttpResponse(content, content_type=content_type(Method.PUBLISH), headers=headers)


def _take_again(request: ChoosingRequest, form: ConfirmForm) -> HttpResponse:
    """The seats were given back, and as a rule nobody has them: the same times are taken and confirmed.

    Where a later dose can only be had at another time, the person looks at it first.
    """
    if request.held is not None and not together.is_whole(request.held):
        return _left_by_the_other(request)
    now, asked = timezone.now(), form.cleaned_data["reservation"]
    person = request.registration_id
    try:
        again = retaking.take_again(
            reservation_id=asked, registration_id=person, invitation_id=request.invitation_id, now=now
        )
        if not again.is_same:
            messages.warning(request, _("Not all times were free any more, so some have changed. Please check them."))
            return redirect("reservation:confirm")
        booking.confirm(
            reservation_id=again.reservation_id,
            registration_id=person,
            captcha=form.answer,
            form=sending(request),
            now=now,
        )
    except WrongAnswer as refusal:  # used up in another window since the first look
        messages.warning(request, str(refusal))
        return redirect("reservation:confirm")
    except errors.HoldExpired:
        return _hold_ran_out(request)
    except (errors.SlotFull, errors.NoLaterSlot, errors.NoSeatsTogether):
        return offer_others(request, slot_id=retaking.first_slot(asked), refusal=errors.HoldExpired())
    except errors.BookingError as refusal:
        return answer_refusal(request, slot_id=retaking.first_slot(asked), refusal=refusal)
    return _confirmed(request, is_of_two=again.is_of_two)


def _confirmed(request: ChoosingRequest, *, is_of_two: bool = False) -> HttpResponse:
    """Lead to what is reserved; of two people the page shows the one who chose."""
    if is_of_two or (request.held is not None and request.held.party is not None):
        companion.forget(request)
        text = _("The other person has reserved times, too. We are sending the times to both of you.")
        messages.success(request, text)
    return redirect("reservation:confirmed")


def _confirm_page(request: ChoosingRequest, form: ConfirmForm | None = None) -> HttpResponse:
    if request.held is not None and not together.is_whole(request.held):
        return _left_by_the_other(request)
    now = timezone.now()
    hold = request.held or _ran_out(request, now)
    if hold is None:
        return _hold_ran_out(request)
    context = {
        "form": form or ConfirmForm(initial={"reservation": hold.pk}, captcha_kind=captcha_kind(request)),
        "held": hold,
        "people": companion.held_by_all(hold),
        "minutes_left": max(1, round((hold.held_until - now).total_seconds() / 60)),
        "has_run_out": request.held is None,
    }
    return render(request, "reservation/walk/confirm.html", context)


def _left_by_the_other(request: ChoosingRequest) -> HttpResponse:
    """The hold lasts, but the other person has chosen times of their own: nothing can be confirmed for both."""
    messages.warning(request, str(errors.CompanionCannotReserve()))
    return redirect("reservation:together")


def _ran_out(request: ChoosingRequest, now: datetime) -> Reservation | None:
    """The hold that ran out, while its times can still be confirmed."""
    lost = reservation_summary.latest_lost_hold(registration_id=request.registration_id, now=now)
    return lost if lost is not None and retaking.is_free(lost, now=now) else None


def _hold_ran_out(request: ChoosingRequest) -> HttpResponse:
    """The hold that a page showed is gone: to the valid one of another tab, or to other times."""
    now = timezone.now()
    reservation = reservation_summary.valid_reservation(registration_id=request.registration_id, now=now)
    if held(reservation) is not None:
        messages.info(request, _("You chose another time in the meantime. Please check it here."))
        return redirect("reservation:confirm")
    lost = reservation_summary.latest_lost_hold(registration_id=request.registration_id, now=now)
    if lost is None:
        return redirect("reservation:site")
    return offer_others(request, slot_id=lost.appointments.all()[0].slot_id, refusal=errors.HoldExpired())
