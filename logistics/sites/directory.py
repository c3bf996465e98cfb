"""The list of sites for everybody: by region and district, or by words of their name or address."""

import unicodedata
from collections import Counter

from django.db.models import prefetch_related_objects

from crs import typed
from crs.czech_order import order_of_name
from logistics.models import Region, VaccinationSite

# Open sites come first, then paused ones, which may open again, then closed ones.
_ORDER = {
    state: number
    for number, state in enumerate(
        (VaccinationSite.State.OPEN, VaccinationSite.State.PAUSED, VaccinationSite.State.CLOSED)
    )
}


def count_by_region() -> list[tuple[Region, int]]:
    """All regions, each with the number of its public sites; two queries."""
    rows = VaccinationSite.objects.public().order_by().values_list("region", "district__region")
    number = Counter(own or through_district for own, through_district in rows)
    return [(region, number[region.code]) for region in Region.objects.all()]


def find(*, region_code: str = "", text: str = "") -> list[VaccinationSite]:
    """Public sites of a region (empty: of the country) with every word of `text` in name, address, district or region.

    They come by region, district, state and name. Accents do not count, because people on a telephone leave them out.
    Python compares: there are some hundreds of sites, and the database compares with accents. One query; call
    `with_vaccines` for the sites that are shown.
    """
    sites = VaccinationSite.objects.public().select_related("district__region", "region").defer("description", "notes")
    if region_code:
        sites = sites.in_region(region_code)
    words = plain(text).split()
    found = [site for site in sites if all(word in _told(site) for word in words)] if words else list(sites)
    return sorted(found, key=_sort_key)


def with_vaccines(sites: list[VaccinationSite]) -> list[VaccinationSite]:
    """Load the vaccines of `sites` and return them; one query."""
    prefetch_related_objects(sites, "vaccines")
    return sites


def _told(site: VaccinationSite) -> str:
    return plain(f"{site.name} {site.address} {site.district or ''} {site.lies_in}")


def _sort_key(site: VaccinationSite) -> tuple[str, str, int, str]:
    district, state = order_of_name(str(site.district or "")), VaccinationSite.State(site.state)
    return (site.lies_in.code, district, _ORDER[state], order_of_name(site.name))


def plain(text: str) -> str:
    """`text` in lower case and without accents."""
    decomposed = unicodedata.normalize("NFKD", typed.plain(text).casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
