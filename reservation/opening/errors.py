"""Why a rule is not saved; each text is what staff read."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class RuleError(DomainError):
    """An opening rule cannot be saved as it is."""


class RulesCollide(RuleError):
    """Another rule of the site opens the vaccine at some of these times."""

    def __init__(self, *, hours: str, rule: str) -> None:
        self.message = _(
            "Another rule opens this vaccine at this time, too: %(hours)s. It is the rule %(rule)s. Change that rule, "
            "or choose other hours or days."
        ) % {"hours": hours, "rule": rule}


class RuleBegins(RuleError):
    """The day has passed."""

    message = _("This day has passed. Choose today or a later day.")


class RuleChanged(RuleError):
    """The rule was changed, ended or withdrawn meanwhile."""

    message = _(
        "Somebody else has changed this rule meanwhile, and nothing of yours was saved. Go back to the rules and look "
        "at what holds now."
    )


class PeopleChanged(RuleError):
    """Other people would be affected than the plan said."""

    message = _(
        "People have booked or left since this page was shown, and nothing was saved yet. Please look at the list "
        "once more and decide again."
    )


class TooManyPeople(RuleError):
    """More people are affected than can be told in one transaction."""

    message = _(
        "More people are affected than can be handed over at once. Close the days first, under Closures: there "
        "everybody is told step by step. Then change the rule."
    )
