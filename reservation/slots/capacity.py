"""How many people a slot takes."""

from reservation.errors import CapacityBelowBooked
from reservation.models import Slot


def set_capacity(*, slot_id: int, capacity: int) -> None:
    """Set how many people the slot takes. Raises CapacityBelowBooked."""
    # One guarded statement: a booking at the same moment is counted before or refused after.
    if not Slot.objects.filter(pk=slot_id, booked__lte=capacity).update(capacity=capacity):
        raise CapacityBelowBooked
