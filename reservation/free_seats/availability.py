"""Offers sites, days and times.

Sites and days are sums of the slots' counters, kept in the cache for some seconds; reservations are never counted. So
an offer may be out of date, and only `booking.hold` decides. Times of a day are read from the slots.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from logistics.models import VaccinationSite
from reservation.free_seats import pairing
from reservation.free_seats.need import Need

# Of any age, the whole series.
ANYBODY = Need()
FRESH_SECONDS = 12.0
# Sums that are no longer fresh are kept for so long, to be shown while one request computes new ones.
KEPT_SECONDS = 90
LOCK_SECONDS = 5
WAIT_SECONDS = 2.0
# How far around a lost slot times are looked for: 2 days are nearly always enough.
NEAR_DAYS = (2, 400)


@dataclass(frozen=True)
class SiteOffer:
    """A site with its free first-dose seats; `next_day` is None where nothing is free."""

    site: VaccinationSite
    free: int
    next_day: date | None


@dataclass(frozen=True)
class TimeOffer:
    """A slot for a first dose that has a possible second one."""

    slot_id: int
    starts_at: datetime
    free: int
    vaccine: str


@dataclass(frozen=True)
class _Days:
    """What the cache keeps of a site: its bookable seats per day, and when they were computed (seconds since 1970)."""

    computed_at: float
    free: dict[date, int] = field(default_factory=dict)

    def as_json(self) -> list[Any]:
        return [self.computed_at, {day.isoformat(): free for day, free in self.free.items()}]

    @classmethod
    def of_json(cls, kept: list[Any]) -> Self:
        computed_at, free = kept
        return cls(computed_at, {date.fromisoformat(day): seats for day, seats in free.items()})


def sites(
    *, now: datetime, need: Need = ANYBODY, region_code: str | None = None, district_code: str | None = None
) -> list[SiteOffer]:
    """List the open sites of a district, a region or the country by name, also those without a free seat."""
    found = VaccinationSite.objects.open().select_related("district__region").order_by("name", "pk")
    if region_code is not None:
        found = found.in_region(region_code)
    if district_code is not None:
        found = found.filter(district_id=district_code)
    listed = list(found)
    days_of = _cached_days([site.pk for site in listed], now)
    offers = []
    for site in listed:
        free = days_of[site.pk]
        offers.append(SiteOffer(site, sum(free.values()), min(free, default=None)))
    return offers


def days(*, site_id: UUID, now: datetime, need: Need = ANYBODY) -> dict[date, int]:
    """Bookable first-dose seats of a site per day in Prague; days without any are left out."""
    return _cached_days([site_id], now)[site_id]


# A slot can be booked for dose 1 where its site has a free seat of its vaccine for dose 2, too, within the interval
# between doses that is valid today (`DoseInterval.objects.valid_on`).
_BOOKABLE = """
    s.booked < s.capacity AND s.for_doses IN ('FIRST', 'ANY') AND s.starts_at > %(now)s
    AND (v.doses = 1 OR EXISTS (
        SELECT FROM reservation_slot d WHERE d.site_id = s.site_id AND d.vaccine_id = s.vaccine_id
        AND d.day BETWEEN s.day + i.min_days AND s.day + i.max_days
        AND d.for_doses IN ('SECOND', 'ANY') AND d.booked < d.capacity))
"""
_SLOT_WITH_INTERVAL = """
    reservation_slot s
    JOIN logistics_vaccinationsite site ON site.id = s.site_id AND site.state = 'OPEN'
    JOIN logistics_vaccine v ON v.code = s.vaccine_id
    LEFT JOIN LATERAL (
        SELECT min_days, max_days FROM logistics_doseinterval r
        WHERE r.vaccine_id = v.code AND r.valid_from <= (timezone('Europe/Prague', %(now)s))::date
        ORDER BY r.valid_from DESC LIMIT 1
    ) i ON true
