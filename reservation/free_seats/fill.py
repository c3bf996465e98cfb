"""How full days are at sites: seats and booked seats, of all vaccines and doses together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

# What was changed since the sums were folded is added, so whoever changes a slot sees it at once.
_FILL = """
SELECT site_id, day, sum(capacity)::int, sum(booked)::int
FROM (
    SELECT site_id, day, capacity, booked FROM reservation_dayseats
    WHERE site_id = ANY (%(sites)s) AND day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT site_id, day, capacity, booked FROM reservation_seatchange
    WHERE site_id = ANY (%(sites)s) AND day BETWEEN %(first)s AND %(last)s
) seats
GROUP BY site_id, day
"""


@dataclass(frozen=True)
class Fill:
    """Seats, and those of them that are held or booked."""

    seats: int = 0
    booked: int = 0

    def __add__(self, other: "Fill") -> "Fill":
        return Fill(self.seats + other.seats, self.booked + other.booked)

    @property
    def percent(self) -> int:
        """Booked seats in per cent, rounded; 100 only where all are."""
        return 100 if self.is_full else min(round(100 * self.booked / self.seats), 99) if self.seats else 0

    @property
    def is_full(self) -> bool:
        """Whether there are seats and none is free."""
        return 0 < self.seats <= self.booked


def of_days(site_ids: Iterable[UUID], *, first: date, last: date) -> Mapping[UUID, Mapping[date, Fill]]:
    """How full the sites are on the days from `first` to `last`; days without seats are left out. One query."""
    found: defaultdict[UUID, dict[date, Fill]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"sites": list(site_ids), "first": first, "last": last})
        for site_id, day, seats, booked in cursor.fetchall():
            if seats:
                found[site_id][day] = Fill(seats, booked)
    return found
