"""In which region a site lies: by its district, or by its own word where the district is not known."""

import pytest

from logistics.models import Region, Store, VaccinationSite
from logistics.models.stores import STORES_REGION
from tests.factories import make_site, make_store

pytestmark = pytest.mark.django_db


def test_each_way_to_ask_names_one_region() -> None:
    for place in ({"district_id": "CZ0642"}, {"district_id": None, "region_id": "CZ064"}):
        site = make_site(**place)
        store = make_store(site=site)
        assert site.lies_in.code == "CZ064"
        assert list(Region.objects.of_site(site.pk)) == [site.lies_in]
        assert site in VaccinationSite.objects.in_region("CZ064")
        assert site not in VaccinationSite.objects.in_region("CZ031")
        assert list(Store.objects.filter(pk=store.pk).annotate(code=STORES_REGION).values_list("code")) == [("CZ064",)]
