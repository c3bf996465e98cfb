"""What staff do with slots and reservations, and which roles let them."""

from enum import StrEnum, auto

from logistics.models import Role
from logistics.staff.permissions import MINISTRY, TEAM, Grant


class ReservationAct(StrEnum):
    """What staff do in the admin's screens of this room."""

    SEE_SLOTS = auto()
    CHANGE_SLOTS = auto()  # their capacity
    SEE_RESERVATIONS = auto()  # who comes to the site, with their names


AT_THE_SITE = TEAM | MINISTRY

TABLE = {
    ReservationAct.SEE_SLOTS: Grant(AT_THE_SITE | {Role.REGION}, in_region=True),
    ReservationAct.CHANGE_SLOTS: Grant(MINISTRY | {Role.MANAGER, Role.REGISTRAR}),
    ReservationAct.SEE_RESERVATIONS: Grant(AT_THE_SITE),
    "reservation.view_invitation": Grant(MINISTRY),
    "reservation.change_reservation": Grant(MINISTRY),  # give back the places of a hold
}
