"""What proves at the vaccination site that somebody belongs to a group."""

from datetime import datetime

from registration.groups.rules import rules_at
from registration.models import PriorityClaim, PriorityGroup, Registration


def confirmed_at_site(registration: Registration, *, now: datetime) -> list[PriorityGroup]:
    """The groups of which the person brings a confirmation: one query, two for whoever gave a reason besides age.

    Whoever asks of many reads the claims along (`priority_claims`), and the rules once (`rules.read_once`).
    """
    claims = registration.priority_claims.all()
    codes = {one.group_id for one in claims if one.state == PriorityClaim.State.PENDING}
    if not codes:
        return []
    return [rule.group for rule in rules_at(now) if rule.group.code in codes and rule.is_confirmed_at_site]
