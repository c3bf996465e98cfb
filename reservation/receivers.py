"""What the end of a registration means here, in the transaction in which it ends."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from crs.messaging import letters, outbox
from crs.messaging.models import Message
from registration.models import Registration
from registration.signals import people_merging, registration_ended
from reservation.arranging import giving_back
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.substitutes import agreeing
from reservation.waiting import entries


def connect() -> None:
    """Listen to the room below; called once at start-up, and again does no harm."""
    registration_ended.connect(on_ended, dispatch_uid="reservation.registration_ended")
    people_merging.connect(on_merging, dispatch_uid="reservation.people_merging")
    letters.register_returned("reservation/invitation", on_letter_returned)


def on_merging(*, kept_id: int, joined_id: int, **_more: Any) -> None:
    """Lock the reservations of both records and all their slots, each by rising key.

    The one ends with its registration, and of the other what the joined doses make needless is given back: two
    arrangements in one transaction, whose slots have no common order unless they are locked together before.
    """
    holding = Reservation.objects.holding_seats().filter(registration__person__in=(kept_id, joined_id))
    locked = list(holding.select_for_update(of=("self",), no_key=True).order_by("pk"))
    slots = Appointment.objects.filter(reservation__in=locked).values("slot")
    list(Slot.objects.filter(pk__in=slots).select_for_update(no_key=True).order_by("pk"))


def on_ended(*, registration_id: int, now: datetime, **_more: Any) -> bool:
    """Give the seats of the registration back, take PIN2 back, and let what waits to be sent about them not go out.

    Returns whether times that the person counted on were given back. Doses that were given stay as they are. The caller
    holds the lock of the registration, and its name stands in the history.
    """
    number = Registration.objects.values_list("number", flat=True).get(pk=registration_id)
    Invitation.objects.filter(registration=registration_id, revoked_at=None).update(revoked_at=now)
    agreeing.forget(registration_id=registration_id, now=now)
    holding = Reservation.objects.holding_seats().filter(registration=registration_id)
    reservation = holding.select_for_update(of=("self",), no_key=True).first()
    about = Q(template__in=("reservation/invitation", "reservation/substitute_offer"), reference=number)
    if reservation is not None:
        about |= Q(template__startswith="reservation/", reference=str(reservation.pk))
    gave_back = reservation is not None and giving_back.give_up(reservation, now)
    entries.close(registration_id=registration_id, now=now)
    outbox.cancel(Message.objects.filter(about).values_list("pk", flat=True), why=Message.Cancellation.VOID)
    return gave_back


def on_letter_returned(letter: Message) -> None:
    """Take the PIN2 back that the post brought back, so that the person is invited again; unless a newer one is out."""
    newer = Message.objects.filter(template=letter.template, reference=letter.reference, pk__gt=letter.pk)
    if not newer.exists():
        sent = Invitation.objects.filter(registration__number=letter.reference, revoked_at=None)
        sent.update(revoked_at=timezone.now())
