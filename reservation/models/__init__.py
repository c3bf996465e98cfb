"""Tables of reservation: slots and their sums, calendars, invitations (PIN2), reservations and their appointments."""

from reservation.models.calendars import AffectedAppointment, AffectedCall, Closure, OpeningHours, OpeningRule
from reservation.models.free_seats import DaySeats, OffersState, SeatChange, SiteOffer
from reservation.models.invitations import Invitation, WaitingSummary
from reservation.models.postponements import Postponement, PostponementRule
from reservation.models.reports import FreeCapacity
from reservation.models.reservations import (
    Appointment,
    AppointmentQuerySet,
    Reservation,
    ReservationQuerySet,
    new_check_in_code,
)
from reservation.models.slots import OLDEST, YOUNGEST, PragueDate, PragueTime, Slot, SlotQuerySet

__all__ = [
    "OLDEST",
    "YOUNGEST",
    "AffectedAppointment",
    "AffectedCall",
    "Appointment",
    "AppointmentQuerySet",
    "Closure",
    "DaySeats",
    "FreeCapacity",
    "Invitation",
    "OffersState",
    "OpeningHours",
    "OpeningRule",
    "Postponement",
    "PostponementRule",
    "PragueDate",
    "PragueTime",
    "Reservation",
    "ReservationQuerySet",
    "SeatChange",
    "SiteOffer",
    "Slot",
    "SlotQuerySet",
    "WaitingSummary",
    "new_check_in_code",
]
