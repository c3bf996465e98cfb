"""The answer to an offered time: yes, no, another time, or none at all.

The reservation says what became of the seats, in one guarded statement each; the offer is written after it. So of an
answer, a choice of another time and the sweep that frees old holds the first one counts, and what a crash left
unwritten is found by the next `settle`.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from crs import sent_forms
from crs.messaging import quiet_hours
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.people import telling
from reservation import errors
from reservation.models import Invitation, Reservation, SeatOffer, WaitingListEntry
from reservation.reserving import booking
from reservation.waiting import entries
from reservation.waiting.errors import OfferIsOver

# Whoever left so many offers without an answer is offered no more, and waits for PIN2 again.
MOST_IGNORED = 2

_Answer, _State = SeatOffer.Answer, Reservation.State
# What the state of the reservation says of the answer.
_CAME_OF_IT = (
    (_Answer.ACCEPTED, (_State.CONFIRMED, _State.MISSED)),
    # Whoever chose another time gave this one back in that moment.
    (_Answer.CHANGED, (_State.CANCELLED,)),
    (_Answer.IGNORED, (_State.EXPIRED,)),
)


def accept(*, offer: SeatOffer, now: datetime, form: Sending = NO_FORM) -> None:
    """Make the offered time the person's own; as `booking.confirm`, also a moment too late while it is still kept.

    Raises OfferIsOver, NotYourTurn (it stays offered), SlotClosed (it is given up), FormChanged.
    """
    whose = offer.entry.registration_id
    try:
        booking.confirm(reservation_id=offer.reservation_id, registration_id=whose, now=now, form=form)
    except errors.HoldExpired:
        raise OfferIsOver from None
    finally:
        _write_down(SeatOffer.objects.filter(pk=offer.pk), now)
    entries.close(registration_id=whose, now=now)


def decline(*, offer: SeatOffer, now: datetime, form: Sending = NO_FORM) -> None:
    """Give the offered time to the next person; this one stays on the list. Raises OfferIsOver, FormChanged."""

    def write() -> Outcome:
        whose = offer.entry.registration_id
        if not booking.release(reservation_id=offer.reservation_id, registration_id=whose):
            raise OfferIsOver
        SeatOffer.objects.filter(pk=offer.pk, answer="").update(answer=_Answer.DECLINED, answered_at=now)
        return {}

    sent_forms.once(form, write)


def invitation_of(offer: SeatOffer, *, now: datetime) -> Invitation | None:
    """The PIN2 with which the person chooses another time; None where it does not work any more."""
    valid = Invitation.objects.filter(registration=offer.entry.registration_id, revoked_at=None, expires_at__gt=now)
    return valid.select_related("registration").first()


def settle(*, now: datetime) -> None:
    """Write down what became of offers, let those leave who need none, and tell those who left two unanswered."""
    _write_down(SeatOffer.objects.all(), now)
    entries.settle_entries(now=now)
    ignored = Count("offers", filter=Q(offers__answer=_Answer.IGNORED))
    silent = WaitingListEntry.objects.filter(left_at=None, offers__isnull=False).annotate(ignored=ignored)
    for entry in silent.filter(ignored__gte=MOST_IGNORED).select_related("registration__person"):
        _let_go(entry, now)


def _let_go(entry: WaitingListEntry, now: datetime) -> None:
    with transaction.atomic():
        # Of two runs one tells.
        if WaitingListEntry.objects.filter(pk=entry.pk, left_at=None).update(left_at=now):
            telling.tell(
                entry.registration,
                "reservation/no_more_offers",
                {"registration": entry.registration},
                reference=entry.registration.number,
                # Nobody waits for it, so it wakes nobody.
                due_at=quiet_hours.next_waking_time(now),
            )


def _write_down(offers: QuerySet[SeatOffer], now: datetime) -> None:
    for answer, states in _CAME_OF_IT:
        offers.filter(answer="", reservation__state__in=states).update(answer=answer, answered_at=now)
