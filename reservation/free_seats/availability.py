"""Offers sites, days and times to a person.

Lists of sites are read from what was computed some seconds ago (`SiteOffer`), the days and times of a site are as they
are at this moment; no slot is summed and nothing is cached. Somebody else may still be quicker, so only `booking.hold`
decides.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, QuerySet, Sum
from django.utils.timezone import localdate, localtime

from crs.czech_order import order_of_name
from crs.plain_sql import planned_cursor
from crs.prepared_queries import Given, Prepared
from logistics.models import VaccinationSite
from reservation import models
from reservation.free_seats import pairing, rules, sums
from reservation.free_seats.need import Need
from reservation.free_seats.pairing import Seats
from reservation.free_seats.rules import VaccineRules
from reservation.models import OLDEST, YOUNGEST, Slot

# Of any age, the whole series.
ANYBODY = Need()
# How far around a lost slot times are looked for: 2 days are nearly always enough.
NEAR_DAYS = (2, 400)
_OPEN_SITE = Prepared(lambda: VaccinationSite.objects.open().filter(pk=Given("site")))


@dataclass(frozen=True)
class OfferedSite:
    """A site with its free seats for a person's next dose; `next_day` is None where nothing is free."""

    site: VaccinationSite
    free: int
    next_day: date | None


@dataclass(frozen=True)
class TimeOffer:
    """A slot for a person's next dose, after which all later ones are possible."""

    slot_id: int
    starts_at: datetime
    free: int
    vaccine: str
    minutes: int

    @property
    def wall_time(self) -> time:
        """What the clock of Prague shows then."""
        return localtime(self.starts_at).time()


def sites(
    *, need: Need = ANYBODY, now: datetime, region_code: str | None = None, district_code: str | None = None
) -> list[OfferedSite]:
    """List the open sites of a district, a region or the country by name, also those without a free seat.

    Of people who may come only from some later day on, the days of all these sites are looked at.
    """
    found = VaccinationSite.objects.open().select_related("district__region")
    if region_code is not None:
        found = found.in_region(region_code)
    if district_code is not None:
        found = found.filter(district_id=district_code)
    listed = sorted(found, key=lambda site: (order_of_name(site.name), site.pk))
    if need.waits(localdate(now)):
        by_day = _days(listed, need, now)
        free = {site_id: (sum(days.values()), min(days, default=None)) for site_id, days in by_day.items()}
    else:
        age = need.age_on(localdate(now))
        offered = _offered(found, need, now)
        free = {site.pk: offered[site.pk] for site in listed if site.pk in offered and _takes(site, age)}
    return [OfferedSite(site, *free.get(site.pk, (0, None))) for site in listed]


def open_site(site_id: UUID) -> VaccinationSite | None:
    """The site, if people may come there."""
    return _OPEN_SITE.first(site=site_id)


def days(*, site_id: UUID, need: Need = ANYBODY, now: datetime) -> dict[date, int]:
    """Seats of a site for a person's next dose by day in Prague; days without any are left out."""
    site = open_site(site_id)
    return _days([site], need, now).get(site_id, {}) if site else {}


def times(*, site_id: UUID, day: date, need: Need = ANYBODY, now: datetime) -> list[TimeOffer]:
    """List the times that can be chosen on a day at a site."""
    site = open_site(site_id)
    if site is None:
        return []
    return _times(site, {day: _vaccines_by_day(site, need, now).get(day, set())}, need, now)


def nearest(
    *, slot_id: int, need: Need = ANYBODY, now: datetime, count: int = 6, with_lost: bool = False
) -> list[TimeOffer]:
    """List the `count` times nearest to a slot that was lost, at its site, in the order of time.

    `with_lost`: the slot itself too, where it is free.
    """
    lost = Slot.objects.select_related("site").filter(pk=slot_id, site__in=VaccinationSite.objects.open()).first()
    if lost is None:
        return []
    vaccines = _vaccines_by_day(lost.site, need, now)
    for reach in NEAR_DAYS:
        near = {day: codes for day, codes in vaccines.items() if abs(day - lost.day) <= timedelta(days=reach)}
        found = [offer for offer in _times(lost.site, near, need, now) if with_lost or offer.slot_id != lost.pk]
        if len(found) >= count:
            break
    closest = sorted(found, key=lambda offer: (abs(offer.starts_at - lost.starts_at), offer.starts_at, offer.slot_id))
    return sorted(closest[:count], key=lambda offer: (offer.starts_at, offer.slot_id))


def _offered(found: QuerySet[VaccinationSite], need: Need, now: datetime) -> dict[UUID, tuple[int, date | None]]:
    """Free seats and next day of sites from what was computed for them; whether they take the age is not asked."""
    today = localdate(now)
    age = need.age_on(today)
    free, next_day = ("free", "next_day") if need.first_dose == 1 else ("later", "next_later_day")
    fitting = Q(site__in=found.select_related(None).order_by())
    if age is not None:
        fitting &= Q(youngest_age__lte=age, oldest_age__gte=age)
    if need.vaccines is not None:
        fitting &= Q(vaccine__in=need.vaccines)
    first = Min(next_day, filter=Q(**{f"{next_day}__gte": today}))
    rows = models.SiteOffer.objects.filter(fitting).order_by().values("site_id").annotate(seats=Sum(free), first=first)
    return {row["site_id"]: (row["seats"], row["first"]) for row in rows}


