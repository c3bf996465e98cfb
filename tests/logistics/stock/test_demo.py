"""The demonstration stock is made once, and adds up."""

import pytest

from logistics.models import Batch, Role, StockBalance, StockDocument, Store
from logistics.stock.demo import load_stock
from tests.factories import NOW, make_site, make_staff


@pytest.mark.django_db
def test_the_demonstration_stock_is_loaded_once() -> None:
    keeper = make_staff(Role.DISTRIBUTOR)
    sites = [make_site(f"Místo {number}") for number in range(2)]
    assert load_stock(sites=sites, by=keeper, now=NOW) == 2
    documents = StockDocument.objects.count()
    assert load_stock(sites=sites, by=keeper, now=NOW) == 0
    assert StockDocument.objects.count() == documents
    assert StockDocument.objects.in_transit().count() == 2
    assert Store.objects.count() == 3
    assert StockBalance.objects.filter(store__site=sites[0]).present().count() > 5
    assert Batch.objects.get(number="ABV5300").is_blocked
