"""Invitations: people get PIN2 by SMS, or by letter, when their turn comes and all their doses have free seats."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from crs.advisory_locks import Lock, take
from crs.messaging import outbox
from logistics.models import District, VaccinationSite, region_of_site
from registration.groups.rules import Rule
from registration.models import PriorityGroup, Registration
from reservation import errors
from reservation.inviting import boosters, issuing, order
from reservation.inviting.room import Place, region_of, rooms, sites_in
from reservation.models import Invitation

# People of one transaction: a run that is stopped loses no more than its last one.
BATCH = 500

People = Callable[[], QuerySet[Registration]]


@dataclass(frozen=True)
class Chosen:
    """Somebody who was invited, or would be, and the region in which they take room."""

    number: str
    region: str


Tell = Callable[[Sequence[Chosen]], object]


@dataclass(frozen=True)
class InvitationRun:
    """What a run of `invite` did, or would do."""

    invited: int
    again: int
    room: int
    by_region: dict[str, int] = field(default_factory=dict)
    is_dry_run: bool = False


def invite(
    *,
    limit: int,
    now: datetime,
    group: PriorityGroup | None = None,
    place: Place | None = None,
    is_dry_run: bool = False,
    tell: Tell = bool,
) -> InvitationRun:
    """Invite up to `limit` people of the groups that are invited at `now`, or of `group` alone.

    The highest score comes first, then the oldest, then those who registered earlier; whoever fits several groups comes
    with the one of them that is invited first. A region has room for as many people as it has free pairs of seats,
    without those for whom outstanding PIN2s are likely to be used (`room.rooms`). A person takes room in a region of
    their preferred sites, without preferred sites in the region with most room. With a `place` only people who prefer a
    site there are invited, and only as many as it has room for itself. Whoever stands on the waiting list takes room at
    their place in the order and is offered a time instead. People whose PIN2 ran out are invited again in this order.
    After all of them come those who are due for a booster. Raises GroupNotOpen where `group` is not invited.

    Each batch of people commits on its own and goes to `tell`: a run that was stopped is just started again. Two runs
    at once invite nobody twice and promise no seat twice.
    """

    def rules() -> list[Rule]:
        # Read for each batch: a rule that is taken back stops the run.
        return [rule for rule in order.inviting_rules(now) if group in (None, rule.group)]

    if group is not None and not rules():
        raise errors.GroupNotOpen
    run = _Run(limit, now, place, is_dry_run, tell)
    pairs_free = sum(run.room.by_region().values())
    run.through(lambda: order.waiting_or_listed(rules=rules(), now=now), order.ORDER)
    run.turn_to_boosters()
    run.through(lambda: boosters.due(rules=rules(), now=now), ("last_dose_on", "pk"))
    return InvitationRun(sum(run.by_region.values()), run.again, pairs_free, dict(run.by_region), is_dry_run)


class _Run:
    """The room that is left, and what was done so far; people themselves are kept for a batch only."""

    def __init__(self, limit: int, now: datetime, place: Place | None, is_dry_run: bool, tell: Tell) -> None:
        self.left, self.now, self.place, self.is_dry_run, self.tell = limit, now, place, is_dry_run, tell
        self._began = monotonic()
        self.by_region: Counter[str] = Counter()
        self.again = 0
        self._is_for_boosters = False
        # Of people on the waiting list, who are offered a time.
        self._kept: list[tuple[str, date]] = []
        self._look()

    def turn_to_boosters(self) -> None:
        """From here on a seat that no first dose needs serves, and where there is none one of a series."""
        self._is_for_boosters = True
        for_boosters, first = self._boosters, self._series
        self.room = self._here = for_boosters[0].with_that_of(first[0])
        if first[1] is not first[0]:
            self._here = for_boosters[1].with_that_of(first[1])

    def through(self, people: People, fields: Sequence[str]) -> None:
        """Invite the first of `people`, who are ordered by `fields`, as long as there is room.

        The database ranks them once and hands out keys in batches, so a million of them take no memory here.
        """
        last: Sequence[object] | None = None
        while self._may_go_on():
            found = self._wanted(people())
            if last is not None:
                found = found.filter(order.after(fields, last))
            rows = found.values_list("pk", *(name.removeprefix("-") for name in fields))[: self.left + BATCH]
            before = last
            for batch in _batches(rows.iterator(chunk_size=BATCH)):
                last = batch[-1][1:]
                self._invite(people, [row[0] for row in batch])
                if not self._may_go_on():
                    return
            if last == before:
                return

    def _may_go_on(self) -> bool:
        return self.left > 0 and bool(self.room.by_region()) and bool(self._here.by_region())

    def _invite(self, people: People, keys: Sequence[int]) -> None:
        with transaction.atomic():
            # Each run needs to know what others have promised, which no row shows.
            take(Lock.INVITATIONS)
            if Invitation.objects.last_key() != self._seen and not self.is_dry_run:
                self._look()
            # Asked again under the lock. SKIP LOCKED, because whoever is acting at this moment can wait a minute.
            still = people().filter(pk__in=keys).select_related("person")
            if not self.is_dry_run:
                still = still.select_for_update(of=("self",), no_key=True, skip_locked=True)
            chosen = list(self._choose(list(still)))
            self._write([registration for registration, _ in chosen])
        self.left -= len(chosen)
        self.by_region.update(region for _, region in chosen)
        self.tell([Chosen(registration.number, region) for registration, region in chosen])

    def _choose(self, registrations: Sequence[Registration]) -> Iterator[tuple[Registration, str]]:
        """Those for whom there is room, which is taken."""
        preferred = _preferred_regions(registrations)
        listed = {one.pk for one in registrations if getattr(one, "is_listed", False)}
        # For whom no site of theirs has anything, nothing need be kept.
        offerable = order.with_next_offer((one for one in registrations if one.pk in listed), self.now)
        chosen = 0
        for registration in registrations:
            if chosen == self.left:
                return
            if registration.pk in listed - offerable:
                continue
            born = registration.person.birth_date
            code = self.room.most(preferred.get(registration.pk, ()), born)
            if code is None or self._here.most((), born) is None:
                continue
            self._take(code, born)
            if registration.pk in listed:
                self._kept.append((code, born))
            else:
                chosen += 1
                yield registration, code

    def _take(self, code: str, born: date) -> None:
        self.room.take(code, born)
        if self._here is not self.room:
            self._here.take(code, born)

    def _write(self, registrations: Sequence[Registration]) -> None:
        """Write PIN2s and their messages, and count those who are invited again."""
        if not registrations:
            return
        self.again += Invitation.objects.filter(registration__in=registrations, revoked_at=None).count()
        if self.is_dry_run:
            return
        issued = issuing.issue(registrations, Invitation.Kind.TURN, self.now).values()
        outbox.queue_all(message for invitation, pin2 in issued for message in issuing.messages(invitation, pin2))
        self._seen = Invitation.objects.last_key()

    def _wanted(self, people: QuerySet[Registration]) -> QuerySet[Registration]:
        """Those for whom there is room, by their age and the regions of their sites."""
        found = people.filter(self.room.wanted(is_region_given=self.place is not None))
        sites = sites_in(self.place)
        if sites is None:
            return found
        chosen = Registration.preferred_sites.through.objects.filter(registration=OuterRef("pk"))
        return found.filter(Exists(chosen.filter(vaccinationsite__in=sites)))

    def _look(self) -> None:
        """Count the room: of the country, or of the regions of the place, and beside it that of the place itself."""
        self._seen = Invitation.objects.last_key()
        # Slots begin while a long run goes on.
        moment = self.now + timedelta(seconds=monotonic() - self._began)
        wide = rooms(moment, folds=True)
        if self.place is not None:
            region = region_of(self.place)
            wide = (wide[0].only_in(region), wide[1].only_in(region))
        # A region is a place of its own: whoever may go elsewhere, too, takes no room of it alone.
        is_small = isinstance(self.place, District | VaccinationSite)
        narrow = rooms(moment, place=self.place, folds=True) if is_small else wide
        self._series, self._boosters = zip(wide, narrow, strict=True)
        self.room, self._here = self._series
        if self._is_for_boosters:
            self.turn_to_boosters()
        for code, born in self._kept:
            self._take(code, born)


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


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
