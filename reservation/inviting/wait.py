"""How many weeks a person will probably wait for PIN2: a range, from what really happened (ADR 0059).

People are served as fast as first doses were reserved in the region in the last four weeks. What four weeks of 2021 say
of the weeks after them: at best twice as many people as in the best of the four, at worst a fifth fewer than on
average. `manage.py backtest_wait` holds this against what happened then, and against what happened here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil, floor

from django.db import connection
from django.utils import timezone

from registration.groups.order import Weeks

WEEK = timedelta(weeks=1)
WEEKS = 4
FASTER, SLOWER = 2.0, 1.25
# A number for what lies further ahead would be a guess.
FURTHEST = 26

_SERVED = """
SELECT k.region_id,
       (timezone('Europe/Prague', k.decided_at)::date - %(first)s::date) / 7 AS week, count(*)
FROM reservation_reservationgrounds k
JOIN reservation_reservation r ON r.id = k.reservation_id
    -- Whoever missed one and reserved again was served once.
    AND (r.state = 'CONFIRMED' OR r.state = 'MISSED' AND NOT EXISTS (
        SELECT FROM reservation_reservation again
        JOIN reservation_reservationgrounds later ON later.reservation_id = again.id
        WHERE again.registration_id = r.registration_id AND again.state IN ('CONFIRMED', 'MISSED')
          AND (later.decided_at, again.id) > (k.decided_at, r.id)))
JOIN reservation_appointment a ON a.reservation_id = r.id AND a.dose_number = 1
WHERE k.decided_at >= %(since)s AND k.decided_at < %(until)s
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Pace:
    """How many people a week are served at best and at worst, by the last weeks."""

    best: float
    worst: float

    @classmethod
    def of(cls, weeks: Sequence[int]) -> "Pace | None":
        """By the people who were served in each of the last `WEEKS`; None where nobody was."""
        if not sum(weeks):
            return None
        return cls(FASTER * max(weeks), sum(weeks) / len(weeks) / SLOWER)

    def weeks(self, at_least: int, at_most: int) -> tuple[float, float]:
        """Until the people who come before are served, of whom there are so many at least and at most."""
        return at_least / self.best, at_most / self.worst


def served(today: date, *, weeks: int = WEEKS) -> dict[str, list[int]]:
    """How many people reserved a first dose in each region, in each of the last weeks, the earliest first.

    The last week ended yesterday; regions where nobody reserved are left out.
    """
    first = today - weeks * WEEK
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SERVED, {"first": first, "since": _midnight(first), "until": _midnight(today)})
        for region, week, people in cursor.fetchall():
            found.setdefault(region, [0] * weeks)[week] = people
    return found


def expected(
    at_least: Mapping[str, int],
    at_most: Mapping[str, int],
    served_in: Mapping[str, Sequence[int]],
    *,
    until_invited: timedelta = timedelta(),
) -> Weeks | None:
    """The wait by the people who come before in each region where the turn may come; None: nobody can say.

    `served_in`: see `served`. Nobody of the group is invited before `until_invited` has passed.
    """
    paces = {region: pace for region in at_most if (pace := Pace.of(served_in.get(region, ())))}
    if not paces:
        return None
    ranges = [pace.weeks(at_least.get(region, 0), at_most[region]) for region, pace in paces.items()]
    # In a region where nobody was served lately people may be from tomorrow on: that makes it sooner, never later.
    low = min(low for low, _high in ranges) if len(paces) == len(at_most) else 0
    high = min(high for _low, high in ranges)
    return rounded(max(low, until_invited / WEEK), high + until_invited / WEEK)


def rounded(low: float, high: float) -> Weeks:
    """Whole weeks around the range, as people are told; no number for what lies too far ahead."""
    return Weeks(min(floor(low), FURTHEST), max(ceil(high), 1) if high <= FURTHEST else None)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
