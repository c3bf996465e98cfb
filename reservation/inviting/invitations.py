"""Invitations: people get PIN2 by SMS, or by letter, when their turn comes and both doses have free seats."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import or_

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from crs.advisory_locks import Lock, take
from crs.messaging import outbox
from crs.messaging.models import Message
from logistics.models import Region
from registration.groups import queue
from registration.groups.rules import Rule, rules_at
from registration.models import PriorityGroup, Registration
from registration.people import telling
from reservation import errors
from reservation.free_seats import pairing
from reservation.inviting import boosters
from reservation.inviting.pin2 import new_pin2, pin2_hash, shown
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
    with transaction.atomic():
        take(Lock.INVITATIONS)
        rules = [rule for rule in rules_at(now) if rule.invites(now) and group in (None, rule.group)]
        if group is not None and not rules:
            raise errors.GroupNotOpen
        free = room(now)
        if region is not None:
            free = {code: pairs for code, pairs in free.items() if code == region.code}
        pairs_free = sum(free.values())
        pairs_before = dict(free)
        chosen = _choose(rules=rules, limit=limit, now=now, room=free, is_region_given=region is not None)
        if len(chosen) < limit and (due := boosters.due(rules=rules, now=now)).exists():
            left = boosters.room(pairs_before, free, now=now, region=region)
            chosen += _choose_among(due, limit - len(chosen), left, region is not None)
        again = 0 if is_dry_run else _write_pins([candidate.registration for candidate in chosen], now)
        if is_dry_run:
            again = _expired(chosen).count()
    return InvitationRun(
        invited=len(chosen),
        again=again,
        room=pairs_free,
        by_region=dict(Counter(candidate.region for candidate in chosen)),
        is_dry_run=is_dry_run,
    )


def room(now: datetime) -> dict[str, int]:
    """Free pairs per region that are not promised yet, only regions that have some."""
    unpromised = Counter(pairing.free_pairs_by_region(now=now))
    promised = _promised(now)
    # People who prefer sites of one region can go nowhere else, so what they were promised is taken off first.
    for regions, people in sorted(promised.items(), key=lambda item: (len(item[0]) or 99, item[0])):
        left = people
        for code in sorted(regions or unpromised, key=lambda code: -unpromised[code]):
            taken = min(left, max(unpromised[code], 0))
            unpromised[code] -= taken
            left -= taken
    return {code: free for code, free in unpromised.items() if free > 0}


def _promised(now: datetime) -> dict[tuple[str, ...], int]:
    """People with a valid PIN2 and no reservation that holds seats, by the regions of their preferred sites.

    Of somebody who completed the series, one for a booster counts, and the reservation made with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT regions, count(*) FROM (
                SELECT i.registration_id,
                       coalesce(array_agg(DISTINCT c.region_id) FILTER (WHERE c.region_id IS NOT NULL), '{}') AS regions
                FROM reservation_invitation i
                JOIN registration_registration r ON r.id = i.registration_id
                  AND (r.state = 'ACTIVE' OR r.state = 'COMPLETED' AND r.last_dose_on < i.issued_at)
                LEFT JOIN registration_registration_preferred_sites p ON p.registration_id = i.registration_id
                LEFT JOIN logistics_vaccinationsite site ON site.id = p.vaccinationsite_id
                LEFT JOIN logistics_district c ON c.code = site.district_id
                WHERE i.revoked_at IS NULL AND i.expires_at > %(now)s AND NOT EXISTS (
                    SELECT FROM reservation_reservation v
                    WHERE v.registration_id = i.registration_id AND v.state IN ('HELD', 'CONFIRMED')
                      AND (r.state = 'ACTIVE' OR v.created_at >= i.issued_at))
                GROUP BY i.registration_id
            ) promised GROUP BY regions
            """,
            {"now": now},
        )
        return {tuple(regions): people for regions, people in cursor.fetchall()}


def waiting(*, rules: Sequence[Rule], now: datetime) -> QuerySet[Registration]:
    """People whom one of `rules` fits, with neither a valid PIN2 nor a reservation that holds seats, by their turn.

    PIN2 is for a first dose at a site (or for a booster, `boosters.due`): whoever is amid the series gets times from a
    site, and a doctor or a mobile team goes to
    whoever cannot come. It comes by SMS or by letter: whoever is reached in neither way gets times from a site, too.
    """
    valid = Invitation.objects.filter(registration=OuterRef("pk"), revoked_at=None, expires_at__gt=now)
    reserved = Reservation.objects.holding_seats().filter(registration=OuterRef("pk"))
    fitting = reduce(or_, (queue.fitting(rule, now=now) for rule in rules))
    return (
        Registration.objects.filter(fitting, queue.going_on(), ~Exists(valid), ~Exists(reserved))
        .filter(boosters.reached(), doses_received=0, is_immobile=False)
        .order_by("person__birth_date", "created_at", "pk")
    )


def _choose(
    *, rules: Sequence[Rule], limit: int, now: datetime, room: dict[str, int], is_region_given: bool
) -> list[_Candidate]:
    """The next people for whom there is room, one score after the other."""
    chosen: list[_Candidate] = []
    for _score, alike in groupby(rules, key=lambda rule: rule.score):
        people = waiting(rules=list(alike), now=now)
        chosen += _choose_among(
            people.exclude(pk__in=[one.registration.pk for one in chosen]), limit - len(chosen), room, is_region_given
        )
    return chosen


def _choose_among(
    people: QuerySet[Registration], limit: int, room: dict[str, int], is_region_given: bool
) -> list[_Candidate]:
    """The first of `people` for whom there is room, which is taken; each round asks only for regions that have some."""
    chosen: list[_Candidate] = []
    seen: list[int] = []
    while len(chosen) < limit and any(room.values()):
        somewhere = Exists(
            Registration.preferred_sites.through.objects.filter(
                registration=OuterRef("pk"),
                vaccinationsite__district__region__in=[code for code, free in room.items() if free],
            )
        )
        nowhere = ~Exists(Registration.preferred_sites.through.objects.filter(registration=OuterRef("pk")))
        wanted = Q(somewhere) if is_region_given else Q(somewhere) | Q(nowhere)
        # Locked against a booking at this moment; SKIP LOCKED, because a person who is acting now can wait a minute.
        batch = list(
            people.filter(wanted)
            .exclude(pk__in=seen)
            .select_related("person")
            .select_for_update(of=("self",), no_key=True, skip_locked=True)[: limit - len(chosen)]
        )
        if not batch:
            break
        preferred = _preferred_regions(batch)
        for registration in batch:
            seen.append(registration.pk)
            code = max(preferred.get(registration.pk) or room, key=lambda code: room.get(code, 0), default="")
            if room.get(code, 0) > 0:
                room[code] -= 1
                chosen.append(_Candidate(registration, code))
    return chosen


def _preferred_regions(registrations: Iterable[Registration]) -> dict[int, list[str]]:
    """Region codes of the preferred sites by registration, in one query."""
    pairs = (
        Registration.preferred_sites.through.objects.filter(registration__in=list(registrations))
        .values_list("registration_id", "vaccinationsite__district__region_id")
        .order_by("vaccinationsite__district__region_id")
        .distinct()
    )
    regions: dict[int, list[str]] = {}
    for registration_id, code in pairs:
        regions.setdefault(registration_id, []).append(code)
    return regions


def _expired(chosen: Sequence[_Candidate]) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        registration__in=[candidate.registration.pk for candidate in chosen], revoked_at=None
    )


def _write_pins(registrations: Sequence[Registration], now: datetime) -> int:
    """Replace run-out PIN2s, write the new ones and their messages; return how many were invited again."""
    if not registrations:
        return 0
    again = Invitation.objects.filter(registration__in=registrations, revoked_at=None).update(revoked_at=now)
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
