"""What the tests of vials begin with: a site with ten closed vials and two stations."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from logistics.models import StockItem, Store, VaccinationSite
from logistics.stock.ledger import EntryLine
from tests.factories import make_station, make_store, make_vials
from vaccination.models import Station


@pytest.fixture
def closed() -> StockItem:
    return make_vials()


@pytest.fixture
def store(closed: StockItem) -> Store:
    return make_store(EntryLine(closed, 10))


@pytest.fixture
def site(store: Store) -> VaccinationSite:
    assert store.site
    return store.site


@pytest.fixture
def station(site: VaccinationSite) -> Station:
    return make_station(site)


@pytest.fixture
def other_station(site: VaccinationSite) -> Station:
    return make_station(site, "2")


@pytest.fixture
def in_english() -> Iterator[None]:
    """Refusals in English, whatever the catalogs say."""
    with translation.override("en"):
        yield
