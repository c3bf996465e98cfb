"""Checks the sums of days against the slots, and what sites offer against what is computed anew."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.timezone import localdate

from crs.advisory_locks import Lock, take
from logistics.models import VaccinationSite
from reservation.free_seats import folding, offers, rules
from reservation.free_seats.pairing import Ages
from reservation.models import SeatChange, SiteOffer

# The sums with what was not folded into them yet, in one snapshot with the slots.
_WRONG_SUMS = """
WITH kept AS (
    SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age,
           sum(capacity) AS capacity, sum(booked) AS booked
    FROM (
        SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked
        FROM reservation_dayseats WHERE day >= %(from)s
        UNION ALL
        SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked
        FROM reservation_seatchange WHERE day >= %(from)s
    ) one
    GROUP BY site_id, vaccine_id, day, for_doses, youngest_age, oldest_age
), summed AS (
    SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age,
           sum(capacity) AS capacity, sum(booked) AS booked
    FROM reservation_slot WHERE day >= %(from)s
    GROUP BY site_id, vaccine_id, day, for_doses, youngest_age, oldest_age
)
SELECT coalesce(site.name, site_id::text), vaccine_id, day, for_doses,
       coalesce(kept.capacity, 0)::bigint, coalesce(kept.booked, 0)::bigint,
       coalesce(summed.capacity, 0)::bigint, coalesce(summed.booked, 0)::bigint
FROM kept FULL JOIN summed USING (site_id, vaccine_id, day, for_doses, youngest_age, oldest_age)
LEFT JOIN logistics_vaccinationsite site ON site.id = site_id
WHERE coalesce(kept.capacity, 0) <> coalesce(summed.capacity, 0)
   OR coalesce(kept.booked, 0) <> coalesce(summed.booked, 0)
ORDER BY 1, day, vaccine_id, for_doses
"""


@dataclass(frozen=True)
class WrongSum:
    """The seats of a day that are not the sum of its slots."""

    site: str
    vaccine: str
    day: date
    for_doses: str
    capacity: int
    booked: int
    capacity_of_slots: int
    booked_in_slots: int


@dataclass(frozen=True)
class WrongOffer:
    """What a site is said to offer, and is not what follows from its seats."""

    site: str
    vaccine: str
    ages: Ages


def wrong_sums(*, now: datetime) -> list[WrongSum]:
    """The days whose sums, with the changes that wait, differ from their slots."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_SUMS, {"from": folding.kept_from(now)})
        return [WrongSum(*row) for row in cursor.fetchall()]


def wrong_offers() -> list[WrongOffer]:
    """The offers that differ from what is computed anew, of all sites where nothing waits to be folded."""
    found: list[WrongOffer] = []
    sites = list(VaccinationSite.objects.order_by("pk").values_list("pk", "name"))
    for start in range(0, len(sites), offers.BATCH):
        found += _wrong_offers_of(dict(sites[start : start + offers.BATCH]))
    return found


@transaction.atomic
def _wrong_offers_of(names: dict[UUID, str]) -> list[WrongOffer]:
    # Nobody folds meanwhile; whatever is booked meanwhile leaves a change, which is looked for at the end.
    take(Lock.FREE_SEATS)
    as_of = folding.state().begun_at
    in_force = rules.valid_on(localdate(as_of)) if as_of else {}
    if as_of is None or rules.fingerprint(in_force, localdate(as_of)) != folding.state().rules:
        return []
    kept = {
        offers.key_of(offer): offers.figures_of(offer)
        for offer in SiteOffer.objects.filter(site__in=names, stale_since=None)
    }
    computed = offers.compute(site_ids=list(names), rules=in_force, now=as_of)
    wait = {*offers.stale().filter(site__in=names).values_list("site_id", flat=True)}
    wait |= {*SeatChange.objects.filter(site__in=names).values_list("site_id", flat=True)}
    return [
        WrongOffer(names[site_id], vaccine, (youngest, oldest))
        for site_id, vaccine, youngest, oldest in sorted({*kept, *computed}, key=str)
        if site_id not in wait
        and kept.get((site_id, vaccine, youngest, oldest)) != computed.get((site_id, vaccine, youngest, oldest))
    ]
