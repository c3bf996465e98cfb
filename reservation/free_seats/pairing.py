"""Free seats per day, summed from the slots' counters, and how many people can have both doses in them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby
from uuid import UUID

from django.db import connection

# The rule is that of `DoseInterval.objects.valid_on`.
_FREE_SEATS = """
WITH rule AS (
    SELECT DISTINCT ON (v.code) v.code, v.doses, r.min_days, r.max_days
    FROM logistics_vaccine v
    LEFT JOIN logistics_doseinterval r
        ON r.vaccine_id = v.code AND r.valid_from <= (timezone('Europe/Prague', %(now)s))::date
    ORDER BY v.code, r.valid_from DESC
), per_day AS (
    SELECT s.site_id, s.vaccine_id, s.day, s.for_doses, sum(s.capacity - s.booked)::integer AS seats
    FROM reservation_slot s
    WHERE s.starts_at > %(now)s AND s.booked < s.capacity
      AND (%(sites)s::uuid[] IS NULL OR s.site_id = ANY (%(sites)s))
    GROUP BY s.site_id, s.vaccine_id, s.day, s.for_doses
)
SELECT c.region_id, d.site_id, d.vaccine_id, rule.doses, rule.min_days, rule.max_days, d.day,
       coalesce(sum(d.seats) FILTER (WHERE d.for_doses = 'FIRST'), 0)::integer,
       coalesce(sum(d.seats) FILTER (WHERE d.for_doses = 'SECOND'), 0)::integer,
       coalesce(sum(d.seats) FILTER (WHERE d.for_doses = 'ANY'), 0)::integer
FROM per_day d
JOIN logistics_vaccinationsite site ON site.id = d.site_id AND site.state = 'OPEN'
JOIN logistics_district c ON c.code = site.district_id
JOIN rule ON rule.code = d.vaccine_id
WHERE rule.doses = 1 OR rule.min_days IS NOT NULL
GROUP BY c.region_id, d.site_id, d.vaccine_id, rule.doses, rule.min_days, rule.max_days, d.day
ORDER BY d.site_id, d.vaccine_id, d.day
"""


@dataclass
class FreeSeats:
    """Free seats of one day: for first doses, for second doses, for either."""

    day: date
    first: int
    second: int
    either: int


@dataclass(frozen=True)
class SeatCalendar:
    """The free seats of one site and vaccine, days rising, with the interval between doses valid now.

    `min_days` and `max_days` are None where the vaccine has one dose.
    """

    region_code: str
    site_id: UUID
    vaccine: str
    doses_in_series: int
    min_days: int | None
    max_days: int | None
    days: list[FreeSeats]


def calendars(*, now: datetime, site_ids: Sequence[UUID] | None = None) -> list[SeatCalendar]:
    """The calendars of open sites from `now` on, of all or of `site_ids`; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE_SEATS, {"now": now, "sites": None if site_ids is None else list(site_ids)})
        rows = cursor.fetchall()
    return [
        SeatCalendar(region, site, vaccine, doses, least, most, [FreeSeats(*row[6:]) for row in group])
        for (region, site, vaccine, doses, least, most), group in groupby(rows, key=lambda row: row[:6])
    ]


def bookable(calendar: SeatCalendar) -> dict[date, int]:
    """First-dose seats per day, at most as many as there are second-dose seats in their window."""
    if calendar.min_days is None or calendar.max_days is None:
        return {day.day: day.first + day.either for day in calendar.days if day.first + day.either}
    days = [day.day for day in calendar.days]
    seconds_until = [0, *accumulate(day.second + day.either for day in calendar.days)]
    found = {}
    for day in calendar.days:
        start = bisect_left(days, day.day + timedelta(days=calendar.min_days))
        end = bisect_right(days, day.day + timedelta(days=calendar.max_days))
        seats = min(day.first + day.either, seconds_until[end] - seconds_until[start])
        if seats:
            found[day.day] = seats
    return found


def free_pairs_by_region(*, now: datetime) -> dict[str, int]:
    """Count how many more people could reserve all their doses, by region; no more may be invited."""
    pairs: defaultdict[str, int] = defaultdict(int)
    for calendar in calendars(now=now):
        pairs[calendar.region_code] += free_pairs(calendar)
    return dict(pairs)


def free_pairs(calendar: SeatCalendar) -> int:
    """Count the pairs of doses that fit into a calendar together.

    The earliest first dose takes the earliest second one in its window; of their seats, those for one dose are taken
    before those for either. Every counted pair can really be made. A cleverer search could find a few more where seats
    are for either dose, so this promises too little rather than too much.
    """
    if calendar.min_days is None or calendar.max_days is None:
        return sum(bookable(calendar).values())
    days = [FreeSeats(day.day, day.first, day.second, day.either) for day in calendar.days]
    pairs = start = 0
    for first in days:
        earliest = first.day + timedelta(days=calendar.min_days)
        latest = first.day + timedelta(days=calendar.max_days)
        # A later first dose has a later window, and a day without second seats gets none back.
        while start < len(days) and (days[start].day < earliest or not days[start].second + days[start].either):
            start += 1
        for index in range(start, len(days)):
            if days[index].day > latest or not first.first + first.either:
                break
            pairs += _pair(first, days[index])
    return pairs


def _pair(first: FreeSeats, second: FreeSeats) -> int:
    """Take as many pairs as fit from two days; return how many."""
    taken = min(first.first + first.either, second.second + second.either)
    own = min(taken, first.first)
    first.first, first.either = first.first - own, first.either - (taken - own)
    own = min(taken, second.second)
    second.second, second.either = second.second - own, second.either - (taken - own)
    return taken
