"""Sites of a campaign that is replayed: some have closed since, some the list of sites never named."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from crs import history
from logistics.models import Region, VaccinationSite
from logistics.operations import Operation


class PastSite(NamedTuple):
    """What is known of a site: its name and NUTS3 code."""

    name: str
    region: str


@transaction.atomic
def have_open(named: Mapping[UUID, PastSite]) -> int:
    """Let each site exist and be open; return how many the list had not named."""
    sites = VaccinationSite.objects.in_bulk(named)
    regions = frozenset(Region.objects.values_list("pk", flat=True))
    missing = [
        VaccinationSite(id=key, name=site.name, region_id=site.region if site.region in regions else None, kind="")
        for key, site in named.items()
        if key not in sites
    ]
    is_open = VaccinationSite.State.OPEN
    with history.recording(Operation.IMPORT_SITES):
        VaccinationSite.objects.bulk_create(missing)
        VaccinationSite.objects.filter(pk__in=named).exclude(state=is_open).update(state=is_open)
    return len(missing)
