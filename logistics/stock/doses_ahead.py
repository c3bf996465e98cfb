"""The doses that sites hold or were promised, with the days on which they can be used."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from logistics.models import AnnouncedDelivery, StockBalance, StockDocument, StockMovement, StorageCondition
from logistics.models.stock import DOSES, StockMovementQuerySet

# A site and a vaccine (its code).
SiteVaccine = tuple[UUID, str]

# The last day of doses whose expiry nobody wrote down.
_NEVER = date.max
# The clocks of freezer and room say how long a closed vial may stay there. In time it goes to the fridge, and keeps.
_GOES_ON = (StorageCondition.FREEZER, StorageCondition.ROOM)


@dataclass(frozen=True)
class Doses:
    """So many doses, usable from the day `since` up to the day `until`; `is_here` where the site holds them."""

    number: int
    since: date
    until: date
    is_here: bool = False


def doses_ahead(site_ids: Collection[UUID], *, until: date, now: datetime) -> dict[SiteVaccine, list[Doses]]:
    """The doses of each vaccine at each site: in its store, under way to it, and announced to it up to the day `until`.

    Blocked batches and doses past their use-by do not count. A dispatch is expected on the day after it left, at the
    earliest today. It is taken for what was announced of the vaccine first, so nothing counts twice; a delivery whose
    day passed does not count. Three queries for any number of sites.
    """
    today = timezone.localdate(now)
    found: dict[SiteVaccine, list[Doses]] = defaultdict(list)
    for key, doses in _on_hand(site_ids, today, now):
        found[key].append(doses)
    under_way: dict[SiteVaccine, int] = defaultdict(int)
    for key, doses in _under_way(site_ids, today):
        found[key].append(doses)
        under_way[key] += doses.number
    for key, doses in _announced(site_ids, until):
        sent_already = min(under_way[key], doses.number)
        under_way[key] -= sent_already
        if doses.number > sent_already and doses.since >= today:
            found[key].append(Doses(doses.number - sent_already, doses.since, doses.until))
    return found


def _on_hand(site_ids: Collection[UUID], today: date, now: datetime) -> Iterator[tuple[SiteVaccine, Doses]]:
    running = Q(item__use_by=None) | Q(item__use_by__gt=now)
    usable = StockBalance.objects.present().filter(
        running, store__site__in=site_ids, item__batch__isnull=False, item__batch__blocked_at=None
    )
    rows = usable.values_list(
        "store__site", "item__batch__vaccine", "item__batch__expires_on", "item__storage", "item__use_by"
    )
    for site, vaccine, expires_on, storage, use_by, number in rows.annotate(doses=Sum(DOSES)).order_by():
        ends = [expires_on or _NEVER]
        if use_by is not None and storage not in _GOES_ON:
            ends.append(timezone.localdate(use_by))
        if min(ends) >= today:
            yield (site, vaccine), Doses(number, today, min(ends), is_here=True)


def _under_way(site_ids: Collection[UUID], today: date) -> Iterator[tuple[SiteVaccine, Doses]]:
    sent: QuerySet[StockDocument] = StockDocument.objects.in_transit().filter(counterpart__site__in=site_ids)
    moved: StockMovementQuerySet = StockMovement.objects.filter(
        document__in=sent, item__batch__isnull=False, item__batch__blocked_at=None
    )
    rows = moved.values_list(
        "document__counterpart__site", "item__batch__vaccine", "item__batch__expires_on", "document__happened_on"
    )
    for site, vaccine, expires_on, left_on, number in rows.annotate(doses=-Sum(DOSES)).order_by():
        since, last_day = max(left_on + timedelta(days=1), today), expires_on or _NEVER
        if last_day >= since:
            yield (site, vaccine), Doses(number, since, last_day)


def _announced(site_ids: Collection[UUID], until: date) -> Iterator[tuple[SiteVaccine, Doses]]:
    awaited = AnnouncedDelivery.objects.awaited().filter(store__site__in=site_ids, expected_on__lte=until)
    rows = awaited.order_by("expected_on", "pk").values_list("store__site", "vaccine", "expected_on")
    for site, vaccine, day, left in rows.annotate(left=F("doses") - F("came")):
        yield (site, vaccine), Doses(left, day, _NEVER)
