"""Invitations: people get PIN2 by SMS, or by letter, when their turn comes and both doses have free seats."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet

from crs.advisory_locks import Lock, take
from crs.messaging import outbox
from logistics.models import Region, region_of_site
from registration.groups.rules import Rule, rules_at
from registration.models import PriorityGroup, Registration
from reservation import errors
from reservation.free_seats import folding
from reservation.inviting import boosters, issuing, order
from reservation.inviting.room import Room, rooms
from reservation.models import Invitation


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


def _choose(*, rules: Sequence[Rule], limit: int, now: datetime, room: Room, is_region_given: bool) -> list[_Candidate]:
    """The next people for whom there is room, one score after the other."""
    chosen: list[_Candidate] = []
    for _score, alike in groupby(rules, key=lambda rule: rule.score):
        people = order.waiting(rules=list(alike), now=now)
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
    again = run_out.count()
    issued = issuing.issue(registrations, Invitation.Kind.TURN, now)
    outbox.queue_all(message for invitation, pin2 in issued.values() for message in issuing.messages(invitation, pin2))
    return again
