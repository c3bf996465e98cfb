"""The order in which people get a seat: by score, then the oldest, then who registered earlier (DOMAIN 4.2).

Invitations, offers of the waiting list and calls to substitutes all ask here.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from logistics.models import VaccinationSite
from registration.groups import queue
from registration.groups.eligibility import decide, facts_of
from registration.groups.rules import Rule, rules_at
from registration.models import Registration
from reservation.inviting import boosters
from reservation.models import Invitation, InvitationPause, Reservation, WaitingListEntry


class RankKey(NamedTuple):
    """What compares two people: the lower key comes first."""

    minus_score: int
    birth_date: date
    registered_at: datetime
    pk: int


def inviting_rules(now: datetime) -> list[Rule]:
    """The rules whose people are invited at `now`, the highest score first."""
    return [rule for rule in rules_at(now) if rule.invites(now)]


def rank_key(registration: Registration, *, rules: Sequence[Rule], now: datetime) -> RankKey | None:
    """The place of somebody by the first of `rules` that fits; None where none does."""
    fitting = decide(facts_of(registration), tuple(rules), now=now).rules
    if not fitting:
        return None
    score = max(rule.score for rule in fitting)
    return RankKey(-score, registration.person.birth_date, registration.created_at, registration.pk)


def is_before(one: Registration, other: Registration, *, rules: Sequence[Rule], now: datetime) -> bool:
    """Whether `one` comes before `other`; whoever no rule fits comes before nobody."""
    mine, theirs = (rank_key(each, rules=rules, now=now) for each in (one, other))
    return mine is not None and (theirs is None or mine < theirs)


def in_order(people: QuerySet[Registration], *, rules: Sequence[Rule], now: datetime) -> QuerySet[Registration]:
    """Those of `people` whom one of `rules` fits, in the order; `score` says by which score they come."""
    fits = [(rule.score, queue.fitting(rule, now=now)) for rule in sorted(rules, key=lambda rule: -rule.score)]
    score = Case(
        *(When(fitting, then=Value(points)) for points, fitting in fits),
        default=Value(0),
        output_field=IntegerField(),
    )
    fitting = reduce(or_, (one for _, one in fits), Q(pk__in=[]))
    return people.filter(fitting).annotate(score=score).order_by("-score", "person__birth_date", "created_at", "pk")


def waiting(*, rules: Sequence[Rule], now: datetime) -> QuerySet[Registration]:
    """People whom one of `rules` fits, with neither a valid PIN2 nor a reservation that holds seats, by their turn.

    PIN2 is for a first dose at a site (or for a booster, `boosters.due`): whoever is amid the series gets times from a
    site, and a doctor or a mobile team goes to whoever cannot come. It comes by SMS or by letter: whoever is reached in
    neither way gets times from a site, too. Whoever stands on the waiting list is offered a time, and whoever left
    three PIN2 unused asks for the next one.
    """
    valid = Invitation.objects.filter(registration=OuterRef("pk"), revoked_at=None, expires_at__gt=now)
    return in_order(_without_seat().filter(~Exists(valid), ~Exists(_entries())), rules=rules, now=now)


def anyone_ahead(registration: Registration, regions: Iterable[str], now: datetime) -> bool:
    """Whether somebody who comes before the person, and may go to one of `regions`, still waits for a seat there.

    They wait for PIN2 or stand on the waiting list; those with a valid PIN2 are counted in the room (`room.rooms`).
    """
    rules = inviting_rules(now)
    mine = rank_key(registration, rules=rules, now=now)
    if mine is None:
        return True
    chosen = Registration.preferred_sites.through.objects.filter(registration=OuterRef("pk"))
    there = chosen.filter(vaccinationsite__in=VaccinationSite.objects.in_regions(list(regions)))
    valid = Invitation.objects.filter(registration=OuterRef("pk"), revoked_at=None, expires_at__gt=now)
    people = _without_seat().filter(Exists(_entries()) | ~Exists(valid)).filter(Exists(there) | ~Exists(chosen))
    earlier = Q(person__birth_date__lt=mine.birth_date) | Q(
        Q(created_at__lt=mine.registered_at) | Q(created_at=mine.registered_at, pk__lt=mine.pk),
        person__birth_date=mine.birth_date,
    )
    ahead = Q(score__gt=-mine.minus_score) | Q(earlier, score=-mine.minus_score)
    return in_order(people, rules=rules, now=now).filter(ahead).exists()


def _without_seat() -> QuerySet[Registration]:
    """People who want a first dose at a site and have no reservation that holds seats, nor asked for a pause."""
    reserved = Reservation.objects.holding_seats().filter(registration=OuterRef("pk"))
    paused = InvitationPause.objects.filter(registration=OuterRef("pk"), resumed_at=None)
    return Registration.objects.filter(queue.going_on(), ~Exists(reserved), ~Exists(paused)).filter(
        boosters.reached(), doses_received=0, is_immobile=False
    )


def _entries() -> QuerySet[WaitingListEntry]:
    return WaitingListEntry.objects.filter(registration=OuterRef("pk"), left_at=None)
