"""Tables of reservation: slots and their sums, calendars, reservations, and who comes to them in which order."""

from reservation.models.calendars import AffectedAppointment, AffectedCall, Closure, OpeningHours, OpeningRule
from reservation.models.free_seats import DaySeats, OffersState, SeatChange, SiteOffer
from reservation.models.grounds import ReservationGrounds
from reservation.models.invitations import Invitation, InvitationPause, WaitingSummary
from reservation.models.links import PersonalLink
from reservation.models.postponements import Postponement, PostponementRule
from reservation.models.replans import PlannedMove, Replan
from reservation.models.reports import FreeCapacity
from reservation.models.reservations import (
    Appointment,
    AppointmentQuerySet,
    Reservation,
    ReservationQuerySet,
    new_check_in_code,
)
from reservation.models.slots import OLDEST, YOUNGEST, PragueDate, PragueTime, Slot, SlotQuerySet
from reservation.models.substitutes import Substitute, SubstituteCall, SubstituteOffer
from reservation.models.waiting_list import SeatOffer, WaitingListEntry

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
    "InvitationPause",
    "OffersState",
    "OpeningHours",
    "OpeningRule",
    "PersonalLink",
    "PlannedMove",
    "Postponement",
    "PostponementRule",
    "PragueDate",
    "PragueTime",
    "Replan",
    "Reservation",
    "ReservationGrounds",
    "ReservationQuerySet",
    "SeatChange",
    "SeatOffer",
    "SiteOffer",
    "Slot",
    "SlotQuerySet",
    "Substitute",
    "SubstituteCall",
    "SubstituteOffer",
    "WaitingListEntry",
    "WaitingSummary",
    "new_check_in_code",
]
