"""Makes slots fit what is wanted of them: writes what is wanted beside them, and changes only what differs.

    with staged(cursor, policy, days, slots) as wanted:
        fit(cursor, policy, wanted)

Nobody who is booked loses a seat: no slot goes below the people in it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from reservation.models import OLDEST, YOUNGEST

EVER = datetime(1970, 1, 1, tzinfo=UTC)


class WantedDay(NamedTuple):
    """A day of a site about which is decided: each slot of the vaccine and of these doses is wanted or not."""

    site_id: UUID
    vaccine_id: str
    day: date
    for_doses: str


class WantedSlot(NamedTuple):
    """A slot as it should be."""

    site_id: UUID
    vaccine_id: str
    for_doses: str
    day: date
    starts_at: datetime
    minutes: int
    seats: int
    youngest_age: int = YOUNGEST
    oldest_age: int = OLDEST
    is_tied: bool = False  # its free seats need vaccine


@dataclass(frozen=True)
class Policy:
    """Which slots may change: those that begin after `after`; without it all.

    By rules slots set by hand stay as they are, and one that no rule wants is closed: whoever leaves it takes the seat
    along. With `only_takes` only those change that take somebody fewer or somebody else; and those with more people
    than seats are locked.
    """

    by_rules: bool = False
    after: datetime | None = None
    only_takes: bool = False


class Differing(NamedTuple):
    """A slot that is not as it should be, locked."""

    id: int
    capacity: int
    is_wanted: bool


@dataclass(frozen=True)
class Fitted:
    """What was done, in slots."""

    created: int
    raised: int
    lowered: int
    unchanged: int


_STAGE = """
CREATE TEMPORARY TABLE wanted_day (
    site_id uuid, vaccine_id varchar, day date, for_doses varchar, PRIMARY KEY (site_id, vaccine_id, day, for_doses)
);
CREATE TEMPORARY TABLE wanted_slot (
    site_id uuid, vaccine_id varchar, for_doses varchar, day date, starts_at timestamptz, minutes integer,
    seats integer, youngest_age integer, oldest_age integer, is_tied boolean, cut integer NOT NULL DEFAULT 0,
    seats_when_open integer,
    PRIMARY KEY (site_id, vaccine_id, for_doses, starts_at)
);
"""
# What was set by hand stands.
_LEAVE_BY_HAND = """
DELETE FROM wanted_slot w USING reservation_slot s
WHERE s.site_id = w.site_id AND s.vaccine_id = w.vaccine_id AND s.day = w.day AND s.for_doses = w.for_doses
  AND s.starts_at = w.starts_at AND s.is_by_hand
"""
# Whatever is wanted, a closed time has no seats; it may have them once it opens. The condition is that of
# `Closure.objects.over_time`.
_CLOSE = """
UPDATE wanted_slot w SET seats = 0, seats_when_open = w.seats FROM reservation_closure c
WHERE c.site_id = w.site_id AND c.lifted_at IS NULL AND (c.vaccine_id IS NULL OR c.vaccine_id = w.vaccine_id)
  AND c.starts_at < w.starts_at + w.minutes * interval '1 minute' AND w.starts_at < c.ends_at
"""
_ANALYSE = "ANALYZE wanted_day; ANALYZE wanted_slot"
_UNSTAGE = "DROP TABLE wanted_day, wanted_slot"

# The slots about which is decided, each beside the wanted one; a slot that is not wanted has none.
BOTH = """
    reservation_slot s
    JOIN wanted_day d ON d.site_id = s.site_id AND d.vaccine_id = s.vaccine_id AND d.day = s.day
        AND d.for_doses = s.for_doses AND s.starts_at > %(after)s
    LEFT JOIN wanted_slot w ON w.site_id = s.site_id AND w.vaccine_id = s.vaccine_id AND w.for_doses = s.for_doses
        AND w.starts_at = s.starts_at
