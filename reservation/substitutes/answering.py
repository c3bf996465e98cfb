"""What substitutes answer: they come and have a seat of today, they do not, or others were faster."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Exists
from django.utils import timezone

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.models import Registration
from reservation.affected import affected, rearranging
from reservation.arranging import arrangements, giving_back, presence, seating
from reservation.models import (
    AffectedAppointment,
    Appointment,
    Reservation,
    Slot,
    SubstituteCall,
    SubstituteOffer,
    WaitingListEntry,
)
from reservation.operations import Operation
from reservation.substitutes import answer_messages, asking, errors

_Answer = SubstituteOffer.Answer


def accept(*, offer_id: int, now: datetime, by: User | None = None, form: Sending = NO_FORM) -> None:
    """The person comes: they get a seat of today, and a later time that they had is given back. The first come.

    Whoever declined, or did not answer in time, may still come while a dose is left. `by` is who noted it at the
    telephone. Raises DosesGone, DoseNotForToday, FormChanged.
    """

    def record() -> Outcome:
        offer, call = _locked(offer_id)
        if offer.answer == _Answer.COMES:
            return {"comes": True}
        is_over = call.ended_at is not None or call.come_by <= now
        if is_over or asking.doses_left(call) == 0:
            if offer.answer == "":
                _answer(offer, _Answer.TOO_LATE, now)
            return {"comes": False}
        if not asking.who_can_come_today(call, now).filter(pk=offer.registration_id).exists():
            raise errors.DoseNotForToday
        appointment, moved_from = _seat(offer, call, now)
        _answer(offer, _Answer.COMES, now, appointment=appointment, moved_from=moved_from, answered_with=by)
        rearranging.hand_over_following(appointment, now=now)
        answer_messages.tell_comes(appointment, call, moved_from, now=now)
        return {"comes": True}

    with history.recording(Operation.SUBSTITUTE_COMES, by=by):
        outcome = sent_forms.once(form, record) or {}
    # Raised after the commit: inside, it would undo what the offer says.
    if not outcome["comes"]:
        raise errors.DosesGone


def decline(*, offer_id: int, now: datetime, by: User | None = None, form: Sending = NO_FORM) -> None:
    """The person does not come, also one who wanted to; the next people are asked at once. Raises FormChanged.

    Whoever had a later time has it again, if nobody took it meanwhile.
    """

    def record() -> Outcome:
        offer, call = _locked(offer_id)
        if offer.answer == _Answer.COMES and not _give_back(offer, call, by, now):
            return {}  # the dose was given meanwhile, or the site moved the person to another day
        if offer.answer in ("", _Answer.COMES):
            _answer(offer, _Answer.DECLINED, now, appointment=None, moved_from=None, answered_with=by)
        if call.ended_at is None and call.come_by > now:
            asking.ask(call, now)
        return {}

    with history.recording(Operation.SUBSTITUTE_DECLINES, by=by):
        sent_forms.once(form, record)


# What the buttons of the pages send.
COMES, CANNOT = "comes", "cannot"
ANSWERS = {COMES: accept, CANNOT: decline}


def _locked(offer_id: int) -> tuple[SubstituteOffer, SubstituteCall]:
    """The offer as it stands under the lock of its call, which comes before all rows of people, and of its person.

    Under that of the person nothing changes what they can have today: neither their times, nor a call of another site.
    """
    calls = SubstituteCall.objects.select_related("site", "vaccine").filter(offers=offer_id)
    call = calls.select_for_update(of=("self",), no_key=True).get()
    offer = SubstituteOffer.objects.select_related("moved_from").get(pk=offer_id)
    offer.registration = Registration.objects.select_for_update(no_key=True).get(pk=offer.registration_id)
    return offer, call


def _answer(offer: SubstituteOffer, answer: SubstituteOffer.Answer, now: datetime, **values: object) -> None:
    SubstituteOffer.objects.filter(pk=offer.pk).update(answer=answer, answered_at=now, **values)


def _seat(offer: SubstituteOffer, call: SubstituteCall, now: datetime) -> tuple[Appointment, Slot | None]:
    """A seat at the time by which the substitutes come, and the slot of the time that the person had."""
    person = offer.registration
    dose = person.doses_received + 1
    # Also one that was missed: the seat of today takes its place.
    had = Appointment.objects.filter(
        reservation__in=Reservation.objects.confirmed().filter(registration=person), dose_number=dose
    )
    moved_from = Slot.objects.filter(appointments__in=had.filter(state__in=seating.MOVABLE)).first()
    seated = arrangements.seat_today(
        registration=person,
        site=call.site,
        vaccine=call.vaccine,
        dose_number=dose,
        now=now,
        came_at=call.come_by,
        at_that_time=True,
        over_reason=f"call to substitutes {call.pk}",
    )
    return seated, moved_from


def _give_back(offer: SubstituteOffer, call: SubstituteCall, by: User | None, now: datetime) -> bool:
    """Take the seat back; False where the person does not have it any more."""
    here = Appointment.objects.to_come(offer.registration).filter(
        slot__site=call.site, slot__day=timezone.localdate(call.come_by)
    )
    seated = here.filter(pk=offer.appointment_id or 0).select_related("reservation__registration").first()
    if seated is None or presence.is_anybody_there([seated.pk]):
        return False
    had = offer.moved_from
    if had is None:
        arrangements.seat_back(appointment_id=seated.pk, slot_id=None)
        if Reservation.objects.filter(pk=seated.reservation_id, state=Reservation.State.CANCELLED).exists():
            answer_messages.tell_off(seated.reservation)
        # Whoever stood on the waiting list left it because they had this seat, and stands there as before.
        left = WaitingListEntry.objects.filter(registration=offer.registration, left_at__gte=offer.answered_at)
        standing = WaitingListEntry.objects.filter(registration=offer.registration, left_at=None)
        last = left.order_by("-left_at").values("pk")[:1]
        WaitingListEntry.objects.filter(~Exists(standing), pk__in=last).update(left_at=None)
        return True
    # A first dose that was missed ends its reservation, so whatever is behind us here is a later one.
    was_missed = had.starts_at <= now
    if not arrangements.seat_back(appointment_id=seated.pk, slot_id=had.pk, was_missed=was_missed):
        # Somebody has the later time by now: the person chooses another one.
        giving_back.give_up(Reservation.objects.get(pk=seated.reservation_id), now)
        answer_messages.tell_lost(seated.reservation)
        return True
    rows = affected.open_at(now).filter(appointment__reservation=seated.reservation_id)
    following = rows.filter(cause=AffectedAppointment.Cause.MOVED).values_list("pk", flat=True)
    affected.keep(affected_ids=following, by=by, now=now)
    if not was_missed:
        answer_messages.tell_back(
            Appointment.objects.select_related("slot__site", "reservation__registration__person").get(pk=seated.pk)
        )
    return True
