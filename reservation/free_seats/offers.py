"""What sites offer, computed from the sums of their days and kept for lists and runs of invitations."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db.models import Min, Q, QuerySet, Sum
from django.utils.timezone import localdate

from logistics.models import VaccinationSite, region_of_site
from reservation.dose_intervals import Interval
from reservation.free_seats import pairing, sums
from reservation.free_seats.pairing import Ages, Seats
from reservation.free_seats.rules import VaccineRules
from reservation.models import OLDEST, YOUNGEST, SiteOffer

# Sites computed in one transaction: about a tenth of a second.
BATCH = 200

# Site, vaccine, and the ages.
Key = tuple[UUID, str, int, int]


@dataclass
class Figures:
    """The figures of an offer, in the order of `_COLUMNS`."""

    next_day: date | None = None
    free: int = 0
    free_7: int = 0
    free_14: int = 0
    free_30: int = 0
    pairs: int = 0
    next_later_day: date | None = None
    later: int = 0
    spare: int = 0


_COLUMNS = tuple(Figures.__dataclass_fields__)


def stale() -> QuerySet[SiteOffer]:
    """Offers of sites whose seats, or whose rules, have changed."""
    return SiteOffer.objects.filter(stale_since__isnull=False)


def by_region(column: str, *, sites: QuerySet[VaccinationSite] | None = None) -> dict[str, dict[Ages, int]]:
    """A figure of the open sites added up by region, and in it by the ages of the people whom the seats are for.

    With `sites` of those alone. Of each vaccine the people are others, so the sum may be promised.
    """
    rows = (
        SiteOffer.objects.filter(site__in=VaccinationSite.objects.open())
        .filter(Q() if sites is None else Q(site__in=sites))
        .order_by()
        .values_list(region_of_site("site__"), "youngest_age", "oldest_age", "site__youngest_age", "site__oldest_age")
        .annotate(Sum(column))
    )
    found: defaultdict[str, Counter[Ages]] = defaultdict(Counter)
    for region, youngest, oldest, site_youngest, site_oldest, seats in rows:
        ages = max(youngest, site_youngest or YOUNGEST), min(oldest, OLDEST if site_oldest is None else site_oldest)
        found[region][ages] += seats
    return {region: dict(of) for region, of in found.items()}


def compute_oldest(*, rules: Mapping[str, VaccineRules], now: datetime) -> tuple[int, bool]:
    """Compute the offers of the sites that have waited longest; return how many sites, and whether an offer changed.

    The caller holds the lock under which offers are written.
    """
    waiting = stale().values("site_id").annotate(since=Min("stale_since")).order_by("since", "site_id")
    site_ids = [row["site_id"] for row in waiting[:BATCH]]
    if not site_ids:
        return 0, False
    computed = compute(site_ids=site_ids, rules=rules, now=now)
    kept = {key_of(offer): offer for offer in SiteOffer.objects.filter(site__in=site_ids)}
    changed = [
        SiteOffer(
            site_id=site_id,
            vaccine_id=vaccine,
            youngest_age=youngest,
            oldest_age=oldest,
            grew_at=_grew_at(figures, kept.get(key), now),
            **asdict(figures),
        )
        for (site_id, vaccine, youngest, oldest), figures in computed.items()
        if (key := (site_id, vaccine, youngest, oldest)) not in kept or figures_of(kept[key]) != figures
    ]
    gone = [offer.pk for key, offer in kept.items() if key not in computed]
    SiteOffer.objects.filter(pk__in=gone).delete()
    SiteOffer.objects.bulk_create(
        changed,
        update_conflicts=True,
        update_fields=(*_COLUMNS, "grew_at"),
        unique_fields=("site", "vaccine", "youngest_age", "oldest_age"),
    )
    SiteOffer.objects.filter(site__in=site_ids).update(stale_since=None)
    return len(site_ids), bool(changed or gone)


def compute(*, site_ids: Sequence[UUID], rules: Mapping[str, VaccineRules], now: datetime) -> dict[Key, Figures]:
    """The offers of sites as their seats are at this moment; only of seats that are free."""
    today = localdate(now)
    found: dict[Key, Figures] = {}
    free = sums.free(site_ids=site_ids, first_day=today, today=today, now=now)
    for (site_id, vaccine), rows in groupby(free, key=lambda row: (row.site_id, row.vaccine)):
        for (youngest, oldest), figures in _of_vaccine(list(rows), rules[vaccine], today):
            found[site_id, vaccine, youngest, oldest] = figures
    return found


def key_of(offer: SiteOffer) -> Key:
    """What an offer is for."""
    return offer.site_id, offer.vaccine_id, offer.youngest_age, offer.oldest_age


def figures_of(offer: SiteOffer) -> Figures:
    """What an offer says."""
    return Figures(*(getattr(offer, column) for column in _COLUMNS))


def _grew_at(figures: Figures, before: SiteOffer | None, now: datetime) -> datetime | None:
    """Since when there is something that nobody could have been offered before."""
    if before is None or figures.free > before.free or figures.pairs > before.pairs:
        return now
    return before.grew_at


def _of_vaccine(rows: Sequence[sums.FreeSeats], rules: VaccineRules, today: date) -> Iterator[tuple[Ages, Figures]]:
    """The figures of a site and vaccine by ages."""
    by_ages = _by_ages(rows, rules, today)
    chain = rules.chain(1)
    around = pairing.around(by_ages)
    figures = {ages: Figures() for ages in around}
    for ages, own in by_ages.items():
        _add_free(figures[ages], own, around[ages], chain, today)
    if chain is not None:
        for ages, others in around.items():
            figures[ages].pairs = sum(pairing.take_chains(by_ages[ages], others, chain))
    for ages, left in by_ages.items():
        figures[ages].spare = sum(left.for_dose(2))
    return ((ages, found) for ages, found in figures.items() if found != Figures())


def _by_ages(rows: Sequence[sums.FreeSeats], rules: VaccineRules, today: date) -> dict[Ages, Seats]:
    """The seats by ages: those of the slot, and no younger than the first dose may be given on its day."""
    days = max(row.days[-1] for row in rows) + 1
    youngest = [rules.youngest(1, today + timedelta(days=day)) for day in range(days)]
    found: defaultdict[Ages, Seats] = defaultdict(lambda: Seats.none(days))
    for row in rows:
        for day, seats in zip(row.days, row.seats, strict=True):
            ages = max(row.youngest_age, youngest[day]), row.oldest_age
            if ages[0] <= ages[1]:
                found[ages].add(row.for_doses, day, seats)
    return dict(found)


def _add_free(
    figures: Figures, own: Seats, around: Sequence[Seats], chain: Sequence[Interval] | None, today: date
) -> None:
    """What is free by day; a first dose only where its later ones are possible."""
    later = own.for_dose(2)
    figures.later = sum(later)
    figures.next_later_day = _first_day(later, today)
    if chain is None:
        return
    goes_on = [sum(of_day) for of_day in zip(later, *(pool.for_dose(2) for pool in around), strict=True)]
    offered = pairing.bookable(own.for_dose(1), goes_on, chain)
    figures.free = sum(offered)
    figures.free_7, figures.free_14, figures.free_30 = (sum(offered[:days]) for days in (7, 14, 30))
    figures.next_day = _first_day(offered, today)


def _first_day(seats: Sequence[int], today: date) -> date | None:
    return next((today + timedelta(days=day) for day, free in enumerate(seats) if free), None)
