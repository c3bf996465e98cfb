"""How many people a slot takes, as the staff of its site set it by hand; opening rules leave such a slot alone."""

from functools import partial

from django.db.models import F
from django.utils import timezone

from crs.sent_forms import NO_FORM, Sending, once
from reservation.errors import CapacityBelowBooked, SlotIsClosed, SlotIsOver, TooFewFreeSeats
from reservation.models import Slot


def set_capacity(*, slot_id: int, capacity: int, form: Sending = NO_FORM) -> None:
    """Set how many people the slot takes. Raises CapacityBelowBooked, SlotIsClosed, SlotIsOver."""
    once(form, partial(_set_capacity, slot_id, capacity))


def move_seats(*, source_id: int, target_id: int, seats: int, form: Sending = NO_FORM) -> None:
    """Take free `seats` from one slot and give them to another of the site, its day and its vaccine.

    Raises TooFewFreeSeats, SlotIsClosed, SlotIsOver; Slot.DoesNotExist where the target is no such slot.
    """
    once(form, partial(_move_seats, source_id, target_id, seats))


def follow_rules(*, slot_id: int, form: Sending = NO_FORM) -> None:
    """Let opening rules decide about the capacity of the slot again, from their next run on."""
    once(form, partial(_follow_rules, slot_id))


def _set_capacity(slot_id: int, capacity: int) -> dict[str, int]:
    # One guarded statement: a booking at the same moment is counted before or refused after.
    open_slot = Slot.objects.filter(pk=slot_id, is_closed=False, day__gte=timezone.localdate())
    if not open_slot.filter(booked__lte=capacity).update(capacity=capacity, is_by_hand=True):
        _check_open(Slot.objects.get(pk=slot_id))
        raise CapacityBelowBooked
    return {"slot": slot_id}


def _move_seats(source_id: int, target_id: int, seats: int) -> dict[str, int]:
    # Locked by rising key, so that two people who move seats to and fro wait for each other in one order.
    both = Slot.objects.select_for_update(no_key=True).filter(pk__in=(source_id, target_id)).order_by("pk")
    slots = {slot.pk: slot for slot in both}
    source, target = slots[source_id], slots.get(target_id)
    if target is None or target == source or not _are_exchangeable(source, target):
        raise Slot.DoesNotExist
    _check_open(source)
    _check_open(target)
    if source.capacity - source.booked < seats:
        raise TooFewFreeSeats
    Slot.objects.filter(pk=source_id).update(capacity=F("capacity") - seats, is_by_hand=True)
    Slot.objects.filter(pk=target_id).update(capacity=F("capacity") + seats, is_by_hand=True)
    return {"slot": target_id}


def _follow_rules(slot_id: int) -> dict[str, int]:
    Slot.objects.filter(pk=slot_id).update(is_by_hand=False)
    return {"slot": slot_id}


def _are_exchangeable(one: Slot, other: Slot) -> bool:
    return (one.site_id, one.day, one.vaccine_id) == (other.site_id, other.day, other.vaccine_id)


def _check_open(slot: Slot) -> None:
    if slot.day < timezone.localdate():
        raise SlotIsOver
    if slot.is_closed:
        raise SlotIsClosed
