"""Whose turn it is: one pure function of a person, their claims, the rules and the moment.

It is asked when somebody registers, and again at the log-in with PIN2, at the hold, at the confirmation and at the
check-in; where it says no, it says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from registration.groups.errors import NotYetOpen, TooYoung
from registration.groups.rules import Rule, rules_at
from registration.models import GroupRule, PriorityClaim, Registration

_STANDING = (PriorityClaim.State.PENDING, PriorityClaim.State.PROVEN)


@dataclass(frozen=True)
class Facts:
    """What counts about a person: the date of birth, and the state of each claim by the code of its group."""

    birth_date: date
    claims: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Eligibility:
    """The rules that fit a person, the highest score first, at a moment."""

    rules: tuple[Rule, ...]
    now: datetime

    @property
    def best(self) -> Rule | None:
        """The rule by which the person waits; None where none fits, as for small children."""
        return self.rules[0] if self.rules else None

    @property
    def may_register(self) -> bool:
        """Whether one of the groups registers already."""
        return any(rule.registers(self.now) for rule in self.rules)

    @property
    def may_reserve(self) -> bool:
        """Whether one of the groups is being invited."""
        return any(rule.invites(self.now) for rule in self.rules)

    @property
    def registers_from(self) -> datetime | None:
        """When the first of the groups registers; None where no time is known."""
        return min((rule.registers_from for rule in self.rules if rule.registers_from), default=None)

    @property
    def invites_from(self) -> datetime | None:
        """When the first of the groups is invited; None where no time is known."""
        return min((rule.invites_from for rule in self.rules if rule.invites_from), default=None)


def decide(facts: Facts, rules: Iterable[Rule], *, now: datetime) -> Eligibility:
    """Which of `rules` fit the person at `now`; in the order of the rules."""
    today = timezone.localdate(now)
    return Eligibility(tuple(rule for rule in rules if _fits(facts, rule, today=today)), now)


def of_registration(registration: Registration, *, now: datetime) -> Eligibility:
    """The eligibility of a registered person by the rules in force at `now`: two queries, three with the person."""
    claims = dict(PriorityClaim.objects.filter(registration=registration).order_by("pk").values_list("group", "state"))
    return decide(Facts(registration.person.birth_date, claims), rules_at(now), now=now)


def require_registration(facts: Facts, *, now: datetime) -> Eligibility:
    """The eligibility of somebody who wants to register at `now`. Raises TooYoung and NotYetOpen."""
    eligibility = decide(facts, rules_at(now), now=now)
    if eligibility.best is None:
        raise TooYoung
    if not eligibility.may_register:
        raise NotYetOpen(eligibility.registers_from)
    return eligibility


def _fits(facts: Facts, rule: Rule, *, today: date) -> bool:
    if not rule.has_age(facts.birth_date, today=today):
        return False
    if rule.is_by_age:
        return True
    state = facts.claims.get(rule.group.code)
    if rule.proof == GroupRule.Proof.CODE:
        return state == PriorityClaim.State.PROVEN
    # A claim that no register has answered yet counts: people are taken subject to the check.
    return state in _STANDING
