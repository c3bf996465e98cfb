"""How many more people could reserve both doses, per region: the limit of what may be promised by PIN2."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import connection

_FREE_SEATS_PER_DAY = """
WITH rule AS (
    SELECT DISTINCT ON (v.code) v.code, v.doses, r.min_days, r.max_days
    FROM logistics_vaccine v
    LEFT JOIN logistics_doseinterval r
        ON r.vaccine_id = v.code AND r.valid_from <= (timezone('Europe/Prague', %(now)s))::date
    ORDER BY v.code, r.valid_from DESC
)
SELECT c.region_id, s.site_id, s.vaccine_id, rule.doses, rule.min_days, rule.max_days, s.day,
       coalesce(sum(s.capacity - s.booked) FILTER (WHERE s.doses = 'FIRST'), 0)::integer,
       coalesce(sum(s.capacity - s.booked) FILTER (WHERE s.doses = 'SECOND'), 0)::integer,
       coalesce(sum(s.capacity - s.booked) FILTER (WHERE s.doses = 'ANY'), 0)::integer
FROM reservation_slot s
JOIN logistics_vaccinationsite o ON o.id = s.site_id AND o.state = 'OPEN'
JOIN logistics_district c ON c.code = o.district_id
JOIN rule ON rule.code = s.vaccine_id
WHERE s.starts_at > %(now)s AND s.booked < s.capacity AND (rule.doses = 1 OR rule.min_days IS NOT NULL)
GROUP BY c.region_id, s.site_id, s.vaccine_id, rule.doses, rule.min_days, rule.max_days, s.day
ORDER BY s.site_id, s.vaccine_id, s.day
"""


@dataclass
class DaySeats:
    """Free seats of one site and vaccine on one day."""

    day: date
    first: int
    second: int
    either: int


def by_region(*, now: datetime) -> dict[str, int]:
    """Pairs of free seats that could be reserved next to each other, by region code; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE_SEATS_PER_DAY, {"now": now})
        rows = cursor.fetchall()
    pairs: defaultdict[str, int] = defaultdict(int)
    for (region, _site, _vaccine, doses, least, most), group in groupby(rows, key=lambda row: row[:6]):
        days = [DaySeats(*row[6:]) for row in group]
        pairs[region] += sum(day.first + day.either for day in days) if doses == 1 else matched(days, least, most)
    return dict(pairs)


def matched(days: list[DaySeats], min_days: int, max_days: int) -> int:
    """How many pairs fit side by side into one calendar (`days` rising; it is used up).

    The earliest first dose takes the earliest second one in its window, a seat only for that dose
    before one that would serve both. Every pair counted can really be made; a cleverer search could
    find a few more where seats serve both doses, so this promises rather too little than too much.
    """
    pairs = 0
    for first in days:
        window = [
            day
            for day in days
            if first.day + timedelta(days=min_days) <= day.day <= first.day + timedelta(days=max_days)
        ]
        for second in window:
            taken = min(first.first + first.either, second.second + second.either)
            pairs += taken
            own = min(taken, first.first)
            first.first, first.either = first.first - own, first.either - (taken - own)
            own = min(taken, second.second)
            second.second, second.either = second.second - own, second.either - (taken - own)
    return pairs
