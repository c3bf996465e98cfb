"""How many people a slot takes, where staff set it by hand."""

from django.db import transaction

from crs import advisory_locks
from crs.advisory_locks import Lock
from reservation.errors import CapacityBelowBooked, TimeIsClosed
from reservation.models import Closure, Slot


def set_capacity(*, slot_id: int, capacity: int) -> None:
    """Set how many people the slot takes; opening rules leave it alone from then on, and it opens where none wants it.

    Raises TimeIsClosed where a closure stands, CapacityBelowBooked.
    """
    with transaction.atomic():
        slot = Slot.objects.get(pk=slot_id)
        # Whoever closes the time, or generates its site, waits here or has committed.
        advisory_locks.take(Lock.CALENDAR_OF_A_SITE, str(slot.site_id))
        if Closure.objects.standing().over(slot).exists():
            raise TimeIsClosed
        # One guarded statement: a booking at the same moment is counted before or refused after.
        slots = Slot.objects.filter(pk=slot_id, booked__lte=capacity)
        if not slots.update(capacity=capacity, is_by_hand=True, is_closed=False):
            raise CapacityBelowBooked
