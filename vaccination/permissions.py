"""The acts of staff where people are vaccinated, and the roles that let them."""

from enum import StrEnum, auto

from logistics.models import Role
from logistics.staff.permissions import MINISTRY, TEAM, Grant


class VaccinationAct(StrEnum):
    """An act of staff in a site's working day."""

    SEE_DAY = auto()  # who comes, who is here, who sits; with their names
    CHECK_IN = auto()  # and undo it, correct contact data, send away
    REGISTER_WALK_IN = auto()  # register somebody on the spot
    ASK_QUESTIONS = auto()  # fill in and confirm the questions before a dose
    GIVE_DOSES = auto()  # record doses, open vials at stations
    OVERRIDE_RULES = auto()  # in the name of a doctor, with a reason
    OBSERVE = auto()  # let people go after a dose
    REPORT_EVENTS = auto()  # adverse events
    CORRECT_DOSES = auto()  # within seven days
    CORRECT_OLD_DOSES = auto()  # at any time
    CLOSE_DAY = auto()
    REOPEN_DAY = auto()
    SEE_OVERRIDES = auto()
    MANAGE_TEAM = auto()  # stations, health workers, time of observation
    SEE_TIMELINE = auto()


_DESK = frozenset({Role.MANAGER, Role.REGISTRAR})
_NURSES = frozenset({Role.MANAGER, Role.VACCINATOR})
_MANAGER = frozenset({Role.MANAGER})

TABLE: dict[str, Grant] = {
    VaccinationAct.SEE_DAY: Grant(TEAM | MINISTRY),
    VaccinationAct.CHECK_IN: Grant(TEAM),
    VaccinationAct.REGISTER_WALK_IN: Grant(_DESK),
    VaccinationAct.ASK_QUESTIONS: Grant(TEAM),
    VaccinationAct.GIVE_DOSES: Grant(_NURSES),
    VaccinationAct.OVERRIDE_RULES: Grant(_NURSES),
    VaccinationAct.OBSERVE: Grant(TEAM),
    VaccinationAct.REPORT_EVENTS: Grant(_NURSES),
    VaccinationAct.CORRECT_DOSES: Grant(_NURSES | MINISTRY),
    VaccinationAct.CORRECT_OLD_DOSES: Grant(MINISTRY),
    VaccinationAct.CLOSE_DAY: Grant(TEAM),
    VaccinationAct.REOPEN_DAY: Grant(_MANAGER),
    VaccinationAct.SEE_OVERRIDES: Grant(_MANAGER | MINISTRY),
    VaccinationAct.MANAGE_TEAM: Grant(_MANAGER),
    VaccinationAct.SEE_TIMELINE: Grant(TEAM | MINISTRY),
}
