"""Invitations: people get PIN2 by SMS, or by letter, when their turn comes and both doses have free seats."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import or_

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from crs.advisory_locks import Lock, take
from crs.messaging import outbox
from crs.messaging.models import Message
from logistics.models import Region, region_of_site
from registration.groups import queue
from registration.groups.rules import Rule, rules_at
from registration.models import PriorityGroup, Registration
from registration.people import telling
from reservation import errors
from reservation.free_seats import folding
from reservation.inviting import boosters
from reservation.inviting.pin2 import new_pin2, pin2_hash, shown
from reservation.inviting.room import Room, rooms
from reservation.models import Invitation, Reservation

VALID_FOR = timedelta(days=14)
# A letter is printed on a working day and is some days on its way.
VALID_FOR_BY_LETTER = timedelta(days=21)


@dataclass(frozen=True)
class InvitationRun:
    """What a run of `invite` did, or would do."""

    invited: int
    again: int
    room: int
    by_region: dict[str, int] = field(default_factory=dict)
    is_dry_run: bool = False


@dataclass(frozen=True)
class _Candidate:
    registration: Registration
    region: str


def invite(
    *,
    limit: int,
    now: datetime,
    group: PriorityGroup | None = None,
    region: Region | None = None,
    is_dry_run: bool = False,
) -> InvitationRun:
    """Invite up to `limit` people of the groups that are invited at `now`, or of `group` alone.

    The highest score comes first, then the oldest, then those who registered earlier; whoever fits several groups comes
    with the one of them that is invited first. A region has room for as many people as it has free pairs of seats that
    no valid invitation promises yet. A person takes room in a region of their preferred sites, without preferred sites
    in the region with most room. With a `region` only people who prefer a site there are invited. People whose PIN2 ran
    out are invited again in this order. After all of them come those who are due for a booster. Raises GroupNotOpen
    where `group` is not invited.

    A second run waits for the first one, because each needs to know what the others have promised.
    """
    # What was booked since the last beat is promised to nobody again.
    folding.fold(now=now)
    with transaction.atomic():
        take(Lock.INVITATIONS)
        rules = [rule for rule in rules_at(now) if rule.invites(now) and group in (None, rule.group)]
        if group is not None and not rules:
            raise errors.GroupNotOpen
        for_series, for_boosters = _rooms(now, region)
        pairs_free = sum(for_series.by_region().values())
        chosen = _choose(rules=rules, limit=limit, now=now, room=for_series, is_region_given=region is not None)
        again = _write_pins(chosen, now, is_dry_run=is_dry_run)
    left = for_boosters.with_that_of(for_series)
    if len(chosen) < limit and left.by_region():
        # On their own, so that whatever becomes of them the first doses are promised.
        with transaction.atomic():
            take(Lock.INVITATIONS)
            if not is_dry_run:
                series, others = _rooms(now, region)
                left = others.with_that_of(series)
            due = boosters.due(rules=rules, now=now)
            more = _choose_among(due, limit - len(chosen), left, region is not None)
            again += _write_pins(more, now, is_dry_run=is_dry_run)
        chosen += more
    return InvitationRun(
        invited=len(chosen),
        again=again,
        room=pairs_free,
        by_region=dict(Counter(candidate.region for candidate in chosen)),
        is_dry_run=is_dry_run,
    )


def waiting(*, rules: Sequence[Rule], now: datetime) -> QuerySet[Registration]:
    """People whom one of `rules` fits, with neither a valid PIN2 nor a reservation that holds seats, by their turn.

    PIN2 is for a first dose at a site (or for a booster, `boosters.due`): whoever is amid the series gets times from a
    site, and a doctor or a mobile team goes to whoever cannot come. It comes by SMS or by letter: whoever is reached in
    neither way gets times from a site, too.
    """
    valid = Invitation.objects.filter(registration=OuterRef("pk"), revoked_at=None, expires_at__gt=now)
    reserved = Reservation.objects.holding_seats().filter(registration=OuterRef("pk"))
    fitting = reduce(or_, (queue.fitting(rule, now=now) for rule in rules))
    return (
        Registration.objects.filter(fitting, queue.going_on(), ~Exists(valid), ~Exists(reserved))
        .filter(boosters.reached(), doses_received=0, is_immobile=False)
        .order_by("person__birth_date", "created_at", "pk")
    )


def _choose(*, rules: Sequence[Rule], limit: int, now: datetime, room: Room, is_region_given: bool) -> list[_Candidate]:
    """The next people for whom there is room, one score after the other."""
    chosen: list[_Candidate] = []
    for _score, alike in groupby(rules, key=lambda rule: rule.score):
        people = waiting(rules=list(alike), now=now)
        chosen += _choose_among(
            people.exclude(pk__in=[one.registration.pk for one in chosen]), limit - len(chosen), room, is_region_given
        )
    return chosen


def _choose_among(people: QuerySet[Registration], limit: int, room: Room, is_region_given: bool) -> list[_Candidate]:
    """The first of `people` for whom there is room, which is taken; each round asks only for regions that have some."""
    chosen: list[_Candidate] = []
    seen: list[int] = []
    while len(chosen) < limit and room.by_region():
        # Locked against a booking at this moment; SKIP LOCKED, because a person who is acting now can wait a minute.
        batch = list(
            people.filter(room.wanted(is_region_given=is_region_given))
            .exclude(pk__in=seen)
            .select_related("person")
            .select_for_update(of=("self",), no_key=True, skip_locked=True)[: limit - len(chosen)]
        )
        if not batch:
            break
        preferred = _preferred_regions(batch)
        for registration in batch:
            seen.append(registration.pk)
            born = registration.person.birth_date
            code = room.most(preferred.get(registration.pk, ()), born)
            if code is not None:
                room.take(code, born)
                chosen.append(_Candidate(registration, code))
    return chosen


def _preferred_regions(registrations: Iterable[Registration]) -> dict[int, list[str]]:
    """Region codes of the preferred sites by registration, in one query."""
    pairs = (
        Registration.preferred_sites.through.objects.filter(registration__in=list(registrations))
        .values_list("registration_id", region_of_site("vaccinationsite__"))
        .order_by(region_of_site("vaccinationsite__"))
        .distinct()
    )
    regions: dict[int, list[str]] = {}
    for registration_id, code in pairs:
        regions.setdefault(registration_id, []).append(code)
    return regions


def _rooms(now: datetime, region: Region | None) -> tuple[Room, Room]:
    """Room for series and for boosters, everywhere or in one region."""
    for_series, for_boosters = rooms(now)
    if region is None:
        return for_series, for_boosters
    return for_series.only_in(region.code), for_boosters.only_in(region.code)


def _write_pins(chosen: Sequence[_Candidate], now: datetime, *, is_dry_run: bool) -> int:
    """Replace run-out PIN2s, write the new ones and their messages; return how many are invited again."""
    registrations = [candidate.registration for candidate in chosen]
    if not registrations:
        return 0
    run_out = Invitation.objects.filter(registration__in=registrations, revoked_at=None)
    if is_dry_run:
        return run_out.count()
    again = run_out.update(revoked_at=now)
    pins = {registration.pk: new_pin2() for registration in registrations}
    made = Invitation.objects.bulk_create(
        Invitation(
            registration=registration,
            pin_hash=pin2_hash(registration.pk, pins[registration.pk]),
            issued_at=now,
            expires_at=now + (VALID_FOR_BY_LETTER if registration.by_letter else VALID_FOR),
        )
        for registration in registrations
    )
    outbox.queue_all(message for one in made for message in _messages(one, pins[one.registration_id]))
    return again


def _messages(invitation: Invitation, pin2: str) -> Iterator[Message]:
    """The SMS or the letter with PIN2; for people with an e-mail address the news that it has come, without PIN2."""
    context: dict[str, object] = {
        "registration": invitation.registration,
        "expires_at": invitation.expires_at,
        "address": settings.PUBLIC_URL.partition("://")[2] + reverse("reservation:log_in"),
    }
    return telling.messages(
        invitation.registration,
        "reservation/invitation",
        context,
        secret={"pin2": shown(pin2)},
        lane=Message.Lane.BULK,
        reference=invitation.registration.number,
    )
