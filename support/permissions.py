"""The acts of staff around help desks, and the roles that let them."""

from enum import StrEnum, auto

from django.utils.translation import gettext_lazy as _

from logistics.models import SITE_ROLES, Role
from logistics.staff.permissions import MINISTRY, Grant

_L2 = frozenset({Role.SUPPORT_L2, Role.SUPPORT_L3, Role.SUPPORT_LEAD})
_L1 = _L2 | {Role.SUPPORT_L1}
_L3 = frozenset({Role.SUPPORT_L3})
_LEAD = frozenset({Role.SUPPORT_LEAD})


class SupportAct(StrEnum):
    """An act of staff around help desks. Which tickets it reaches, `support.tickets.visible` says."""

    WORK_TICKETS = auto()  # see, claim, answer, note, escalate and hand back, each up to their level
    SEE_LINE_DESK = auto()  # the tickets of line 1221
    SEE_NUMBERS = auto()  # insured numbers in letters, letters as they came, search by a number
    OPEN_TIMELINE = auto()  # a person's timeline, with a reason and for a time
    ASSIGN_TICKETS = auto()  # to somebody else; take a claim away
    RUN_INCIDENTS = auto()
    EDIT_CANNED = auto()  # answers prepared, categories, working hours, shared views
    SEE_FIGURES = auto()
    SEE_ACCESS_LOG = auto()
    FOLLOW_TICKETS = auto()  # those of one's site, on its pages


TABLE: dict[str, Grant] = {
    SupportAct.WORK_TICKETS: Grant(_L1, does=_("see tickets and answer them, up to their level")),
    SupportAct.SEE_LINE_DESK: Grant(_L2, does=_("see the tickets of line 1221")),
    SupportAct.SEE_NUMBERS: Grant(_L2, does=_("see insured persons' numbers in letters, and search by one")),
    SupportAct.OPEN_TIMELINE: Grant(_L3, does=_("open a person's timeline, with a reason and for a time")),
    SupportAct.ASSIGN_TICKETS: Grant(_LEAD, does=_("give tickets to somebody else")),
    SupportAct.RUN_INCIDENTS: Grant(_LEAD | MINISTRY, does=_("declare and end known problems")),
    SupportAct.EDIT_CANNED: Grant(_LEAD, does=_("change prepared answers and shared views")),
    SupportAct.SEE_FIGURES: Grant(_LEAD | MINISTRY, does=_("see the figures of the help desks")),
    SupportAct.SEE_ACCESS_LOG: Grant(_LEAD | MINISTRY, does=_("see who looked at what in tickets")),
    SupportAct.FOLLOW_TICKETS: Grant(
        frozenset(SITE_ROLES), does=_("write to the help desk and follow the tickets of the site")
    ),
    # Permissions of Django's, for screens in the administration.
    "support.view_category": Grant(_LEAD | MINISTRY),
    "support.add_category": Grant(_LEAD | MINISTRY),
    "support.change_category": Grant(_LEAD | MINISTRY),
    "support.view_levelrule": Grant(_LEAD | MINISTRY),
    "support.change_levelrule": Grant(_LEAD | MINISTRY),
}
