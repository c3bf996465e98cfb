"""How many people a slot takes."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError
from reservation.models import Slot


class CapacityBelowBooked(DomainError):
    """More people are booked than would fit."""

    message = _("More people are already booked than this capacity. Move them first.")
    way_back = "admin:reservation_slot_changelist"


def set_capacity(*, slot_id: int, capacity: int) -> None:
    """Set how many people the slot takes. Raises CapacityBelowBooked."""
    # One guarded statement: a booking at the same moment is counted before or refused after.
    if not Slot.objects.filter(pk=slot_id, booked__lte=capacity).update(capacity=capacity):
        raise CapacityBelowBooked
