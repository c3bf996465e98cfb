"""How far vaccination sites are from somebody's home, as far as their address tells it, and no map is asked.

The address says the district: by the name of the town, or by the postcode, whose first digits a town shares with the
villages around it. The middle of the district's sites stands for the home.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians

from crs.prepared_queries import Prepared
from crs.states import CZECHIA
from logistics.models import VaccinationSite
from registration.models import Person

_POSTCODE = re.compile(r"\b([0-9]{3}) ?([0-9]{2})\b")
# Of a postcode that is compared, the most exact first: the post office, then the town around which it lies.
_PREFIXES = (5, 4, 3)
KILOMETRES_OF_A_DEGREE = 111.3
_SITES = Prepared(lambda: VaccinationSite.objects.open().exclude(district=None).select_related("district"))


@dataclass(frozen=True)
class Home:
    """The district in which somebody probably lives, and its middle in degrees (None: no site says where it lies)."""

    district: str
    region: str
    middle: tuple[float, float] | None

    def kilometres_to(self, site: VaccinationSite) -> float:
        """How far the site is; 0 where nobody knows, so that it is not hidden behind the others."""
        if self.middle is None or site.latitude is None or site.longitude is None:
            return 0.0
        north, east = float(site.latitude) - self.middle[0], float(site.longitude) - self.middle[1]
        return KILOMETRES_OF_A_DEGREE * hypot(north, east * cos(radians(self.middle[0])))


def home_of(person: Person) -> Home | None:
    """Where the person probably lives; None where the address tells nothing. One query."""
    if person.country != CZECHIA:  # a town or a post code there may be called as one here
        return None
    sites = _SITES.all()
    code = _by_town(person.city, sites) or _by_postcode(person.postcode, sites)
    here = [site for site in sites if site.district_id == code]
    if not here or here[0].district is None:
        return None
    placed = [(float(one.latitude), float(one.longitude)) for one in here if one.latitude and one.longitude]
    middle = None
    if placed:
        middle = (sum(north for north, _ in placed) / len(placed), sum(east for _, east in placed) / len(placed))
    return Home(here[0].district.code, here[0].district.region_id, middle)


def _by_town(city: str, sites: Sequence[VaccinationSite]) -> str:
    """The district of which the town is the capital, or where the address of a site has it."""
    # 'Praha 4 - Krč', 'Brno-Líšeň': what comes after the town says the part of it.
    town = re.split(r"[,0-9]|\s+-|-", city.strip())[0].strip().casefold()
    if not town:
        return ""
    for site in sites:
        if site.district and site.district.name.casefold() in (town, f"{town}-město"):
            return site.district.code
    pattern = re.compile(rf"(?:^|[,0-9] ?){re.escape(town)}(?:\s+[0-9]|,|-|$)", re.IGNORECASE)
    return _most(site.district_id for site in sites if pattern.search(site.address))


def _by_postcode(postcode: str, sites: Sequence[VaccinationSite]) -> str:
    if not postcode:
        return ""
    known = [("".join(found.groups()), site) for site in sites if (found := _POSTCODE.search(site.address))]
    for length in _PREFIXES:
        beginning = postcode[:length]
        if code := _most(site.district_id for of_site, site in known if of_site.startswith(beginning)):
            return code
    return ""


def _most(codes: Iterable[str | None]) -> str:
    counted = Counter(code for code in codes if code)
    return min(counted, key=lambda code: (-counted[code], code)) if counted else ""
