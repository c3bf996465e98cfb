"""Folds changes of seats into the sums of days, and the sums into what sites offer (docs/adr/0048-free-seats.md)."""

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate, localtime

from crs.advisory_locks import Lock, take, take_if_free
from reservation.free_seats import offers, rules
from reservation.models import DaySeats, OffersState

# Sums of days that are past are kept so long: calendars of sites look two months back.
KEPT_DAYS = 95
# After so many seconds a run leaves the rest to the next one.
SECONDS_A_RUN = 4.0

# Sites where a slot has begun since the last look. Only those that offer a seat today have anything to lose.
_BEGUN = """
UPDATE reservation_siteoffer SET stale_since = %(now)s WHERE stale_since IS NULL AND site_id IN (
    SELECT o.site_id FROM (
        SELECT DISTINCT site_id, vaccine_id FROM reservation_siteoffer
        WHERE next_day = %(today)s OR next_later_day = %(today)s
    ) o
    WHERE EXISTS (
        SELECT FROM reservation_slot s
        WHERE s.site_id = o.site_id AND s.vaccine_id = o.vaccine_id AND s.day = %(today)s
          AND s.wall_time >= %(from)s
          AND s.starts_at > %(since)s AND s.starts_at <= %(now)s AND s.booked < s.capacity)
)
"""


@dataclass(frozen=True)
class Folded:
    """What a run did: changes of seats that went into sums, and sites whose offers were computed."""

    changes: int
    sites: int
    has_more: bool


def fold(*, now: datetime, seconds: float = SECONDS_A_RUN, waits: bool = False) -> Folded | None:
    """Fold all changes into sums, then compute the offers they touch; None where somebody else is folding.

    With `waits` it goes on after them: whoever promises what the offers say has to know of all that was booked before.
    The sums are one statement, however many changes there are. Offers are computed site by site, those that waited
    longest first, and what is left after `seconds` waits for the next run.
    """
    deadline = time.monotonic() + seconds
    in_force = rules.valid_on(localdate(now))
    with transaction.atomic():
        if not _take(waits=waits):
            return None
        changes = _fold_changes(now)
        _mark_by_time(rules.fingerprint(in_force, localdate(now)), now)
    sites = 0
    has_changed = False
    has_more = True
    while has_more and (sites == 0 or time.monotonic() < deadline):
        with transaction.atomic():
            if not _take(waits=waits):
                return None
            computed, is_another = offers.compute_oldest(rules=in_force, now=now)
            sites += computed
            has_changed |= is_another
            has_more = computed == offers.BATCH and offers.stale().exists()
    _note(now, has_changed=has_changed, has_more=has_more)
    return Folded(changes, sites, has_more)


def state() -> OffersState:
    """Until when changes are in the offers, and when an offer last changed; both empty before the first run."""
    return OffersState.objects.filter(pk=1).first() or OffersState(pk=1)


def sum_anew(*, now: datetime) -> None:
    """Sum all slots again and compute all offers, whatever was kept; waits for whoever is folding."""
    with transaction.atomic():
        take(Lock.FREE_SEATS)
        with connection.cursor() as cursor:
            cursor.execute("SELECT reservation_sum_seats_anew(%s, %s)", [kept_from(now), now])
    fold(now=now, seconds=float("inf"))


def kept_from(now: datetime) -> date:
    """The first day whose sums are kept."""
    return localdate(now) - timedelta(days=KEPT_DAYS)


def _take(*, waits: bool) -> bool:
    """Take the lock under which sums and offers are written; False where somebody else has it and we do not wait."""
    if not waits:
        return take_if_free(Lock.FREE_SEATS)
    take(Lock.FREE_SEATS)
    return True


def _fold_changes(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reservation_fold_seats(%s, %s)", [kept_from(now), now])
        (changes,) = cursor.fetchone()
    return int(changes)


def _mark_by_time(fingerprint: str, now: datetime) -> None:
    """Mark the offers that the time or a rule has changed: all with a new day or rule, else those of begun slots."""
    before = state()
    minute = now.replace(second=0, microsecond=0)
    if before.rules != fingerprint or before.begun_at is None:
        DaySeats.objects.filter(day__lt=kept_from(now)).delete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT reservation_mark_all_offers(%s)", [now])
    elif before.begun_at < minute:
        with connection.cursor() as cursor:
            # When the clock is put back, the time on the wall is the earlier one.
            wall_time = min(localtime(before.begun_at).time(), localtime(now).time())
            arguments: dict[str, Any] = {
                "now": now,
                "today": localdate(now),
                "since": before.begun_at,
                "from": wall_time,
            }
            cursor.execute(_BEGUN, arguments)
    else:
        return
    OffersState.objects.update_or_create(pk=1, defaults={"rules": fingerprint, "begun_at": minute})


def _note(now: datetime, *, has_changed: bool, has_more: bool) -> None:
    values = ({"changed_at": now} if has_changed else {}) | ({} if has_more else {"folded_at": now})
    if values:
        OffersState.objects.filter(pk=1).update(**values)
