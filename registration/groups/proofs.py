"""What proves at the vaccination site that somebody belongs to a group."""

from datetime import datetime

from registration.groups.rules import rules_at
from registration.models import PriorityClaim, PriorityGroup, Registration


def confirmed_at_site(registration: Registration, *, now: datetime) -> list[PriorityGroup]:
    """The groups of which the person brings a confirmation: one query, two for whoever gave a reason besides age."""
    pending = PriorityClaim.objects.standing().filter(registration=registration, state=PriorityClaim.State.PENDING)
    codes = set(pending.values_list("group", flat=True))
    if not codes:
        return []
    return [rule.group for rule in rules_at(now) if rule.group.code in codes and rule.is_confirmed_at_site]
