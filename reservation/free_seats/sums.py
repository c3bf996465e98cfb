"""Reads the free seats of sites from the sums of days: as the slots are at this moment, without summing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crs.plain_sql import planned_cursor

# The sums, what was not folded into them yet, and without what is free in slots that have begun: only of those slots,
# of one day, the counters are read. All in one statement, so in one snapshot.
_FREE = """
WITH moved AS (
    SELECT site_id, vaccine_id, youngest_age, oldest_age, for_doses, day, capacity - booked AS seats
    FROM reservation_dayseats
    WHERE site_id = ANY (%(sites)s) AND day >= %(from)s AND capacity <> booked
    UNION ALL
    SELECT site_id, vaccine_id, youngest_age, oldest_age, for_doses, day, capacity - booked
    FROM reservation_seatchange WHERE site_id = ANY (%(sites)s) AND day >= %(from)s
    UNION ALL
    SELECT site_id, vaccine_id, youngest_age, oldest_age, for_doses, day, booked - capacity
    FROM reservation_slot
    WHERE site_id = ANY (%(sites)s) AND vaccine_id = ANY (ARRAY(SELECT code FROM logistics_vaccine))
      AND day = %(today)s AND %(from)s <= %(today)s AND starts_at <= %(now)s AND booked < capacity
), by_day AS (
    SELECT site_id, vaccine_id, youngest_age, oldest_age, for_doses, day, sum(seats)::integer AS seats
    FROM moved WHERE for_doses <> 'SUBSTITUTE'
    GROUP BY site_id, vaccine_id, youngest_age, oldest_age, for_doses, day HAVING sum(seats) > 0
)
SELECT site_id, vaccine_id, youngest_age, oldest_age, for_doses,
       array_agg(day - %(from)s ORDER BY day), array_agg(seats ORDER BY day)
FROM by_day GROUP BY site_id, vaccine_id, youngest_age, oldest_age, for_doses
ORDER BY site_id, vaccine_id, youngest_age, oldest_age, for_doses
"""


@dataclass(frozen=True)
class FreeSeats:
    """Free seats of one site, vaccine and kind of slots, by days after the first day that was asked for."""

    site_id: UUID
    vaccine: str
    youngest_age: int
    oldest_age: int
    for_doses: str  # Slot.Doses
    days: Sequence[int]
    seats: Sequence[int]


def free(*, site_ids: Sequence[UUID], first_day: date, today: date, now: datetime) -> list[FreeSeats]:
    """The free seats of sites from a day on that is not past; one query. Seats for substitutes are nobody's to book."""
    arguments: dict[str, Any] = {"sites": list(site_ids), "from": first_day, "today": today, "now": now}
    with planned_cursor() as cursor:
        cursor.execute(_FREE, arguments)
        return [FreeSeats(*row) for row in cursor.fetchall()]
