"""The order in which people get a seat: by score, then the oldest, then who registered earlier (DOMAIN 4.2).

Invitations, offers of the waiting list and calls to substitutes all ask here.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from logistics.models import VaccinationSite
from registration.groups import queue
from registration.groups.eligibility import Facts, decide, facts_of
from registration.groups.rules import Rule, rules_at
from registration.models import Registration
from reservation.inviting import boosters
from reservation.inviting.room import Room
from reservation.models import Invitation, InvitationPause, Reservation, SeatOffer, SiteOffer, WaitingListEntry

ORDER = ("-score", "person__birth_date", "created_at", "pk")


# Whoever let an offered time go is offered the next one after so long, so that it goes to somebody else meanwhile.
REST = timedelta(hours=24)
_LET_GO = (SeatOffer.Answer.DECLINED, SeatOffer.Answer.IGNORED, SeatOffer.Answer.CHANGED)
# For whom none of the free times was right is asked again so long after, or as soon as a site of theirs has more.
TRIED_FOR = timedelta(hours=1)


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
    return key_of(facts_of(registration), registration.created_at, registration.pk, rules=rules, now=now)


def in_order(people: QuerySet[Registration], *, rules: Sequence[Rule], now: datetime) -> QuerySet[Registration]:
    """Those of `people` whom one of `rules` fits, in the order; `score` says by which score they come."""
    score = queue.Score(rules, now=now)
    return people.filter(queue.fitting(rules, now=now)).annotate(score=score).order_by(*ORDER)


def waiting(*, rules: Sequence[Rule], now: datetime) -> QuerySet[Registration]:
    """People whom one of `rules` fits, with neither a valid PIN2 nor a reservation that holds seats, by their turn.

    PIN2 is for a first dose at a site (or for a booster, `boosters.due`): whoever is amid the series gets times from a
    site, and a doctor or a mobile team goes to whoever cannot come. It comes by SMS or by letter: whoever is reached in
    neither way gets times from a site, too. Whoever stands on the waiting list is offered a time where a site of theirs
    has one, and whoever left three PIN2 unused asks for the next one.
    """
    valid = Invitation.objects.valid(now).filter(registration=OuterRef("pk"))
    return in_order(_without_seat().filter(~Exists(valid), ~Exists(_listed())), rules=rules, now=now)


def first_waiting(*, region: str, room: Room, rules: Sequence[Rule], now: datetime) -> RankKey | None:
    """The place of the first of those who wait for PIN2 and for whom there is room in the region.

    Whoever stands on the waiting list is not among them. A run of offers goes through the list itself, so it asks no
    more; whoever would go straight on waits for the first of the list, too (`straight_on.count`).
    """
    there = room.only_in(region).wanted(is_region_given=False)
    return front(waiting(rules=rules, now=now).filter(there))


def front(people: QuerySet[Any]) -> RankKey | None:
    """The place of the first of people who stand `in_order`; None where there is nobody."""
    row = people.values_list("score", "person__birth_date", "created_at", "pk").first()
    return RankKey(-row[0], *row[1:]) if row else None


def key_of(facts: Facts, registered_at: datetime, pk: int, *, rules: Sequence[Rule], now: datetime) -> RankKey | None:
    """The place of somebody with these facts by the best of `rules` that fits; None where none does."""
    score = max((rule.score for rule in decide(facts, tuple(rules), now=now).rules), default=None)
    return None if score is None else RankKey(-score, facts.birth_date, registered_at, pk)


def with_next_offer(registrations: Iterable[Registration], now: datetime) -> set[int]:
    """The keys of those among people on the waiting list to whom a time can be offered now."""
    keys = [registration.pk for registration in registrations]
    return (
        set(Registration.objects.filter(next_offer(now), pk__in=keys).values_list("pk", flat=True)) if keys else set()
    )


def next_offer(now: datetime) -> Q:
    """Who of the waiting list can be offered a time: a site of theirs has free ones, and they let none go just now.

    Nor did they leave three PIN2 unused: they were told that they are asked no more until they say so.

    For whom a run has just found none among them waits for others; else they would keep all seats from everybody else.
    """
    chosen = Registration.preferred_sites.through.objects.filter(registration=OuterRef("pk"))
    let_go = SeatOffer.objects.filter(
        entry__registration=OuterRef("pk"), answer__in=_LET_GO, answered_at__gt=now - REST
    )
    more = SiteOffer.objects.filter(
        site__preferred_by=OuterRef("registration"), pairs__gt=0, grew_at__gt=OuterRef("tried_at")
    )
    entries = WaitingListEntry.objects.standing().filter(registration=OuterRef("pk"))
    tried = entries.filter(~Exists(more), tried_at__gt=now - TRIED_FOR)
    free = chosen.filter(vaccinationsite__in=sites_with_times())
    return Q(Exists(free)) & ~Q(Exists(let_go)) & ~Q(Exists(tried)) & ~Q(Exists(_paused()))


def sites_with_times() -> QuerySet[VaccinationSite]:
    """Open sites where somebody could have all doses."""
    return VaccinationSite.objects.open().filter(Exists(SiteOffer.objects.filter(site=OuterRef("pk"), pairs__gt=0)))


def waiting_or_listed(*, rules: Sequence[Rule], now: datetime) -> QuerySet[Registration]:
    """`waiting`, and in one order with them those who are offered a time (`is_listed`), whether or not they have PIN2.

    Whoever stands on the waiting list for sites without a free time has a place there besides, and is invited.
    """
    valid = Invitation.objects.valid(now).filter(~Exists(_listed("registration")), registration=OuterRef("pk"))
    people = _without_seat().filter(~Exists(valid)).annotate(is_listed=Exists(_listed()))
    return in_order(people, rules=rules, now=now)


def after(fields: Sequence[str], values: Sequence[object]) -> Q:
    """The rows that come after the one with `values` in an order by `fields` (with "-" the greater one comes first)."""
    found = Q(pk__in=[])
    same: dict[str, object] = {}
    for field, value in zip(fields, values, strict=True):
        name = field.removeprefix("-")
        found |= Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value}, **same)
        same[name] = value
    return found


def wants_first_dose() -> Q:
    """The registrations of people who want a first dose at a site."""
    return queue.going_on() & Q(doses_received=0, is_immobile=False)


def _without_seat() -> QuerySet[Registration]:
    """People who want a first dose at a site and have no reservation that holds seats, nor asked for a pause."""
    reserved = Reservation.objects.holding_seats().filter(registration=OuterRef("pk"))
    return Registration.objects.filter(wants_first_dose(), boosters.reached(), ~Exists(reserved), ~Exists(_paused()))


def _paused() -> QuerySet[InvitationPause]:
    """A pause of the invitations of the outer query's person."""
    return InvitationPause.objects.filter(registration=OuterRef("pk"), resumed_at=None)


def _listed(registration: str = "pk") -> QuerySet[WaitingListEntry]:
    """Places on the waiting list of the person of the outer query, for a site that has free times."""
    chosen = Registration.preferred_sites.through.objects.filter(registration=OuterRef("registration"))
    there = Exists(chosen.filter(vaccinationsite__in=sites_with_times()))
    return WaitingListEntry.objects.standing().filter(there, registration=OuterRef(registration))
