"""How many people a slot takes, as the staff of its site set it by hand; opening rules leave such a slot alone.

Whoever changed it stands in the log of the administration, and on the page of the slot.
"""

from functools import partial

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crs import advisory_locks, queueing
from crs.advisory_locks import Lock
from crs.sent_forms import NO_FORM, Sending, once
from reservation.errors import CapacityBelowBooked, SlotIsOver, TimeIsClosed, TooFewFreeSeats
from reservation.models import Closure, Slot


def set_capacity(*, slot_id: int, capacity: int, by: User | None = None, form: Sending = NO_FORM) -> None:
    """Set how many people the slot takes; without `by` a program does.

    Raises CapacityBelowBooked, TimeIsClosed, SlotIsOver.
    """
    once(form, partial(_set_capacity, slot_id, capacity, by))


def move_seats(*, source_id: int, target_id: int, seats: int, by: User | None = None, form: Sending = NO_FORM) -> None:
    """Take free `seats` from one slot and give them to another of the site, its day and its vaccine.

    Raises TooFewFreeSeats, TimeIsClosed, SlotIsOver; Slot.DoesNotExist where the target is no such slot.
    """
    once(form, partial(_move_seats, source_id, target_id, seats, by))


def follow_rules(*, slot_id: int, by: User | None = None, form: Sending = NO_FORM) -> None:
    """Let opening rules decide about the capacity of the slot again, in a task that starts at once."""
    once(form, partial(_follow_rules, slot_id, by))


def changes_by_hand(slot: Slot) -> QuerySet[LogEntry]:
    """Who changed the slot by hand, and how; the newest first."""
    kind = ContentType.objects.get_for_model(Slot)
    return LogEntry.objects.filter(content_type=kind, object_id=str(slot.pk)).select_related("user").order_by("-pk")


def _set_capacity(slot_id: int, capacity: int, by: User | None) -> dict[str, int]:
    _wait_for_calendar(Slot.objects.get(pk=slot_id))
    slot = Slot.objects.get(pk=slot_id)
    _check_open(slot)
    # One guarded statement: a booking at the same moment is counted before or refused after. A slot that no rule wants
    # opens again.
    fits = Slot.objects.filter(pk=slot_id, booked__lte=capacity)
    if not fits.update(capacity=capacity, is_by_hand=True, is_closed=False):
        raise CapacityBelowBooked
    _note(slot, capacity, by)
    return {"slot": slot_id}


def _move_seats(source_id: int, target_id: int, seats: int, by: User | None) -> dict[str, int]:
    _wait_for_calendar(Slot.objects.get(pk=source_id))
    # Locked by rising key, so that two people who move seats to and fro wait for each other in one order.
    both = Slot.objects.select_for_update(no_key=True).filter(pk__in=(source_id, target_id)).order_by("pk")
    slots = {slot.pk: slot for slot in both}
    source, target = slots[source_id], slots.get(target_id)
    if target is None or target == source or not _are_exchangeable(source, target):
        raise Slot.DoesNotExist
    _check_open(source)
    _check_open(target)
    if target.is_closed:
        # No rule wants it: it keeps its people, and takes no seats.
        raise TimeIsClosed
    if source.capacity - source.booked < seats:
        raise TooFewFreeSeats
    Slot.objects.filter(pk=source_id).update(capacity=F("capacity") - seats, is_by_hand=True)
    Slot.objects.filter(pk=target_id).update(capacity=F("capacity") + seats, is_by_hand=True)
    _note(source, source.capacity - seats, by)
    _note(target, target.capacity + seats, by)
    return {"slot": target_id}


def _note(before: Slot, after: object, by: User | None) -> None:
    if by:
        LogEntry.objects.log_actions(by.pk, [before], CHANGE, f"{before.capacity} → {after}", single_object=True)


def _follow_rules(slot_id: int, by: User | None) -> dict[str, int]:
    slot = Slot.objects.get(pk=slot_id)
    Slot.objects.filter(pk=slot_id).update(is_by_hand=False)
    _note(slot, _("the opening rules decide"), by)
    transaction.on_commit(partial(queueing.send, "reservation.generate_slots", str(slot.site_id)))
    return {"slot": slot_id}


def _are_exchangeable(one: Slot, other: Slot) -> bool:
    return (one.site_id, one.day, one.vaccine_id) == (other.site_id, other.day, other.vaccine_id)


def _wait_for_calendar(slot: Slot) -> None:
    """Whoever closes the time, or generates the slots of the site, waits for this transaction or has committed."""
    advisory_locks.take(Lock.CALENDAR_OF_A_SITE, str(slot.site_id))


def _check_open(slot: Slot) -> None:
    if slot.day < timezone.localdate():
        raise SlotIsOver
    if Closure.objects.standing().over(slot).exists():
        raise TimeIsClosed
