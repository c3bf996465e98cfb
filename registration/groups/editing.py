"""What the ministry changes about groups: their rules and their texts.

A rule is never edited. Another one is planned, which takes its place at its moment; a planned one is withdrawn, or
replaced by another. Everybody reads the rules for each question (`rules.rules_at`), so nothing has to be switched.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from functools import partial
from typing import Self

from django.contrib.auth.models import User
from django.db.models import Count, Max

from crs import history, sent_forms
from crs.advisory_locks import Lock, take
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.groups import rules
from registration.groups.errors import (
    GroupCodeTaken,
    RuleAtThatMoment,
    RuleBegins,
    RuleSaysNothingNew,
    RulesChanged,
)
from registration.models import GroupRule, PriorityGroup
from registration.operations import Operation


@dataclass(frozen=True)
class RuleText:
    """What a rule says, without from when and why."""

    score: int
    min_age: int | None = None
    max_age: int | None = None
    age_on: date | None = None
    proof: str = GroupRule.Proof.NONE.value
    registers_from: datetime | None = None
    invites_from: datetime | None = None

    @classmethod
    def names(cls) -> list[str]:
        """The names of what it says, as the row has them."""
        return [one.name for one in fields(cls)]

    @classmethod
    def of(cls, row: GroupRule) -> Self:
        """What the row says."""
        return cls(**{name: getattr(row, name) for name in cls.names()})


@dataclass(frozen=True)
class GroupText:
    """What is said about a group: its phase, and texts by language."""

    phase: str
    names: Mapping[str, str]
    hints: Mapping[str, str]


def version() -> str:
    """Names the rules as they stand: another one wherever a rule was added or withdrawn since.

    Keys only rise and rows are never edited, so the number of rules and the highest key say it.
    """
    found = GroupRule.objects.aggregate(many=Count("pk"), last=Max("pk"))
    return f"{found['many']}-{found['last'] or 0}"


def drafted(group: PriorityGroup, text: RuleText, *, valid_from: datetime) -> GroupRule:
    """A rule that is not saved, for a preview."""
    return GroupRule(group=group, valid_from=valid_from, **asdict(text))


def plan_rule(
    *,
    group: PriorityGroup,
    text: RuleText,
    valid_from: datetime | None,
    reason: str,
    by: User,
    seen: str,
    now: datetime,
    replaces: GroupRule | None = None,
    form: Sending = NO_FORM,
) -> GroupRule:
    """Let another rule hold for the group from `valid_from` on; None: at once.

    It takes the place of the planned rule that it `replaces`. `seen` is the `version` that the editor looked at.
    Raises RulesChanged, RuleBegins, RuleAtThatMoment, RuleSaysNothingNew, FormChanged.
    """

    def write() -> Outcome:
        _lock(seen)
        begins = valid_from or now
        if replaces is not None:
            _require_planned(replaces, now=now)
        if begins < now:
            raise RuleBegins
        gone = [replaces.pk] if replaces else []
        others = GroupRule.objects.exclude(pk__in=gone)
        if others.filter(group=group, valid_from=begins).exists():
            raise RuleAtThatMoment
        until_then = rules.in_force(begins).filter(group=group).exclude(pk__in=gone).first()
        if until_then is not None and RuleText.of(until_then) == text:
            raise RuleSaysNothingNew
        with history.recording(Operation.EDIT_RULE, by=by, reason=reason):
            if replaces is not None:
                replaces.delete()
            row = drafted(group, text, valid_from=begins)
            row.made_at, row.made_by, row.reason = now, by, reason
            row.save(force_insert=True)
        return {"rule": row.pk}

    outcome = sent_forms.once(form, write) or {}
    return GroupRule.objects.get(pk=outcome["rule"])


def withdraw_rule(*, rule: GroupRule, reason: str, by: User, seen: str, now: datetime, form: Sending = NO_FORM) -> None:
    """Let a planned rule never hold. Raises RulesChanged, RuleBegins where it holds already, FormChanged."""

    def write() -> Outcome:
        _lock(seen)
        _require_planned(rule, now=now)
        with history.recording(Operation.EDIT_RULE, by=by, reason=reason):
            GroupRule.objects.filter(pk=rule.pk).delete()
        return {"withdrawn": rule.pk}

    sent_forms.once(form, write)


def version_of_texts(group: PriorityGroup) -> str:
    """Names what is said of the group as it stands, by its last row of history."""
    last = group.events.aggregate(last=Max("pgh_id"))["last"]  # type: ignore[attr-defined]
    return str(last or 0)


def edit_group(
    *, group: PriorityGroup, text: GroupText, reason: str, by: User, seen: str, form: Sending = NO_FORM
) -> None:
    """Change what is said about a group, at once; `seen` is the `version_of_texts` that the editor looked at.

    Raises RulesChanged, FormChanged.
    """

    def write() -> Outcome:
        take(Lock.GROUP_RULES)
        if version_of_texts(group) != seen:
            raise RulesChanged
        with history.recording(Operation.EDIT_GROUP, by=by, reason=reason):
            PriorityGroup.objects.filter(pk=group.pk).update(**asdict(text))
        return {"group": group.pk}

    sent_forms.once(form, write)


def add_group(
    *, code: str, basis: str, text: GroupText, reason: str, by: User, form: Sending = NO_FORM
) -> PriorityGroup:
    """Add a group; it has no rule, so nobody belongs to it yet. Raises GroupCodeTaken, FormChanged."""
    outcome = sent_forms.once(form, partial(_add, code=code, basis=basis, text=text, reason=reason, by=by)) or {}
    return PriorityGroup.objects.get(pk=outcome["group"])


def _add(*, code: str, basis: str, text: GroupText, reason: str, by: User) -> Outcome:
    take(Lock.GROUP_RULES)
    if PriorityGroup.objects.filter(pk=code).exists():
        raise GroupCodeTaken
    with history.recording(Operation.EDIT_GROUP, by=by, reason=reason):
        PriorityGroup.objects.create(code=code, basis=basis, **asdict(text))
    return {"group": code}


def _lock(seen: str) -> None:
    """Of two editors at once the second waits here and is refused: the preview that they read holds no more."""
    take(Lock.GROUP_RULES)
    if version() != seen:
        raise RulesChanged


def _require_planned(rule: GroupRule, *, now: datetime) -> None:
    if rule.valid_from <= now:
        raise RuleBegins