"""


def times(*, site_id: UUID, day: date, now: datetime, need: Need = ANYBODY) -> list[TimeOffer]:
    """List the times that can be chosen on a day at a site; one query, no cache."""
    return _offers(
        f"SELECT s.id, s.starts_at, s.capacity - s.booked, s.vaccine_id FROM {_SLOT_WITH_INTERVAL} "  # noqa: S608 (constants)
        f"WHERE s.site_id = %(site)s AND s.day = %(day)s AND {_BOOKABLE} ORDER BY s.starts_at, s.vaccine_id, s.id",
        {"site": site_id, "day": day, "now": now},
    )


def nearest(*, slot_id: int, now: datetime, need: Need = ANYBODY, count: int = 6) -> list[TimeOffer]:
    """List the `count` times nearest to a slot that was lost, at its site, in the order of time."""
    for days in NEAR_DAYS:
        found = _offers(
            f"SELECT s.id, s.starts_at, s.capacity - s.booked, s.vaccine_id FROM {_SLOT_WITH_INTERVAL} "  # noqa: S608 (constants)
            "JOIN reservation_slot lost ON lost.id = %(slot)s AND lost.site_id = s.site_id "
            "AND s.day BETWEEN lost.day - %(days)s AND lost.day + %(days)s "
            f"WHERE s.id <> lost.id AND {_BOOKABLE} "
            "ORDER BY abs(extract(epoch FROM s.starts_at - lost.starts_at)), s.starts_at, s.id LIMIT %(count)s",
            {"slot": slot_id, "now": now, "days": days, "count": count},
        )
        if len(found) == count:
            break
    return sorted(found, key=lambda offer: (offer.starts_at, offer.slot_id))


def _offers(sql: str, arguments: dict[str, Any]) -> list[TimeOffer]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return [TimeOffer(*row) for row in cursor.fetchall()]


def _computed_days(site_ids: Sequence[UUID], now: datetime) -> dict[UUID, dict[date, int]]:
    """Bookable seats per day of each site, all its vaccines together; one query for all sites."""
    result: dict[UUID, Counter[date]] = {site_id: Counter() for site_id in site_ids}
    for calendar in pairing.calendars(now=now, site_ids=site_ids):
        result[calendar.site_id].update(pairing.bookable(calendar))
    return {site_id: dict(sorted(days.items())) for site_id, days in result.items()}


def _cached_days(site_ids: Sequence[UUID], now: datetime) -> dict[UUID, dict[date, int]]:
    """Bookable seats per day of each site, from the cache; of the requests that miss a site there, one computes it."""
    if not site_ids:
        return {}
    known = _read(site_ids)
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        old = _old(site_ids, known)
        if not old:
            break
        if _may_compute(old) or time.monotonic() > deadline:
            # Another request may have computed them and released the lock before this one took it.
            known |= _read(old)
            if still_old := _old(old, known):
                known |= _write(_computed_days(still_old, now))
            cache.delete(_lock(old))
            break
        if all(site_id in known for site_id in old):
            break  # another request computes them now, and sums that are some seconds older do no harm
        time.sleep(0.05)
        known = _read(site_ids)
    return {site_id: known[site_id].free for site_id in site_ids}


def _old(site_ids: Sequence[UUID], known: dict[UUID, _Days]) -> list[UUID]:
    """The sites whose sums are missing or no longer fresh."""
    return [site_id for site_id in site_ids if site_id not in known or not _is_fresh(known[site_id])]


def _key(site_id: UUID) -> str:
    return f"availability:{site_id}"


def _lock(site_ids: Sequence[UUID]) -> str:
    return f"availability:lock:{min(site_ids)}"


def _is_fresh(entry: _Days) -> bool:
    return time.time() - entry.computed_at < FRESH_SECONDS


def _may_compute(site_ids: Sequence[UUID]) -> bool:
    """Whether this request is the one that computes: the first to ask for these sites in some seconds."""
    return cache.add(_lock(site_ids), 1, LOCK_SECONDS)


def _read(site_ids: Iterable[UUID]) -> dict[UUID, _Days]:
    keys = {_key(site_id): site_id for site_id in site_ids}
    return {keys[key]: _Days.of_json(kept) for key, kept in cache.get_many(keys).items()}


def _write(computed: dict[UUID, dict[date, int]]) -> dict[UUID, _Days]:
    entries = {site_id: _Days(time.time(), days) for site_id, days in computed.items()}
    cache.set_many({_key(site_id): entry.as_json() for site_id, entry in entries.items()}, KEPT_SECONDS)
    return entries
