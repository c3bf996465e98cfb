"""The acts of staff where people are vaccinated, and the roles that let them."""

from enum import StrEnum, auto

from django.utils.translation import gettext_lazy as _

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
    VaccinationAct.SEE_DAY: Grant(TEAM | MINISTRY, does=_("see by name who comes today and who is here")),
    VaccinationAct.CHECK_IN: Grant(TEAM, does=_("check people in, correct their contacts and send them away")),
    VaccinationAct.REGISTER_WALK_IN: Grant(_DESK, does=_("register people on the spot")),
    VaccinationAct.ASK_QUESTIONS: Grant(TEAM, does=_("fill in and confirm the questions before a dose")),
    VaccinationAct.GIVE_DOSES: Grant(_NURSES, does=_("record doses and open vials at stations")),
    VaccinationAct.OVERRIDE_RULES: Grant(
        _NURSES, does=_("give a dose against a warning, in the name of a doctor and with a reason")
    ),
    VaccinationAct.OBSERVE: Grant(TEAM, does=_("let people go after a dose")),
    VaccinationAct.REPORT_EVENTS: Grant(_NURSES, does=_("report adverse events")),
    VaccinationAct.CORRECT_DOSES: Grant(_NURSES | MINISTRY, does=_("correct doses within seven days")),
    VaccinationAct.CORRECT_OLD_DOSES: Grant(MINISTRY, does=_("correct doses at any time")),
    VaccinationAct.CLOSE_DAY: Grant(TEAM, does=_("close the day")),
    VaccinationAct.REOPEN_DAY: Grant(_MANAGER, does=_("open a closed day again")),
    VaccinationAct.SEE_OVERRIDES: Grant(_MANAGER | MINISTRY, does=_("see which doses were given against a warning")),
    VaccinationAct.MANAGE_TEAM: Grant(_MANAGER, does=_("manage stations, health workers and the time of observation")),
    VaccinationAct.SEE_TIMELINE: Grant(TEAM | MINISTRY, does=_("see what happened around a person's vaccination")),
}
