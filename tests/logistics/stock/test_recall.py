"""Where a batch is for a recall: the stores that hold it, await it and used it."""

from datetime import date

import pytest

from logistics.models import StockItem, Store
from logistics.stock import ledger, recall
from logistics.stock.ledger import EntryLine
from tests.factories import context, make_store, make_vials

pytestmark = pytest.mark.django_db


def test_who_holds_awaits_and_used_a_batch() -> None:
    item = make_vials()
    batch = item.batch
    assert batch is not None
    brno, znojmo = make_store(EntryLine(item, 10), name="Brno"), make_store(name="Znojmo")
    ledger.open_vials(store=brno, item=item, vials=2, doses=13, context=context())
    opened = StockItem.objects.get(batch=batch, storage="OPEN")
    ledger.consume(store=brno, item=opened, doses=3, context=context())
    ledger.consume(store=brno, item=opened, doses=2, context=context())
    mistake = ledger.consume(store=brno, item=opened, doses=4, context=context())
    ledger.reverse(document=mistake, context=context())
    ledger.send(store=brno, to=znojmo, lines=[EntryLine(item, 3)], context=context())
    found = recall.holders(batch)
    assert [(row.store, row.storage, row.vials, row.opened) for row in found.held] == [
        (brno, "OPEN", 0, 8),
        (brno, "STORED", 5, 0),
    ]
    assert [(row.document.counterpart, row.vials, row.doses) for row in found.in_transit] == [(znojmo, 3, 18)]
    assert [(row.store, row.day, row.doses) for row in found.used] == [(brno, date(2027, 1, 11), 5)]
    assert (found.vials, found.opened, found.doses) == (8, 8, 56)
    mine = recall.holders(batch, stores=Store.objects.filter(pk=znojmo.pk))
    assert (mine.held, mine.used, len(mine.in_transit)) == ([], [], 1)