"""
IS_LEFT_ALONE = "(%(by_rules)s AND s.is_by_hand)"
# When its closure is lifted, a slot that is not wanted gets back nothing; by rules another one no more than it took and
# they want. What they want beyond that it gets from the generation that follows.
TARGET = """
    greatest(coalesce(w.seats - w.cut, 0), s.booked) AS capacity,
    CASE WHEN w.seats IS NULL THEN %(by_rules)s OR s.is_closed ELSE w.seats_when_open IS NOT NULL END AS is_closed,
    CASE WHEN w.seats IS NULL THEN CASE WHEN %(by_rules)s OR s.is_closed THEN 0 END
         WHEN w.seats_when_open IS NULL OR NOT %(by_rules)s THEN w.seats_when_open
         ELSE least(w.seats_when_open, coalesce(s.capacity_when_open, s.capacity)) END AS capacity_when_open,
    coalesce(w.minutes, s.minutes) AS minutes,
    coalesce(w.youngest_age, s.youngest_age) AS youngest_age,
    coalesce(w.oldest_age, s.oldest_age) AS oldest_age
"""
# Slots are locked by rising key (docs/locking.md), as a booking locks them, and only those that change.
_LOCK_DIFFERING = f"""
SELECT s.id, s.capacity, w.seats IS NOT NULL AND w.seats_when_open IS NULL FROM {BOTH}
CROSS JOIN LATERAL (SELECT {TARGET}) t
WHERE NOT {IS_LEFT_ALONE} AND CASE WHEN %(only_takes)s THEN
    s.booked > coalesce(w.seats, 0) OR s.capacity > t.capacity OR s.is_closed < t.is_closed
    OR s.capacity_when_open > t.capacity_when_open
    OR (s.youngest_age, s.oldest_age) <> (t.youngest_age, t.oldest_age)
ELSE
    (s.capacity, s.is_closed, s.capacity_when_open, s.minutes, s.youngest_age, s.oldest_age)
    IS DISTINCT FROM (t.capacity, t.is_closed, t.capacity_when_open, t.minutes, t.youngest_age, t.oldest_age)
END
ORDER BY s.id FOR NO KEY UPDATE OF s
"""  # noqa: S608 (constants)
# A statement of its own after the locks, so that it sees `booked` as it is now, when nobody can move it any more.
_CHANGE = f"""
UPDATE reservation_slot r
SET capacity = n.capacity, is_closed = n.is_closed, capacity_when_open = n.capacity_when_open, minutes = n.minutes,
    youngest_age = n.youngest_age, oldest_age = n.oldest_age
FROM (SELECT s.id, t.* FROM {BOTH} CROSS JOIN LATERAL (SELECT {TARGET}) t WHERE s.id = ANY (%(ids)s)) n
WHERE r.id = n.id RETURNING r.id, r.capacity
"""  # noqa: S608 (constants)
_CREATE = """
INSERT INTO reservation_slot
    (site_id, vaccine_id, for_doses, starts_at, minutes, capacity, booked, youngest_age, oldest_age)
