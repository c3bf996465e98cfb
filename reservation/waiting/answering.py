"""The answer to an offered time: yes, no, another time, or none at all.

The reservation says what became of the seats, in one guarded statement each; the offer is written after it. So of an
answer, a choice of another time and the sweep that frees old holds the first one counts, and what a crash left
unwritten is found by the next `settle`.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from crs import sent_forms
from crs.messaging import outbox, quiet_hours
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.models import Registration
from registration.people import telling
from reservation import errors
from reservation.inviting import issuing
from reservation.models import Invitation, Reservation, SeatOffer, WaitingListEntry
from reservation.reserving import booking
from reservation.waiting import entries
from reservation.waiting.errors import OfferIsOver

# Whoever left so many offers without an answer is offered no more, and waits for PIN2 again.
MOST_IGNORED = 2

_Answer, _State = SeatOffer.Answer, Reservation.State
# Whoever chose another time gave this one back in that moment.
_ANOTHER = Reservation.objects.filter(
    registration=OuterRef("entry__registration"), created_at__gte=OuterRef("reservation__created_at")
).exclude(pk=OuterRef("reservation"))
# What the state of the reservation says of the answer.
_CAME_OF_IT = (
    (_Answer.ACCEPTED, Q(reservation__state__in=(_State.CONFIRMED, _State.MISSED))),
    (_Answer.CHANGED, Q(Exists(_ANOTHER), reservation__state=_State.CANCELLED)),
    # The site closed the time, or the person has to wait with their dose.
    (_Answer.VOID, Q(reservation__state=_State.CANCELLED)),
    (_Answer.IGNORED, Q(reservation__state=_State.EXPIRED)),
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


@transaction.atomic
def invitation_of(offer: SeatOffer, *, now: datetime) -> Invitation:
    """The invitation with which the person chooses another time, and its PIN2 by SMS where theirs ran out meanwhile.

    Raises OfferIsOver.
    """
    people = Registration.objects.filter(pk=offer.entry.registration_id).select_related("person")
    person = people.select_for_update(of=("self",), no_key=True).get()
    if entries.open_offer(person.pk) != offer:
        raise OfferIsOver
    valid = Invitation.objects.valid(now).filter(registration=person).select_related("registration")
    if (found := valid.first()) is not None:
        return found
    issued, pin2 = issuing.issue([person], Invitation.Kind.OFFER, now)[person.pk]
    outbox.queue_all(issuing.messages(issued, pin2, lane=Message.Lane.PERSONAL))
    return issued


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
    for answer, came_of_it in _CAME_OF_IT:
        offers.filter(came_of_it, answer="").update(answer=answer, answered_at=now)
