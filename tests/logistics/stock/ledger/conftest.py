"""What most tests of the ledger begin with: a site's store with closed and with opened vials."""

import pytest

from logistics.models import StockItem, Store
from logistics.stock import ledger
from logistics.stock.ledger import EntryLine
from tests.factories import context, make_store, make_vials, opened


@pytest.fixture
def closed() -> StockItem:
    return make_vials()


@pytest.fixture
def store(closed: StockItem) -> Store:
    """A site's store with ten vials."""
    return make_store(EntryLine(closed, 10))


@pytest.fixture
def dose(store: Store, closed: StockItem) -> StockItem:
    """Thirteen doses of two vials that the store has opened."""
    return opened(ledger.open_vials(store=store, item=closed, vials=2, doses=13, context=context()))