SELECT w.site_id, w.vaccine_id, w.for_doses, w.starts_at, w.minutes, w.seats - w.cut, 0, w.youngest_age, w.oldest_age
FROM wanted_slot w
WHERE w.seats > w.cut AND NOT EXISTS (
    SELECT FROM reservation_slot s WHERE s.site_id = w.site_id AND s.vaccine_id = w.vaccine_id AND s.day = w.day
        AND s.for_doses = w.for_doses AND s.starts_at = w.starts_at
)
ORDER BY w.site_id, w.starts_at, w.for_doses
ON CONFLICT (site_id, vaccine_id, day, wall_time, (for_doses::text)) DO NOTHING
"""
# Of the latest times first, so that the morning stays open.
_CUT = """
WITH less AS (
    SELECT * FROM unnest(%(days)s::date[], %(youngest)s::int[], %(oldest)s::int[], %(seats)s::int[])
        WITH ORDINALITY AS l (day, youngest_age, oldest_age, seats, number)
), free AS (
    SELECT w.for_doses, w.starts_at, less.number, less.seats,
           greatest(w.seats - w.cut - coalesce(s.booked, 0), 0) AS free
    FROM less
    JOIN wanted_slot w ON w.day = less.day AND w.for_doses = ANY (%(doses)s)
        AND (w.youngest_age, w.oldest_age) = (
            coalesce(less.youngest_age, w.youngest_age), coalesce(less.oldest_age, w.oldest_age)
        ) AND (w.is_tied OR NOT %(only_tied)s)
    LEFT JOIN reservation_slot s ON s.site_id = w.site_id AND s.vaccine_id = w.vaccine_id AND s.day = w.day
        AND s.for_doses = w.for_doses AND s.starts_at = w.starts_at
), rest AS (
    SELECT *, seats - coalesce(sum(free) OVER (
        PARTITION BY number ORDER BY starts_at DESC, for_doses ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS to_go FROM free
)
UPDATE wanted_slot w SET cut = w.cut + least(rest.free, rest.to_go)
FROM rest WHERE w.starts_at = rest.starts_at AND w.for_doses = rest.for_doses AND rest.to_go > 0 AND rest.free > 0
"""


class Less(NamedTuple):
    """So many free seats are wanted less on a day, of slots for these ages or of all."""

    day: date
    seats: int
    ages: tuple[int, int] | None = None


@contextmanager
def staged(
    cursor: CursorWrapper, policy: Policy, days: Iterable[WantedDay], slots: Iterable[WantedSlot]
) -> Iterator[int]:
    """Write what is wanted where `fit` finds it, without closed times and what stays as it is; gives the number."""
    cursor.execute(_STAGE)
    _copy(cursor, "wanted_day (site_id, vaccine_id, day, for_doses)", days)
    columns = "site_id, vaccine_id, for_doses, day, starts_at, minutes, seats, youngest_age, oldest_age, is_tied"
    wanted = _copy(cursor, f"wanted_slot ({columns})", slots)
    for less in (_LEAVE_BY_HAND, _CLOSE) if policy.by_rules else (_CLOSE,):
        cursor.execute(less)
        wanted -= cursor.rowcount
    cursor.execute(_ANALYSE)
    yield wanted
    # What is raised above undoes the transaction, and the tables with it.
    cursor.execute(_UNSTAGE)


def cut_free(
    cursor: CursorWrapper, policy: Policy, less: Sequence[Less], *, doses: Collection[str], only_tied: bool = False
) -> None:
    """Want less free seats, the latest times of a day first; what is booked is no part of it.

    One vaccine of one site must be staged.
    """
    told = {
        "days": [one.day for one in less],
        "seats": [one.seats for one in less],
        "youngest": [one.ages and one.ages[0] for one in less],
        "oldest": [one.ages and one.ages[1] for one in less],
        "doses": list(doses),
        "only_tied": only_tied,
    }
    if less:
        cursor.execute(_CUT, arguments(policy) | told)


def fit(cursor: CursorWrapper, policy: Policy, wanted: int) -> Fitted:
    """Make the slots fit the `wanted` ones that are staged."""
    return change(cursor, policy, wanted, lock_differing(cursor, policy))


def lock_differing(cursor: CursorWrapper, policy: Policy) -> list[Differing]:
    """Lock the slots that `change` is to change."""
    cursor.execute(_LOCK_DIFFERING, arguments(policy))
    return [Differing(*row) for row in cursor.fetchall()]


def change(cursor: CursorWrapper, policy: Policy, wanted: int, differing: Sequence[Differing]) -> Fitted:
    """Make the locked slots fit, and create those that are missing."""
    told = arguments(policy)
    cursor.execute(_CHANGE, {**told, "ids": [slot.id for slot in differing]})
    now = dict(cursor.fetchall())
    created = 0
    if not policy.only_takes:
        cursor.execute(_CREATE, told)
        created = max(cursor.rowcount, 0)
    return Fitted(
        created=created,
        raised=sum(now[slot.id] > slot.capacity for slot in differing),
        lowered=sum(now[slot.id] < slot.capacity for slot in differing),
        unchanged=wanted - created - sum(slot.is_wanted for slot in differing),
    )


def arguments(policy: Policy) -> dict[str, Any]:
    """What the statements over `BOTH` are told."""
    return {
        "after": policy.after or EVER,
        "by_rules": policy.by_rules,
        "only_takes": policy.only_takes,
    }


def _copy(cursor: CursorWrapper, target: str, rows: Iterable[tuple[object, ...]]) -> int:
    count = 0
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
