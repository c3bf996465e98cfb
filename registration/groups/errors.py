"""Why it is not somebody's turn, in the words that the person reads; and why a rule cannot be planned so."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registration.errors import RegistrationError
from registration.models import GroupRule, PriorityGroup


class NotYetOpen(RegistrationError):
    """Some group fits the person, and none of them registers yet; `opens_at` is the first time, if one is known."""

    way_back = "registration:form"

    def __init__(self, opens_at: datetime | None) -> None:
        super().__init__(opens_at)
        self.opens_at = opens_at

    @property
    def message(self) -> str:  # type: ignore[override]
        """From when, where that is known."""
        if self.opens_at is None:
            return gettext("It is not the turn of this person's group yet. The time is not known yet.")
        return gettext("It is not the turn of this person's group yet. It can register from %(moment)s.") % {
            "moment": _written(self.opens_at)
        }


class NotYetInvited(RegistrationError):
    """Some group fits the person, and none of them is invited yet; `invites_from` is the first time, if known."""

    def __init__(self, invites_from: datetime | None) -> None:
        super().__init__(invites_from)
        self.invites_from = invites_from

    @property
    def message(self) -> str:  # type: ignore[override]
        """From when, where that is known."""
        if self.invites_from is None:
            return gettext(
                "The registration is valid, but this person's group is not being invited now. "
                "You do not have to do anything: we will write to you."
            )
        return gettext(
            "The registration is valid, but this person's group is invited only from %(moment)s. "
            "You do not have to do anything: we will write to you."
        ) % {"moment": _written(self.invites_from)}


class ClaimNotProven(RegistrationError):
    """It would be the person's turn if their claim to `group` were proven in the way that its rule asks for."""

    def __init__(self, group: PriorityGroup, proof: str) -> None:
        super().__init__(group, proof)
        self.group, self.proof = group, proof

    @property
    def message(self) -> str:  # type: ignore[override]
        """What is not proven, and how it is proven."""
        if self.proof == GroupRule.Proof.CODE:
            return gettext(
                "It is not proven yet that this person belongs to the group “%(group)s”. The employer or the doctor "
                "gives a code for it. Please add the code to the registration, or call the line 1221."
            ) % {"group": self.group}
        return gettext(
            "It is not proven yet that this person belongs to the group “%(group)s”. Please call the line 1221; "
            "they will tell you what to do."
        ) % {"group": self.group}


class ClaimDisputed(RegistrationError):
    """It would be the person's turn, but a register says that they do not belong to `group`; staff decide."""

    def __init__(self, group: PriorityGroup) -> None:
        super().__init__(group)
        self.group = group

    @property
    def message(self) -> str:  # type: ignore[override]
        """What is being found out."""
        return gettext(
            "A register does not confirm that this person belongs to the group “%(group)s”. Nothing is refused: people "
            "check it and will write to you. If you have a confirmation at hand, please call the line 1221."
        ) % {"group": self.group}


class TooYoung(RegistrationError):
    """Younger than every group by age."""

    message = _(
        "No vaccine is given at this age yet. Please ask the child's doctor, or call the line 1221; "
        "they will tell you what to do."
    )
    way_back = "registration:form"


class NoGroupOfThisAge(RegistrationError):
    """Too old for the groups by age, or of an age that none of them takes."""

    message = _(
        "No priority group takes people of this age now. Please call the line 1221; they will tell you what to do."
    )
    way_back = "registration:form"


class RegistrationIsOver(RegistrationError):
    """The registration was cancelled, or all doses were given, or the person's record says that nobody waits."""

    message = _(
        "This registration does not wait for a dose any more: it was cancelled, or all doses were given. "
        "If that is a mistake, please call the line 1221."
    )


class RuleError(RegistrationError):
    """The base of what is refused to the ministry's staff; uncaught, it leads to the overview."""

    way_back = "registration:groups"


class RulesChanged(RuleError):
    """Somebody has changed the rules since the page was shown: what it showed holds no more."""

    message = _(
        "Somebody else has changed the groups meanwhile, and nothing of yours was saved. What you typed stands "
        "below. Please look at what holds now before you send it again."
    )


class RuleBegins(RuleError):
    """A rule that would begin in the past, or that has begun and is to be taken back."""

    message = _(
        "This time has passed. A rule begins later, or at once if you leave the time empty; "
        "a rule that holds already is ended by the next one."
    )


class RuleAtThatMoment(RuleError):
    """The group has another rule from this very moment."""

    message = _("The group has another rule from this moment. Change that one, or choose another time.")


class RuleSaysNothingNew(RuleError):
    """It says what holds at its moment anyway."""

    message = _("This is what will hold at that time anyway. Nothing was saved.")


class GroupCodeTaken(RuleError):
    """The code of a new group is taken."""

    message = _("There is a group with this code already.")


def _written(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
