"""Questions that the tables of stock and sites answer: what lies in a region, and how many doses are in vials."""

import pytest
from django.db import IntegrityError

from logistics.models import Region, StockItem, Store, VaccinationSite
from logistics.models.stores import EXTRA_DOSES_A_VIAL
from logistics.stock import items, ledger
from tests.factories import context, make_distributor, make_site, make_store, make_vials

pytestmark = pytest.mark.django_db


def test_sites_and_stores_lie_in_the_region_of_their_district_or_in_their_own() -> None:
    in_tabor, unknown_district = make_site(), make_site("Zrušené", district_id=None, region_id="CZ031")
    elsewhere = make_site("Brno", "CZ0642")
    south_bohemia = Region.objects.get(pk="CZ031")
    own, of_district, of_region, of_brno, of_firm = (
        ledger.establish(region=south_bohemia, context=context()),
        make_store(site=in_tabor),
        make_store(site=unknown_district),
        make_store(site=elsewhere),
        make_distributor(),
    )
    assert set(VaccinationSite.objects.in_region("CZ031")) == {in_tabor, unknown_district}
    assert set(VaccinationSite.objects.in_regions(["CZ031", "CZ064"])) == {in_tabor, unknown_district, elsewhere}
    assert set(Store.objects.in_region("CZ031")) == {own, of_district, of_region}
    assert set(Store.objects.in_regions(["CZ031", "CZ064"])) == {own, of_district, of_region, of_brno}
    assert not Store.objects.in_regions([]).exists()
    assert [store.lies_in for store in (own, of_district, of_region, of_firm)] == [*[south_bohemia] * 3, None]


def test_doses_are_those_of_the_vials_or_as_counted() -> None:
    vials = make_vials()
    assert vials.batch is not None
    opened = items.vaccine_item(batch=vials.batch, doses_per_vial=6, storage="OPEN")
    assert (vials.doses_in(3), opened.doses_in(3)) == (18, 3)
    assert vials.most_doses_in(3) == 3 * (6 + EXTRA_DOSES_A_VIAL)


def test_a_vial_gives_twice_as_many_boosters_where_a_booster_is_half_a_dose() -> None:
    vials = make_vials("000190A", vaccine="spikevax", doses_per_vial=10)
    assert vials.most_doses_in(2) == 2 * (20 + EXTRA_DOSES_A_VIAL)
    assert vials.doses_in(2) == 20


def test_vials_of_unknown_size_are_refused() -> None:
    batch = make_vials().batch
    with pytest.raises(IntegrityError, match="item_is_a_vaccine_or_a_material"):
        StockItem.objects.create(batch=batch, storage="FRIDGE")