def _takes(site: VaccinationSite, age: int | None) -> bool:
    """Whether a site takes people of an age."""
    return age is None or (site.youngest_age or YOUNGEST) <= age <= (
        OLDEST if site.oldest_age is None else site.oldest_age
    )


def _days(listed: Iterable[VaccinationSite], need: Need, now: datetime) -> dict[UUID, dict[date, int]]:
    """The seats of sites for a person's next dose by day."""
    found: dict[UUID, Counter[date]] = {}
    for site_id, _vaccine, by_day in _bookable({site.pk: site for site in listed}, need, now):
        found.setdefault(site_id, Counter()).update(by_day)
    return {site_id: dict(sorted(by_day.items())) for site_id, by_day in found.items()}


def _vaccines_by_day(site: VaccinationSite, need: Need, now: datetime) -> dict[date, set[str]]:
    """Of which vaccines a site has seats for a person's next dose, by day."""
    found: defaultdict[date, set[str]] = defaultdict(set)
    for _site_id, vaccine, by_day in _bookable({site.pk: site}, need, now):
        for day in by_day:
            found[day].add(vaccine)
    return dict(found)


def _bookable(
    listed: dict[UUID, VaccinationSite], need: Need, now: datetime
) -> Iterable[tuple[UUID, str, dict[date, int]]]:
    """By site and vaccine the days on which a person can have the next dose and all after it, with their seats."""
    today = localdate(now)
    first_day = max(today, need.not_before or today)
    in_force = rules.valid_on(today)
    free = sums.free(site_ids=list(listed), first_day=first_day, today=today, now=now)
    for (site_id, vaccine), rows in groupby(free, key=lambda row: (row.site_id, row.vaccine)):
        if vaccine not in in_force or (need.vaccines is not None and vaccine not in need.vaccines):
            continue
        chain = in_force[vaccine].chain(need.first_dose)
        if chain is None:
            continue
        begins, goes_on = _of_person(list(rows), listed[site_id], need, in_force[vaccine], first_day)
        seats = pairing.bookable(begins, goes_on, chain)
        serves_from = (need.first_day(vaccine, today) - first_day).days
        by_day = {
            first_day + timedelta(days=day): number for day, number in enumerate(seats) if number and day >= serves_from
        }
        if by_day:
            yield site_id, vaccine, by_day


def _of_person(
    rows: Sequence[sums.FreeSeats], site: VaccinationSite, need: Need, in_force: VaccineRules, first_day: date
) -> tuple[list[int], list[int]]:
    """Seats by day for a person's next dose, and for those after it: where the person is of the right age that day."""
    days = max(row.days[-1] for row in rows) + 1
    ages = [need.age_on(first_day + timedelta(days=day)) for day in range(days)]
    fits = [_takes(site, age) for age in ages]
    seats = Seats.none(days)
    for row in rows:
        for day, number in zip(row.days, row.seats, strict=True):
            age = ages[day]
            if age is None or (fits[day] and row.youngest_age <= age <= row.oldest_age):
                seats.add(row.for_doses, day, number)
    begins = seats.for_dose(need.first_dose)
    for day, age in enumerate(ages):
        if age is not None and age < in_force.youngest(need.first_dose, first_day + timedelta(days=day)):
            begins[day] = 0
    return begins, seats.for_dose(2)


_TIMES = """
SELECT s.id, s.starts_at, s.capacity - s.booked, s.vaccine_id, s.minutes FROM reservation_slot s
JOIN unnest(%(days)s::date[], %(vaccines)s::varchar[], %(ages)s::integer[]) AS wanted (day, vaccine, age)
  ON s.day = wanted.day AND s.vaccine_id = wanted.vaccine
WHERE s.site_id = %(site)s AND s.booked < s.capacity AND s.for_doses = ANY (%(doses)s) AND s.starts_at > %(now)s
  AND (wanted.age IS NULL OR wanted.age BETWEEN s.youngest_age AND s.oldest_age)
ORDER BY s.starts_at, s.vaccine_id, s.id
"""


def _times(site: VaccinationSite, vaccines: dict[date, set[str]], need: Need, now: datetime) -> list[TimeOffer]:
    """The free times of a site on days, each of the vaccines that serve that day."""
    wanted = [(day, code) for day, codes in vaccines.items() for code in codes]
    arguments: dict[str, Any] = {
        "site": site.pk,
        "now": now,
        "days": [day for day, _ in wanted],
        "vaccines": [code for _, code in wanted],
        "ages": [need.age_on(day) for day, _ in wanted],
        "doses": [Slot.Doses.FIRST if need.first_dose == 1 else Slot.Doses.SECOND, Slot.Doses.ANY],
    }
    with planned_cursor() as cursor:
        cursor.execute(_TIMES, arguments)
        return [TimeOffer(*row) for row in cursor.fetchall()]
