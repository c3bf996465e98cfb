"""The acts of staff around registrations, and the roles that let them."""

from enum import StrEnum, auto

from django.utils.translation import gettext_lazy as _

from logistics.models import Role
from logistics.staff.permissions import MINISTRY, Grant

_LINE = frozenset({Role.SUPPORT_L2, Role.SUPPORT_L3, Role.SUPPORT_LEAD})


class RegistrationAct(StrEnum):
    """An act of staff around registrations: of the operators of line 1221 and of the ministry."""

    FIND_REGISTRATIONS = auto()  # search, and look at a registration; each look is written down
    REGISTER_CALLERS = auto()  # people who call line 1221, with or without a mobile telephone
    CORRECT_PEOPLE = auto()  # a name, a date of birth, a death that did not happen
    DECIDE_CLAIMS = auto()  # another telephone says that it is that person
    ANSWER_REQUESTS = auto()  # what the portal handed to line 1221
    END_REGISTRATIONS = auto()  # cancel and reopen
    MERGE_PEOPLE = auto()  # join two records of one person, and take them apart
    DECIDE_MISMATCHES = auto()  # a register says otherwise
    LIST_HOME_VISITS = auto()  # people who cannot come, by district
    EXPORT_REGISTRATIONS = auto()
    SEE_PERSON_LOOKS = auto()
    EDIT_GROUP_RULES = auto()
    ISSUE_CODES = auto()
    POST_LETTERS = auto()  # print the letters to people without a mobile telephone, and say what was posted


TABLE: dict[str, Grant] = {
    RegistrationAct.FIND_REGISTRATIONS: Grant(
        _LINE | MINISTRY, does=_("find registrations and look at them; each look is written down")
    ),
    RegistrationAct.REGISTER_CALLERS: Grant(
        _LINE, does=_("register people who call line 1221, and help them with their times")
    ),
    RegistrationAct.CORRECT_PEOPLE: Grant(
        _LINE | MINISTRY, does=_("correct a name, a date of birth or a wrong date of death")
    ),
    RegistrationAct.DECIDE_CLAIMS: Grant(_LINE, does=_("decide about registrations from another telephone")),
    RegistrationAct.ANSWER_REQUESTS: Grant(_LINE, does=_("answer requests that the portal handed to line 1221")),
    RegistrationAct.END_REGISTRATIONS: Grant(_LINE | MINISTRY, does=_("end registrations and reopen them")),
    RegistrationAct.MERGE_PEOPLE: Grant(
        frozenset({Role.SUPPORT_L3, Role.SUPPORT_LEAD}) | MINISTRY,
        does=_("join two records of one person and take them apart"),
    ),
    RegistrationAct.DECIDE_MISMATCHES: Grant(_LINE | MINISTRY, does=_("decide where a register says otherwise")),
    RegistrationAct.LIST_HOME_VISITS: Grant(_LINE | MINISTRY, does=_("list people who cannot come, by district")),
    RegistrationAct.EXPORT_REGISTRATIONS: Grant(MINISTRY, does=_("export registrations")),
    RegistrationAct.SEE_PERSON_LOOKS: Grant(MINISTRY, does=_("see who looked at a person's data")),
    RegistrationAct.EDIT_GROUP_RULES: Grant(MINISTRY, does=_("open and close priority groups")),
    RegistrationAct.ISSUE_CODES: Grant(MINISTRY, does=_("issue registration codes")),
    RegistrationAct.POST_LETTERS: Grant(
        MINISTRY | {Role.SUPPORT_LEAD}, does=_("print letters to people without a mobile telephone")
    ),
    # Permissions of Django's, for screens of the administration.
    "registration.view_person": Grant(MINISTRY),
    "registration.view_registration": Grant(MINISTRY),
    "registration.view_registrationclaim": Grant(MINISTRY),
}
