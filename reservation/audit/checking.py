"""Checks the grounds of reservations once more: by the rules of that moment, and by what is known today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registration.age import age_on
from registration.groups.eligibility import Facts, decide
from registration.groups.rules import Rule, in_order
from registration.models import GroupRule, PriorityClaim, Registration
from reservation.models import Reservation, ReservationGrounds


class Finding(TextChoices):
    """What the check says of a reservation."""

    AGREES = "AGREES", _("the rule invited the person, and still would by what is known today")
    BY_STAFF = "BY_STAFF", _("arranged by staff; no rule invited the person at that moment")
    CORRECTED = "CORRECTED", _("the date of birth was corrected since; by today's the rule would have fitted, too")
    WRONG_AGE = "WRONG_AGE", _("by the date of birth that is known today the rule did not fit")
    CLAIM_FELL = (
        "CLAIM_FELL",
        _("the reason is not proven any more: it was refused, withdrawn, or a register disputes it"),
    )
    WRONG_RULE = "WRONG_RULE", _("the rule that is written down was not the one in force for the person")
    NO_RULE = "NO_RULE", _("no rule invited the person, and nobody of the staff arranged it")


_FALLEN = (PriorityClaim.State.REFUSED, PriorityClaim.State.WITHDRAWN)
# Somebody should look at these.
TO_LOOK_AT = frozenset({Finding.WRONG_AGE, Finding.CLAIM_FELL, Finding.WRONG_RULE, Finding.NO_RULE})


@dataclass(frozen=True)
class Checked:
    """A reservation of the sample with what the check found; no name."""

    grounds: ReservationGrounds
    finding: Finding
    age: int
    claim_now: str  # the state of the reason today; "" where there is none
    was_by_staff: bool
    context: Mapping[str, Any]  # of its confirmation in the history: the operation, and of staff who and why

    @property
    def is_to_look_at(self) -> bool:
        """Whether somebody should look at it."""
        return self.finding in TO_LOOK_AT

    @property
    def claim_now_words(self) -> str:
        """The state of the reason today, as people read it; "" where there is none."""
        return str(PriorityClaim.State(self.claim_now).label) if self.claim_now else ""

    @property
    def registration(self) -> Registration:
        """Whose reservation it is."""
        return self.grounds.reservation.registration


def check(found: Sequence[ReservationGrounds]) -> list[Checked]:
    """Each of them in turn; three queries for all."""
    rules = list(GroupRule.objects.select_related("group").order_by("valid_from"))
    confirmed = _confirmations(found)
    return [_checked(one, rules, *confirmed.get(one.pk, ({}, False))) for one in found]


def _confirmations(found: Iterable[ReservationGrounds]) -> dict[UUID, tuple[Mapping[str, Any], bool]]:
    """What the history says of how each reservation was confirmed first, and whether staff arranged it then."""
    events = apps.get_model("reservation", "ReservationEvent").objects.filter(
        pgh_obj__in=[one.pk for one in found], state=Reservation.State.CONFIRMED
    )
    first = events.order_by("pgh_obj", "pgh_id").distinct("pgh_obj")
    rows = first.values_list("pgh_obj", "pgh_context__metadata", "is_by_staff")
    return {key: (metadata or {}, is_by_staff) for key, metadata, is_by_staff in rows}


def _checked(
    grounds: ReservationGrounds, rules: Iterable[GroupRule], context: Mapping[str, Any], was_by_staff: bool
) -> Checked:
    # Of several claims to a group the one that stands today, else the latest.
    made = sorted(
        grounds.reservation.registration.priority_claims.all(), key=lambda one: (one.state not in _FALLEN, one.pk)
    )
    claims: dict[str, str] = {one.group_id: one.state for one in made}
    group = grounds.rule.group_id if grounds.rule else None
    then = _rules_then(rules, grounds.decided_at)
    if grounds.rule is None:
        finding = Finding.BY_STAFF if was_by_staff else Finding.NO_RULE
    else:
        finding = _finding(grounds, grounds.rule, then, claims)
    return Checked(
        grounds=grounds,
        finding=finding,
        age=age_on(timezone.localdate(grounds.decided_at), birth_date=grounds.birth_date),
        claim_now=claims.get(group, "") if group and grounds.claim_state else "",
        was_by_staff=was_by_staff,
        context=context,
    )


def _rules_then(rules: Iterable[GroupRule], moment: datetime) -> dict[int, GroupRule]:
    """The rules in force at a moment by key, of all `rules` in the order of their beginnings."""
    newest = {rule.group_id: rule for rule in rules if rule.valid_from <= moment}
    return {rule.pk: rule for rule in newest.values()}


def _finding(
    grounds: ReservationGrounds, rule: GroupRule, then: Mapping[int, GroupRule], claims: Mapping[str, str]
) -> Finding:
    moment, known = grounds.decided_at, in_order(then.values())
    if rule.pk not in then or not _fits(rule, known, grounds.birth_date, {rule.group_id: grounds.claim_state}, moment):
        return Finding.WRONG_RULE
    born = grounds.reservation.registration.person.birth_date
    if not _fits(rule, known, born, {rule.group_id: grounds.claim_state}, moment):
        return Finding.WRONG_AGE
    if not _fits(rule, known, born, claims, moment):
        return Finding.CLAIM_FELL
    return Finding.AGREES if born == grounds.birth_date else Finding.CORRECTED


def _fits(rule: GroupRule, known: Sequence[Rule], born: date, claims: Mapping[str, str], moment: datetime) -> bool:
    """Whether the rule's group invited somebody of that birth and those claims."""
    fitting = decide(Facts(born, claims), known, now=moment).rules
    return any(one.group == rule.group and one.invites(moment) for one in fitting)
