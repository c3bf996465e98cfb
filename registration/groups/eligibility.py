"""Whose turn it is: one pure function of a person, their claims, the rules and the moment.

It is asked when somebody registers, and again at the log-in with PIN2, at the hold, at the confirmation and at the
check-in; where it says no, it says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from registration.errors import RegistrationError
from registration.groups.errors import (
    ClaimDisputed,
    ClaimNotProven,
    NoGroupOfThisAge,
    NotYetInvited,
    NotYetOpen,
    RegistrationIsOver,
    TooYoung,
)
from registration.groups.rules import Rule, rules_at
from registration.models import GroupRule, PriorityClaim, Registration

# A claim that no register has answered yet counts: people are taken subject to the check. A code is a proof at once.
_COUNTS = {
    GroupRule.Proof.NONE: (PriorityClaim.State.PENDING, PriorityClaim.State.PROVEN),
    GroupRule.Proof.REGISTER: (PriorityClaim.State.PENDING, PriorityClaim.State.PROVEN),
    GroupRule.Proof.CODE: (PriorityClaim.State.PROVEN,),
}


@dataclass(frozen=True)
class Facts:
    """What counts about a person: the date of birth, and the state of each claim by the code of its group.

    `is_over`: the registration was cancelled or completed, the person died or their record was joined to another.
    """

    birth_date: date
    claims: Mapping[str, str] = field(default_factory=dict)
    is_over: bool = False

    @classmethod
    def of(cls, registration: Registration, claims: Mapping[str, str]) -> "Facts":
        """What counts about a registered person with these claims."""
        person = registration.person
        is_person_gone = person.died_on is not None or person.merged_into_id is not None
        is_over = is_person_gone or registration.state != Registration.State.ACTIVE
        return cls(person.birth_date, claims, is_over=is_over)


@dataclass(frozen=True)
class Eligibility:
    """The rules that fit a person, the highest score first, and those that would, were a claim proven."""

    rules: tuple[Rule, ...]
    unproven: tuple[Rule, ...]
    disputed: tuple[Rule, ...]
    is_too_young: bool
    is_over: bool
    now: datetime

    @property
    def best(self) -> Rule | None:
        """The rule by which the person waits; None where none fits, as for small children."""
        return self.rules[0] if self.rules else None

    @property
    def may_register(self) -> bool:
        """Whether one of the groups registers already."""
        return not self.is_over and any(rule.registers(self.now) for rule in self.rules)

    @property
    def may_reserve(self) -> bool:
        """Whether one of the groups is being invited."""
        return not self.is_over and any(rule.invites(self.now) for rule in self.rules)

    @property
    def registers_from(self) -> datetime | None:
        """When the first of the groups registers; None where no time is known."""
        return min((rule.registers_from for rule in self.rules if rule.registers_from), default=None)

    @property
    def invites_from(self) -> datetime | None:
        """When the first of the groups is invited; None where no time is known."""
        return min((rule.invites_from for rule in self.rules if rule.invites_from), default=None)

    @property
    def registering_refusal(self) -> RegistrationError | None:
        """Why the person may not register now; None where they may. `str` of it is the sentence for the person."""
        if self.may_register:
            return None
        ready = [rule for rule in self.unproven if rule.registers(self.now)]
        in_doubt = [rule for rule in self.disputed if rule.registers(self.now)]
        return self._why_not(ready, in_doubt) or NotYetOpen(self.registers_from)

    @property
    def refusal(self) -> RegistrationError | None:
        """Why the person may not reserve now; None where they may. `str` of it is the sentence for the person."""
        if self.may_reserve:
            return None
        ready = [rule for rule in self.unproven if rule.invites(self.now)]
        in_doubt = [rule for rule in self.disputed if rule.invites(self.now)]
        return self._why_not(ready, in_doubt) or NotYetInvited(self.invites_from)

    def _why_not(self, ready: list[Rule], in_doubt: list[Rule]) -> RegistrationError | None:
        """What stands in the way besides time; what the person can do something about comes first."""
        if self.is_over:
            return RegistrationIsOver()
        # Where nothing fits at all, a claim is the only way, also to a group whose time has not come.
        if unproven := ready or (() if self.rules else self.unproven):
            return ClaimNotProven(unproven[0].group, unproven[0].proof)
        if disputed := in_doubt or (() if self.rules else self.disputed):
            return ClaimDisputed(disputed[0].group)
        if not self.rules:
            return TooYoung() if self.is_too_young else NoGroupOfThisAge()
        return None


def decide(facts: Facts, rules: Iterable[Rule], *, now: datetime) -> Eligibility:
    """Which of `rules` fit the person at `now`; in the order of the rules."""
    today = timezone.localdate(now)
    known = tuple(rules)
    by_age = [rule for rule in known if rule.is_by_age]
    of_age = [rule for rule in known if rule.has_age(facts.birth_date, today=today)]
    states = {rule: facts.claims.get(rule.group.code) for rule in of_age if not rule.is_by_age}
    return Eligibility(
        rules=tuple(rule for rule in of_age if rule.is_by_age or states[rule] in counting(rule)),
        unproven=tuple(
            rule
            for rule, state in states.items()
            if state == PriorityClaim.State.PENDING and state not in counting(rule)
        ),
        disputed=tuple(rule for rule, state in states.items() if state == PriorityClaim.State.DISPUTED),
        is_too_young=bool(by_age) and all(rule.births(today=today)[1] < facts.birth_date for rule in by_age),
        is_over=facts.is_over,
        now=now,
    )


def counting(rule: Rule) -> tuple[str, ...]:
    """The states in which a claim to the rule's group counts."""
    return _COUNTS[GroupRule.Proof(rule.proof)]


def facts_of(registration: Registration) -> Facts:
    """What counts about a registered person: one query, two with the person."""
    claims = PriorityClaim.objects.standing().filter(registration=registration)
    return Facts.of(registration, dict(claims.values_list("group", "state")))


def of_registration(registration: Registration, *, now: datetime) -> Eligibility:
    """The eligibility of a registered person by the rules in force at `now`: two queries, three with the person."""
    return decide(facts_of(registration), rules_at(now), now=now)


def require_registration(facts: Facts, *, now: datetime) -> Eligibility:
    """The eligibility of somebody who wants to register at `now`.

    Raises its `registering_refusal`: TooYoung, NoGroupOfThisAge, NotYetOpen, ClaimNotProven, ClaimDisputed.
    """
    eligibility = decide(facts, rules_at(now), now=now)
    if refusal := eligibility.registering_refusal:
        raise refusal
    return eligibility
