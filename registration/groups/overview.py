"""The groups as the ministry sees them: what holds now, what is planned, what held and what was withdrawn."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crs import history
from registration.groups import rules
from registration.groups.rules import Rule
from registration.models import GroupRule, PriorityGroup


@dataclass(frozen=True)
class GroupLine:
    """A group, the rule that holds for it now, if any, and those that are planned, the first one first."""

    group: PriorityGroup
    rule: Rule | None
    planned: tuple[GroupRule, ...]
    now: datetime

    @property
    def registers(self) -> bool:
        """Whether its people may register now."""
        return self.rule is not None and self.rule.registers(self.now)

    @property
    def invites(self) -> bool:
        """Whether its people are being invited now."""
        return self.rule is not None and self.rule.invites(self.now)


@dataclass(frozen=True)
class WithdrawnRule:
    """A planned rule that somebody took back, and why."""

    rule: GroupRule
    at: datetime
    by: str
    reason: str


def lines(*, now: datetime) -> list[GroupLine]:
    """All groups in the order of their scores, those without a rule last: three queries."""
    planned = defaultdict(list)
    for row in GroupRule.objects.filter(valid_from__gt=now).order_by("valid_from"):
        planned[row.group_id].append(row)
    known = rules.rules_at(now)
    ruled = {rule.group for rule in known}
    others = [group for group in PriorityGroup.objects.order_by("code") if group not in ruled]
    pairs = [*((rule.group, rule) for rule in known), *((group, None) for group in others)]
    return [GroupLine(group, rule, tuple(planned[group.code]), now) for group, rule in pairs]


def withdrawn(group: PriorityGroup) -> list[WithdrawnRule]:
    """The planned rules of the group that were withdrawn or replaced, the latest first."""
    events = list(_withdrawals().filter(group=group).select_related("pgh_context").order_by("-pgh_id"))
    contexts = [event.pgh_context.metadata if event.pgh_context else {} for event in events]
    names = history.names_of_users(contexts)
    known = {name.attname for name in GroupRule._meta.concrete_fields}
    return [
        WithdrawnRule(
            rule=GroupRule(**{name: getattr(event, name) for name in known if name != "id"}),
            at=event.pgh_created_at,
            by=names.get(context.get("user", 0), ""),
            reason=context.get("reason", ""),
        )
        for event, context in zip(events, contexts, strict=True)
    ]


def was_withdrawn(rule_id: int, group: PriorityGroup) -> bool:
    """Whether there was such a planned rule of the group."""
    return _withdrawals().filter(group=group, pgh_obj=rule_id).exists()


def decided(group: PriorityGroup, *, now: datetime) -> list[GroupRule]:
    """The rules of the group that hold or held, the latest first."""
    return list(group.rules.filter(valid_from__lte=now).select_related("made_by").order_by("-valid_from"))


def _withdrawals() -> Any:
    return GroupRule.events.rel.related_model.objects.filter(pgh_label="delete")  # type: ignore[attr-defined]
