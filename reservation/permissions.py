"""What staff do with calendars, slots and reservations, and which roles let them."""

from enum import StrEnum, auto

from logistics.models import Role
from logistics.staff.permissions import MINISTRY, TEAM, Grant


class ReservationAct(StrEnum):
    """What staff do in this room."""

    SEE_SLOTS = auto()  # the calendar of a site with its fill
    CHANGE_SLOTS = auto()  # the capacity of a slot
    EDIT_RULES = auto()  # by which rules a site opens
    CLOSE_TIMES = auto()  # an hour, a day, a week; open them again
    SEE_RESERVATIONS = auto()  # who comes to the site, with their names
    CALL_AFFECTED = auto()  # the people whose time cannot stay
    SEE_COVERAGE = auto()  # seats without vaccine
    POSTPONE = auto()  # doses of a person who was ill, at a site; line 1221 does so for callers
    CHANGE_TIMES = auto()  # move or cancel a person's times at a site; line 1221 does so for callers
    CALL_SUBSTITUTES = auto()  # for doses that are left
    REPLAN = auto()  # move many appointments at once, and close the days that they leave
    AUDIT_ORDER = auto()  # why people were allowed to reserve, for a random sample


AT_THE_SITE = TEAM | MINISTRY
_MANAGEMENT = MINISTRY | {Role.MANAGER}

TABLE = {
    ReservationAct.SEE_SLOTS: Grant(AT_THE_SITE | {Role.REGION}, in_region=True),
    ReservationAct.CHANGE_SLOTS: Grant(_MANAGEMENT | {Role.REGISTRAR}),
    ReservationAct.EDIT_RULES: Grant(_MANAGEMENT),
    ReservationAct.CLOSE_TIMES: Grant(_MANAGEMENT),
    ReservationAct.SEE_RESERVATIONS: Grant(AT_THE_SITE),
    ReservationAct.CALL_AFFECTED: Grant(_MANAGEMENT | {Role.REGISTRAR}),
    ReservationAct.SEE_COVERAGE: Grant(AT_THE_SITE | {Role.STOCK_KEEPER, Role.REGION}, in_region=True),
    ReservationAct.POSTPONE: Grant(AT_THE_SITE),
    ReservationAct.CHANGE_TIMES: Grant(AT_THE_SITE),
    ReservationAct.CALL_SUBSTITUTES: Grant(AT_THE_SITE),
    ReservationAct.REPLAN: Grant(_MANAGEMENT | {Role.REGION}, in_region=True),
    ReservationAct.AUDIT_ORDER: Grant(MINISTRY),
    "reservation.view_invitation": Grant(MINISTRY),
    "reservation.change_reservation": Grant(MINISTRY),  # give back the places of a hold
}
