"""Checks the grounds of reservations once more: by the rules of that moment, and by what is known today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from registration.age import age_on
from registration.groups.eligibility import Facts, decide
from registration.groups.rules import Rule, in_order
from registration.models import GroupRule, Registration
from reservation.models import Reservation, ReservationGrounds


class Finding(TextChoices):
    """What the check says of a reservation."""

    AGREES = "AGREES", _("the rule invited the person, and still would by what is known today")
    BY_STAFF = "BY_STAFF", _("arranged by staff; no rule invited the person at that moment")
    CORRECTED = "CORRECTED", _("the date of birth was corrected since; by today's the rule would have fitted, too")
    WRONG_AGE = "WRONG_AGE", _("by the date of birth that is known today the rule did not fit")
    CLAIM_FELL = "CLAIM_FELL", _("the reason is not proven any more: it was refused, withdrawn, or a register disputes it")
    WRONG_RULE = "WRONG_RULE", _("the rule that is written down was not the one in force for the person")
    NO_RULE = "NO_RULE", _("no rule invited the person, and nobody of the staff arranged it")


# Somebody should look at these.
TO_LOOK_AT = frozenset({Finding.WRONG_AGE, Finding.CLAIM_FELL, Finding.WRONG_RULE, Finding.NO_RULE})


@dataclass(frozen=True)
class Checked:
    """A reservation of the sample with what the check found; no name."""

    grounds: ReservationGrounds
    finding: Finding
    age: int
    claim_now: str  # the state of the reason today; "" where there is none
    operation: str  # by which it came about, as the history names it

    @property
    def is_to_look_at(self) -> bool:
        """Whether somebody should look at it."""
        return self.finding in TO_LOOK_AT

    @property
    def registration(self) -> Registration:
        """Whose reservation it is."""
        return self.grounds.reservation.registration


def check(found: Sequence[ReservationGrounds]) -> list[Checked]:
    """Each of them in turn; three queries for all."""
    rules = list(GroupRule.objects.select_related("group").order_by("valid_from"))
    contexts = contexts_of(found)
    return [_checked(one, rules, contexts.get(one.pk, {})) for one in found]


def contexts_of(found: Iterable[ReservationGrounds]) -> dict[UUID, Mapping[str, Any]]:
    """What the history says of who confirmed each reservation first: the operation, and of staff who and why."""
    events = apps.get_model("reservation", "ReservationEvent").objects.filter(
        pgh_obj__in=[one.pk for one in found], state=Reservation.State.CONFIRMED
    )
    rows = events.order_by("pgh_obj", "pgh_id").distinct("pgh_obj").values_list("pgh_obj", "pgh_context__metadata")
    return {key: metadata or {} for key, metadata in rows}


def _checked(grounds: ReservationGrounds, rules: Iterable[GroupRule], context: Mapping[str, Any]) -> Checked:
    registration = grounds.reservation.registration
    claims = {one.group_id: one.state for one in registration.priority_claims.all()}
    group = grounds.rule.group_id if grounds.rule else None
    return Checked(
        grounds=grounds,
        finding=_finding(grounds, rules_then(rules, grounds.decided_at), claims),
        age=age_on(grounds.birth_date, grounds.decided_at.date()),
        claim_now=claims.get(group, "") if group and grounds.claim_state else "",
        operation=context.get("operation", ""),
    )


def rules_then(rules: Iterable[GroupRule], moment: datetime) -> dict[int, GroupRule]:
    """The rules in force at a moment by key, of all `rules` in the order of their beginnings."""
    newest = {rule.group_id: rule for rule in rules if rule.valid_from <= moment}
    return {rule.pk: rule for rule in newest.values()}


def _finding(grounds: ReservationGrounds, then: Mapping[int, GroupRule], claims: Mapping[str, str]) -> Finding:
    moment, rule = grounds.decided_at, grounds.rule
    known = in_order(then.values())
    if rule is None:
        return Finding.BY_STAFF if grounds.reservation.is_by_staff else Finding.NO_RULE
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
