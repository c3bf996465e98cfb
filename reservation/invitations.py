"""Invitations: people get PIN2 by SMS when their turn comes and both doses have free seats."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

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
from reservation import dose_pairing, errors
from reservation.models import Invitation, Reservation
from reservation.pin2 import new_pin2, pin2_hash, shown

VALID_FOR = timedelta(days=14)


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
    *, group: PriorityGroup, limit: int, now: datetime, region: Region | None = None, is_dry_run: bool = False
) -> InvitationRun:
    """Invite up to `limit` people of an open group: the oldest first, then those who registered earlier.

    A region has room for as many people as it has free pairs of seats that no valid invitation promises yet. A person
    takes room in a region of their preferred sites, without preferred sites in the region with most room. With a
    `region` only people who prefer a site there are invited. People whose PIN2 ran out are invited again in this order.
    Raises GroupNotOpen.

    A second run waits for the first one, because each needs to know what the others have promised.
    """
    rule = next((rule for rule in rules_at(now) if rule.group == group), None)
    if rule is None or not rule.invites(now):
        raise errors.GroupNotOpen
    with transaction.atomic():
        take(Lock.INVITATIONS)
        room = _room(now)
        if region is not None:
            room = {code: free for code, free in room.items() if code == region.code}
        free = sum(room.values())
        chosen = _choose(rule=rule, limit=limit, now=now, room=room, is_region_given=region is not None)
        again = 0 if is_dry_run else _write_pins([candidate.registration for candidate in chosen], now)
        if is_dry_run:
            again = _expired(chosen).count()
    return InvitationRun(
        invited=len(chosen),
        again=again,
        room=free,
        by_region=dict(Counter(candidate.region for candidate in chosen)),
        is_dry_run=is_dry_run,
    )


def _room(now: datetime) -> dict[str, int]:
    """Free pairs per region that are not promised yet, only regions that have some."""
    room = Counter(dose_pairing.free_pairs_by_region(now=now))
    promised = _promised(now)
    # People who prefer sites of one region can go nowhere else, so what they were promised is taken off first.
    for regions, people in sorted(promised.items(), key=lambda item: (len(item[0]) or 99, item[0])):
        left = people
        for code in sorted(regions or room, key=lambda code: -room[code]):
            taken = min(left, max(room[code], 0))
            room[code] -= taken
            left -= taken
    return {code: free for code, free in room.items() if free > 0}


def _promised(now: datetime) -> dict[tuple[str, ...], int]:
    """People with a valid PIN2 and no reservation that holds seats, by the regions of their preferred sites."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT regions, count(*) FROM (
                SELECT i.registration_id,
                       coalesce(array_agg(DISTINCT c.region_id) FILTER (WHERE c.region_id IS NOT NULL), '{}') AS regions
                FROM reservation_invitation i
                JOIN registration_registration r ON r.id = i.registration_id AND r.state = 'ACTIVE'
                LEFT JOIN registration_registration_preferred_sites p ON p.registration_id = i.registration_id
                LEFT JOIN logistics_vaccinationsite site ON site.id = p.vaccinationsite_id
                LEFT JOIN logistics_district c ON c.code = site.district_id
                WHERE i.revoked_at IS NULL AND i.expires_at > %(now)s AND NOT EXISTS (
                    SELECT FROM reservation_reservation v
                    WHERE v.registration_id = i.registration_id AND v.state IN ('HELD', 'CONFIRMED'))
                GROUP BY i.registration_id
            ) promised GROUP BY regions
            """,
            {"now": now},
        )
        return {tuple(regions): people for regions, people in cursor.fetchall()}


def waiting(*, rule: Rule, now: datetime) -> QuerySet[Registration]:
    """People of a group with neither a valid PIN2 nor a reservation that holds seats, in the order of their turn.

    PIN2 is for the first dose, comes by SMS and works with the telephone only: whoever had a dose, or has no telephone,
    with or without an e-mail, gets times from a site.
    """
    valid = Invitation.objects.filter(registration=OuterRef("pk"), revoked_at=None, expires_at__gt=now)
    reserved = Reservation.objects.holding_seats().filter(registration=OuterRef("pk"))
    return (
        Registration.objects.active()
        .filter(queue.fitting(rule, now=now), ~Exists(valid), ~Exists(reserved), doses_received=0)
        .filter(person__died_on=None, person__merged_into=None)
        .exclude(phone="")
        .order_by("person__birth_date", "created_at", "pk")
    )


def _choose(*, rule: Rule, limit: int, now: datetime, room: dict[str, int], is_region_given: bool) -> list[_Candidate]:
    """The next people for whom there is room; each round asks only for the regions that still have some."""
    room = dict(room)
    chosen: list[_Candidate] = []
    seen: list[int] = []
    while len(chosen) < limit and room:
        somewhere = Exists(
            Registration.preferred_sites.through.objects.filter(
                registration=OuterRef("pk"), vaccinationsite__district__region__in=list(room)
            )
        )
        nowhere = ~Exists(Registration.preferred_sites.through.objects.filter(registration=OuterRef("pk")))
        wanted = Q(somewhere) if is_region_given else Q(somewhere) | Q(nowhere)
        # Locked against a booking at this moment; SKIP LOCKED, because a person who is acting now can wait a minute.
        batch = list(
            waiting(rule=rule, now=now)
            .filter(wanted)
            .exclude(pk__in=seen)
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
        room = {code: free for code, free in room.items() if free > 0}
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
    Invitation.objects.bulk_create(
        Invitation(
            registration=registration,
            pin_hash=pin2_hash(registration.pk, pins[registration.pk]),
            issued_at=now,
            expires_at=now + VALID_FOR,
        )
        for registration in registrations
    )
    outbox.queue_all(
        message
        for registration in registrations
        for message in _messages(registration, pins[registration.pk], now + VALID_FOR)
    )
    return again


def _messages(registration: Registration, pin2: str, expires_at: datetime) -> Iterator[Message]:
    """The SMS with PIN2, and for people with an e-mail address the news that it has come, without PIN2."""
    context: dict[str, object] = {
        "registration": registration,
        "expires_at": expires_at,
        "address": settings.PUBLIC_URL.partition("://")[2] + reverse("reservation:log_in"),
    }
    template, language, reference = "reservation/invitation", registration.language, registration.number
    yield outbox.compose(
        channel=Message.Channel.SMS,
        recipient=str(registration.phone),
        template=template,
        language=language,
        context={**context, "pin2": shown(pin2)},
        lane=Message.Lane.BULK,
        is_secret=True,
        reference=reference,
    )
    if registration.email:
        yield outbox.compose(
            channel=Message.Channel.EMAIL,
            recipient=registration.email,
            template=template,
            language=language,
            context=context,
            lane=Message.Lane.BULK,
            reference=reference,
        )
