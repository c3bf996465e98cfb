"""The sites that a member of staff looks after, with how full they are today and in the week that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from crs.czech_order import czech_order
from logistics.models import VaccinationSite
from logistics.sites import directory
from reservation.free_seats import fill
from reservation.free_seats.fill import Fill

DAYS_AHEAD = 7


@dataclass(frozen=True)
class SiteLine:
    """A site with its fill of today, and of the `DAYS_AHEAD` days from tomorrow."""

    site: VaccinationSite
    today: Fill
    ahead: Fill


def found(sites: QuerySet[VaccinationSite], *, district: str, text: str) -> list[VaccinationSite]:
    """Those of `sites` in the district (empty: all) that have every word of `text` in name or address, by name."""
    rows = sites.select_related("district").only("name", "address", "state", "district__name")
    if district:
        rows = rows.filter(district=district)
    words = directory.plain(text).split()
    named = (one for one in rows if all(word in directory.plain(f"{one.name} {one.address}") for word in words))
    return sorted(named, key=lambda one: (czech_order(one.name), one.pk))


def lines(sites: Sequence[VaccinationSite], *, today: date) -> list[SiteLine]:
    """The sites with their fill. One query."""
    fills = fill.of_days([one.pk for one in sites], first=today, last=today + timedelta(days=DAYS_AHEAD))
    made = []
    for site in sites:
        by_day: Any = fills.get(site.pk, {})
        ahead = sum((one for day, one in by_day.items() if day > today), Fill())
        made.append(SiteLine(site, by_day.get(today, Fill()), ahead))
    return made
