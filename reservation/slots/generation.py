"""Generates slots: turns a day's seats of a site into windows of time, in bulk."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from crs import advisory_locks
from crs.advisory_locks import Lock
from logistics.models import Vaccine
from reservation.slots import fitting
from reservation.slots.fitting import Fitted, Policy, WantedDay, WantedSlot, fit, staged

DEFAULT_MINUTES = 15
# Windows written in one transaction: some tenths of a second, so a booking never waits long for one.
BATCH = 10_000

_PRAGUE = ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True)
class DayCapacity:
    """How many people (`seats`) a calendar (`Slot.Doses`) of a site is to take on `day`, in its opening hours."""

    site_id: UUID
    day: date
    for_doses: str
    seats: int
    opens_at: time
    closes_at: time


@dataclass(frozen=True)
class Overfull:
    """More people are booked on a day than it should have seats; they keep theirs."""

    site_id: UUID
    day: date
    for_doses: str
    people_over: int


@dataclass
class GeneratedSlots:
    """What was done, in windows; `seats` are those that were asked for, per calendar."""

    created: int = 0
    raised: int = 0
    lowered: int = 0
    unchanged: int = 0
    seats: dict[str, int] = field(default_factory=dict)
    overfull: list[Overfull] = field(default_factory=list)
    # Of generation by rules: free first doses that stay closed for want of later ones, and seats without vaccine.
    unpaired: int = 0
    held_back: int = 0

    def add(self, fitted: Fitted) -> None:
        """Count what was done once more."""
        self.created += fitted.created
        self.raised += fitted.raised
        self.lowered += fitted.lowered
        self.unchanged += fitted.unchanged


def generate_slots(
    *,
    days: Iterable[DayCapacity],
    vaccine: Vaccine,
    minutes: int = DEFAULT_MINUTES,
    is_dry_run: bool = False,
    progress: Callable[[GeneratedSlots], None] | None = None,
) -> GeneratedSlots:
    """Give each of `days` exactly its seats, in windows of `minutes`; a second run changes nothing.

    Windows that a day's calendar has already get the new capacity, those beyond its seats get none. No window goes
    below the people booked in it; `GeneratedSlots.overfull` tells the days where that is too many. `days` names each
    day of a calendar once. It commits batch by batch and calls `progress` after each; the next run completes what a
    broken one left.
    """
    done = GeneratedSlots()
    for batch in _batches(days, minutes):
        with transaction.atomic(), connection.cursor() as cursor:
            _generate_batch(cursor, batch, vaccine, minutes, done)
            if is_dry_run:
                transaction.set_rollback(True)
        for asked in batch:
            done.seats[asked.for_doses] = done.seats.get(asked.for_doses, 0) + asked.seats
        if progress:
            progress(done)
    return done


def spread(seats: int, windows: int) -> Iterator[tuple[int, int]]:
    """Share `seats` out among `windows` as evenly as can be: (window, its seats), empty ones left out."""
    used = min(seats, windows)
    for turn in range(used):
        yield turn * windows // used, (turn + 1) * seats // used - turn * seats // used


@lru_cache(maxsize=4096)
def windows_of(day: date, opens_at: time, closes_at: time, minutes: int) -> tuple[datetime, ...]:
    """When the windows of a day begin (UTC): every `minutes` on the clock in Prague, the last one ends by closing.

    A time that the clock jumps over in March has no window, nor one that begins before the last has ended because of
    that jump. Of the hour that comes twice in October only the first has windows.
    """
    opens, closes = datetime.combine(day, opens_at), datetime.combine(day, closes_at)
    length = timedelta(minutes=minutes)
    starts = (opens + turn * length for turn in range((closes - opens) // length))
    found: list[datetime] = []
    for start in starts:
        utc = start.replace(tzinfo=_PRAGUE).astimezone(UTC)
        exists = utc.astimezone(_PRAGUE).replace(tzinfo=None) == start
        if exists and (not found or found[-1] + length <= utc):
            found.append(utc)
    return tuple(found)


def _batches(days: Iterable[DayCapacity], minutes: int) -> Iterator[list[DayCapacity]]:
    batch: list[DayCapacity] = []
    size = 0
    for asked in days:
        batch.append(asked)
        size += 1 + min(asked.seats, len(_windows(asked, minutes)))
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _windows(asked: DayCapacity, minutes: int) -> tuple[datetime, ...]:
    return windows_of(asked.day, asked.opens_at, asked.closes_at, minutes)


_OVERFULL = f"""
SELECT s.site_id, s.day, s.for_doses, sum(s.booked - coalesce(w.seats, 0)) FROM {fitting.BOTH}
WHERE s.booked > coalesce(w.seats, 0)
GROUP BY s.site_id, s.day, s.for_doses ORDER BY s.day, s.site_id, s.for_doses
"""  # noqa: S608 (constants)


def _generate_batch(
    cursor: CursorWrapper, batch: list[DayCapacity], vaccine: Vaccine, minutes: int, done: GeneratedSlots
) -> None:
    # By rising key: two files of the same sites wait for each other in one order.
    for site_id in sorted({str(asked.site_id) for asked in batch}):
        advisory_locks.take(Lock.CALENDAR_OF_A_SITE, site_id)
    days = (WantedDay(asked.site_id, vaccine.pk, asked.day, asked.for_doses) for asked in batch)
    slots = chain.from_iterable(_slots(asked, vaccine, minutes) for asked in batch)
    policy = Policy()
    with staged(cursor, policy, days, slots) as wanted:
        done.add(fit(cursor, policy, wanted))
        cursor.execute(_OVERFULL, fitting.arguments(policy))
        done.overfull += [Overfull(*row) for row in cursor.fetchall()]


def _slots(asked: DayCapacity, vaccine: Vaccine, minutes: int) -> Iterator[WantedSlot]:
    windows = _windows(asked, minutes)
    for window, seats in spread(asked.seats, len(windows)):
        yield WantedSlot(asked.site_id, vaccine.pk, asked.for_doses, asked.day, windows[window], minutes, seats)
