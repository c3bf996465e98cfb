"""Generates slots: turns a day's seats of a site into windows of time, in bulk."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from logistics.models import Vaccine

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

    A time that the clock jumps over in March has no window.
    """
    opens, closes = datetime.combine(day, opens_at), datetime.combine(day, closes_at)
    length = timedelta(minutes=minutes)
    starts = (opens + turn * length for turn in range((closes - opens) // length))
    in_utc = ((start, start.replace(tzinfo=_PRAGUE).astimezone(UTC)) for start in starts)
    return tuple(utc for start, utc in in_utc if utc.astimezone(_PRAGUE).replace(tzinfo=None) == start)


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


_STAGE = """
CREATE TEMPORARY TABLE wanted_day (
    site_id uuid, day date, for_doses varchar, PRIMARY KEY (site_id, day, for_doses)
);
CREATE TEMPORARY TABLE wanted_slot (
    site_id uuid, for_doses varchar, starts_at timestamptz, capacity integer,
    PRIMARY KEY (site_id, for_doses, starts_at)
);
"""
_ANALYSE = "ANALYZE wanted_day; ANALYZE wanted_slot"
_UNSTAGE = "DROP TABLE wanted_day, wanted_slot"

# The slots of these days' calendars, each beside the wanted one; a slot beyond the day's seats has none.
_BOTH = """
    reservation_slot s
    JOIN wanted_day d ON d.site_id = s.site_id AND d.day = s.day AND d.for_doses = s.for_doses
    LEFT JOIN wanted_slot w ON w.site_id = s.site_id AND w.for_doses = s.for_doses AND w.starts_at = s.starts_at
"""
# Slots are locked by rising key (docs/locking.md), as a booking locks them, and only those that change.
_LOCK_DIFFERING = f"""
SELECT s.id, s.capacity, w.capacity IS NOT NULL FROM {_BOTH}
WHERE s.vaccine_id = %(vaccine)s AND (
    s.capacity <> greatest(coalesce(w.capacity, 0), s.booked) OR w.capacity IS NOT NULL AND s.minutes <> %(minutes)s
)
ORDER BY s.id FOR NO KEY UPDATE OF s
"""  # noqa: S608 (constants)
# A statement of its own after the locks, so that it sees `booked` as it is now, when nobody can move it any more.
_CHANGE = f"""
UPDATE reservation_slot t SET capacity = greatest(n.capacity, t.booked), minutes = n.minutes
FROM (
    SELECT s.id, coalesce(w.capacity, 0) AS capacity,
           CASE WHEN w.capacity IS NULL THEN s.minutes ELSE %(minutes)s END AS minutes
    FROM {_BOTH} WHERE s.id = ANY (%(ids)s)
) n
WHERE t.id = n.id RETURNING t.id, t.capacity
"""  # noqa: S608 (constants)
_CREATE = """
INSERT INTO reservation_slot (site_id, vaccine_id, for_doses, starts_at, minutes, capacity, booked)
SELECT site_id, %(vaccine)s, for_doses, starts_at, %(minutes)s, capacity, 0 FROM wanted_slot
ORDER BY site_id, starts_at, for_doses
ON CONFLICT (site_id, vaccine_id, day, wall_time, for_doses) DO NOTHING
"""
_OVERFULL = f"""
SELECT s.site_id, s.day, s.for_doses, sum(s.booked - coalesce(w.capacity, 0)) FROM {_BOTH}
WHERE s.vaccine_id = %(vaccine)s AND s.booked > coalesce(w.capacity, 0)
GROUP BY s.site_id, s.day, s.for_doses ORDER BY s.day, s.site_id, s.for_doses
"""  # noqa: S608 (constants)


def _generate_batch(
    cursor: CursorWrapper, batch: list[DayCapacity], vaccine: Vaccine, minutes: int, done: GeneratedSlots
) -> None:
    arguments: dict[str, Any] = {"vaccine": vaccine.pk, "minutes": minutes}
    cursor.execute(_STAGE)
    wanted = _stage(cursor, batch, minutes)
    cursor.execute(_LOCK_DIFFERING, arguments)
    differing = cursor.fetchall()
    cursor.execute(_CHANGE, {**arguments, "ids": [key for key, _, _ in differing]})
    now = dict(cursor.fetchall())
    cursor.execute(_CREATE, arguments)
    created = max(cursor.rowcount, 0)
    cursor.execute(_OVERFULL, arguments)
    done.overfull += [Overfull(*row) for row in cursor.fetchall()]
    cursor.execute(_UNSTAGE)
    done.created += created
    done.raised += sum(now[key] > before for key, before, _ in differing)
    done.lowered += sum(now[key] < before for key, before, _ in differing)
    done.unchanged += wanted - created - sum(is_wanted for _, _, is_wanted in differing)


def _stage(cursor: CursorWrapper, batch: list[DayCapacity], minutes: int) -> int:
    """Write the batch where the statements above find it; return how many windows it has."""
    _copy(
        cursor, "wanted_day (site_id, day, for_doses)", ((asked.site_id, asked.day, asked.for_doses) for asked in batch)
    )
    wanted = chain.from_iterable(_slots(asked, minutes) for asked in batch)
    count = _copy(cursor, "wanted_slot (site_id, for_doses, starts_at, capacity)", wanted)
    cursor.execute(_ANALYSE)
    return count


def _slots(asked: DayCapacity, minutes: int) -> Iterator[tuple[UUID, str, datetime, int]]:
    windows = _windows(asked, minutes)
    for window, capacity in spread(asked.seats, len(windows)):
        yield asked.site_id, asked.for_doses, windows[window], capacity


def _copy(cursor: CursorWrapper, target: str, rows: Iterable[tuple[object, ...]]) -> int:
    count = 0
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
