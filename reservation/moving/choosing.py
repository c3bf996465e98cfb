"""What staff choose from for a person: a region, a site, a day, and the times of it; each from the address.

An unknown or outdated value in the address counts as not chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from logistics.models import Region, VaccinationSite
from reservation.free_seats import availability
from reservation.free_seats.availability import OfferedSite, TimeOffer
from reservation.moving.targets import Target


@dataclass(frozen=True)
class Choice:
    """What is offered, as far as it was chosen; no list of regions and sites where the site is given."""

    target: Target
    regions: tuple[Region, ...] = ()
    region: str = ""
    offers: tuple[OfferedSite, ...] = ()
    site: VaccinationSite | None = None
    days: Mapping[date, int] = field(default_factory=dict)
    day: date | None = None
    times: tuple[TimeOffer, ...] = ()


def choice(target: Target, chosen: Mapping[str, str], *, site: VaccinationSite | None, now: datetime) -> Choice:
    """What can be chosen for a dose; a `site` that is given is the only one."""
    if target.site_id is not None and site is None:
        site = target.appointment.slot.site
    regions: tuple[Region, ...] = ()
    offers: tuple[OfferedSite, ...] = ()
    region = ""
    if site is None:
        regions = tuple(Region.objects.order_by("name__czech"))
        own = target.appointment.slot.site
        known = chosen.get("kraj", (own.district.region_id if own.district else own.region_id) or "")
        region = known if known in {one.pk for one in regions} else regions[0].pk
        found = availability.sites(need=target.need, now=now, region_code=region)
        offers = tuple(one for one in found if one.next_day is not None)
        wanted = chosen.get("misto", "")
        site = next((one.site for one in offers if str(one.site.pk) == wanted), None)
    days = target.days(site.pk, now) if site else {}
    day = _day(chosen.get("den", ""))
    if site is None or day not in days:
        return Choice(target, regions, region, offers, site, days)
    times = tuple(target.times(site.pk, day, now)) if day else ()
    return Choice(target, regions, region, offers, site, days, day, times)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
