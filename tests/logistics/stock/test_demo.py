"""The demonstration stock is made once, and adds up."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from logistics.models import Batch, Role, StockBalance, StockDocument, Store, VaccinationSite
from logistics.stock.demo import load_stock
from tests.staff import make_staff

NOW = datetime(2027, 1, 11, 9, 0, tzinfo=ZoneInfo("Europe/Prague"))


@pytest.mark.django_db
def test_the_demonstration_stock_is_loaded_once() -> None:
    keeper = make_staff(Role.DISTRIBUTOR)
    sites = [
        VaccinationSite.objects.create(name=f"Místo {number}", district_id="CZ0642", address="Brno")
        for number in range(2)
    ]
    assert load_stock(sites=sites, by=keeper, now=NOW) == 2
    documents = StockDocument.objects.count()
    assert load_stock(sites=sites, by=keeper, now=NOW) == 0
    assert StockDocument.objects.count() == documents
    assert StockDocument.objects.in_transit().count() == 2
    assert Store.objects.count() == 3
    assert StockBalance.objects.filter(store__site=sites[0]).present().count() > 5
    assert Batch.objects.get(number="ABV5300").is_blocked
