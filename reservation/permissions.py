"""What staff do with calendars, slots and reservations, and which roles let them."""

from enum import StrEnum, auto

from django.utils.translation import gettext_lazy as _

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
    ReservationAct.SEE_SLOTS: Grant(
        AT_THE_SITE | {Role.REGION}, in_region=True, does=_("see a site's calendar and how full it is")
    ),
    ReservationAct.CHANGE_SLOTS: Grant(_MANAGEMENT | {Role.REGISTRAR}, does=_("change the capacity of a time")),
    ReservationAct.EDIT_RULES: Grant(_MANAGEMENT, does=_("plan the opening hours by which times arise")),
    ReservationAct.CLOSE_TIMES: Grant(_MANAGEMENT, does=_("close hours and days, and open them again")),
    ReservationAct.SEE_RESERVATIONS: Grant(AT_THE_SITE, does=_("see by name who comes to the site")),
    ReservationAct.CALL_AFFECTED: Grant(_MANAGEMENT | {Role.REGISTRAR}, does=_("call people whose time cannot stay")),
    ReservationAct.SEE_COVERAGE: Grant(
        AT_THE_SITE | {Role.STOCK_KEEPER, Role.REGION}, in_region=True, does=_("see for which times vaccine is missing")
    ),
    ReservationAct.POSTPONE: Grant(AT_THE_SITE, does=_("postpone the doses of a person who was ill")),
    ReservationAct.CHANGE_TIMES: Grant(AT_THE_SITE, does=_("move or cancel a person's times")),
    ReservationAct.CALL_SUBSTITUTES: Grant(AT_THE_SITE, does=_("call substitutes for doses that are left")),
    ReservationAct.REPLAN: Grant(
        _MANAGEMENT | {Role.REGION}, in_region=True, does=_("move many people's times at once")
    ),
    ReservationAct.AUDIT_ORDER: Grant(MINISTRY, does=_("audit why people were allowed to reserve")),
    "reservation.view_invitation": Grant(MINISTRY),
    "reservation.change_reservation": Grant(MINISTRY),  # give back the places of a hold
}
