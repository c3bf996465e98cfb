"""Vaccine for the seats of the next days: doses that sites hold or were promised, against the people who come."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from logistics.stock.doses_ahead import Doses, SiteVaccine, doses_ahead
from reservation.coverage.matching import cover

# How far ahead people look: today and a week.
DAYS_AHEAD = 7

# The sums of days with what is not folded into them yet; of today the slots themselves, for only those to come count.
_SEATS = """
WITH seats AS (
    SELECT site_id, vaccine_id, day, for_doses, capacity, booked FROM reservation_dayseats
    WHERE site_id = ANY (%(sites)s) AND day > %(today)s AND day <= %(last)s
    UNION ALL
    SELECT site_id, vaccine_id, day, for_doses, capacity, booked FROM reservation_seatchange
    WHERE site_id = ANY (%(sites)s) AND day > %(today)s AND day <= %(last)s
    UNION ALL
    SELECT site_id, vaccine_id, day, for_doses, capacity, booked FROM reservation_slot
    WHERE site_id = ANY (%(sites)s) AND vaccine_id = ANY (ARRAY(SELECT code FROM logistics_vaccine))
      AND day = %(today)s AND starts_at > %(now)s
), by_day AS (
    SELECT site_id, vaccine_id, day, sum(booked)::integer AS booked,
           coalesce(sum(capacity - booked) FILTER (WHERE for_doses <> 'SUBSTITUTE'), 0)::integer AS free
    FROM seats GROUP BY site_id, vaccine_id, day
)
SELECT * FROM by_day WHERE booked > 0 OR free > 0
"""

# A vaccine (its code) on a day at one site.
VaccineDay = tuple[str, date]


@dataclass(frozen=True)
class DayCoverage:
    """The people and the free seats of a vaccine on a day at a site, and those of them without a dose."""

    day: date
    booked: int
    free: int
    uncovered_booked: int
    uncovered_free: int


@dataclass(frozen=True)
class VaccineCoverage:
    """A vaccine at a site: the usable doses in its store, those to come, and each of the next days."""

    vaccine_id: str
    doses: int
    coming: int
    days: list[DayCoverage]

    @property
    def uncovered_booked(self) -> int:
        """People who come in these days and have no dose."""
        return sum(day.uncovered_booked for day in self.days)

    @property
    def uncovered_free(self) -> int:
        """Free seats of these days without a dose."""
        return sum(day.uncovered_free for day in self.days)


@dataclass(frozen=True)
class _Seats:
    booked: int = 0
    free: int = 0


_NONE = _Seats()
_SeatsOf = dict[SiteVaccine, dict[date, _Seats]]


def coverage_of(site_ids: Collection[UUID], *, now: datetime) -> dict[UUID, list[VaccineCoverage]]:
    """By site the vaccines for which it has seats or doses in the next days. As many queries for 300 sites as for one.

    Of today only the times count that have not begun: who came earlier was given a dose of the stock.
    """
    days = _days(now)
    doses = doses_ahead(site_ids, until=days[-1], now=now)
    seats = _seats(site_ids, days, now)
    found: dict[UUID, list[VaccineCoverage]] = defaultdict(list)
    for key in sorted(doses.keys() | seats.keys(), key=str):
        site_id, vaccine_id = key
        found[site_id].append(_coverage(vaccine_id, doses.get(key, []), seats.get(key, {}), days))
    return found


def held_back(site_id: UUID, free: Mapping[VaccineDay, int], *, now: datetime) -> dict[VaccineDay, int]:
    """How many of the free seats that rules tied to stock plan on a day have no dose, where that is any.

    `free` is their seats of a vaccine on a day beyond the people in them, in times that have not begun. Whatever is
    held back now is among them, so a second look finds what the first did. All who are booked at the site come first,
    in whichever seats, then earlier days. After the next seven days nothing is held back.
    """
    days = _days(now)
    doses = doses_ahead([site_id], until=days[-1], now=now)
    seats = _seats([site_id], days, now)
    held = {}
    for vaccine_id in {vaccine_id for vaccine_id, _day in free}:
        taken = seats.get((site_id, vaccine_id), {})
        booked = [taken.get(day, _NONE).booked for day in days]
        tied = [free.get((vaccine_id, day), 0) for day in days]
        covered = cover(doses.get((site_id, vaccine_id), []), days, booked=booked, free=tied)
        for day, wanted, got in zip(days, tied, covered.free, strict=True):
            if wanted > got:
                held[vaccine_id, day] = wanted - got
    return held


def _days(now: datetime) -> list[date]:
    today = timezone.localdate(now)
    return [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)]


def _seats(site_ids: Collection[UUID], days: Sequence[date], now: datetime) -> _SeatsOf:
    """The booked and the free seats by site, vaccine and day. Free ones for substitutes are no promise to anybody."""
    arguments: dict[str, Any] = {"sites": list(site_ids), "today": days[0], "last": days[-1], "now": now}
    found: _SeatsOf = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_SEATS, arguments)
        for site, vaccine, day, booked, free in cursor.fetchall():
            found[site, vaccine][day] = _Seats(booked, free)
    return found


def _coverage(
    vaccine_id: str, doses: Sequence[Doses], seats: Mapping[date, _Seats], days: Sequence[date]
) -> VaccineCoverage:
    listed = [seats.get(day, _NONE) for day in days]
    booked, free = [one.booked for one in listed], [one.free for one in listed]
    covered = cover(doses, days, booked=booked, free=free)
    return VaccineCoverage(
        vaccine_id,
        doses=sum(one.number for one in doses if one.is_here),
        coming=sum(one.number for one in doses if not one.is_here),
        days=[
            DayCoverage(day, people, seats, people - with_dose, seats - seats_with_dose)
            for day, people, seats, with_dose, seats_with_dose in zip(
                days, booked, free, covered.booked, covered.free, strict=True
            )
        ],
    )
