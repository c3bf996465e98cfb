"""What is recorded is recorded once, and nobody can change it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from logistics.models import (
    StockDocument,
    StockItem,
    StockMovement,
    StorageCondition,
    Store,
)
from logistics.stock import ledger, ledger_check
from logistics.stock.ledger import Count, EntryLine
from tests.factories import NOW, balance, context, make_site, make_store, make_swabs, make_vials
from tests.logistics.stock.ledger.proofs import execute, snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


# --- double sends -------------------------------------------------------------------------------


def test_a_form_sent_twice_is_recorded_once_whatever_it_is(store: Store, closed: StockItem, dose: StockItem) -> None:
    there = make_store()
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 1)], context=context())
    receipt = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
    one = [EntryLine(closed, 1)]
    entries: list[Callable[..., StockDocument]] = [
        partial(ledger.receive, store=store, lines=one),
        partial(ledger.send, store=store, to=there, lines=one),
        partial(ledger.confirm_delivery, dispatch=dispatch, counted={closed.pk: 1}),
        partial(ledger.issue, store=store, lines=one, outside_party="Nemocnice"),
        partial(ledger.change_storage, store=store, item=closed, vials=1, to=StorageCondition.THAWED),
        partial(ledger.open_vials, store=store, item=closed, vials=1),
        # All that is left: a second time there would not be enough.
        partial(ledger.consume, store=store, item=dose, doses=13),
        partial(ledger.waste, store=store, lines=one, reason="BROKEN"),
        partial(ledger.reverse, document=receipt),
    ]
    for what in entries:
        once = context(key=uuid4())
        first = what(context=once)
        before = snapshot()
        assert what(context=once) == first
        assert snapshot() == before
    have = balance(store, closed)
    stocktake = partial(ledger.take_stock, store=store, counts=[Count(closed, have, 1)], context=context(key=uuid4()))
    assert stocktake() == stocktake()
    assert balance(store, closed) == 1


def test_a_store_established_twice_by_one_form_is_one(closed: StockItem) -> None:
    site = make_site()
    establish = partial(ledger.establish, site=site, lines=[EntryLine(closed, 5)], context=context(key=uuid4()))
    assert establish() == establish()
    assert balance(site.store, closed) == 5


# --- the past stays -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", [StockDocument, StockMovement])
def test_documents_and_movements_are_never_edited_nor_deleted_through_django(store: Store, model: Any) -> None:
    row = model.objects.last()
    for what in (row.save, row.delete, model.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            what()
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE logistics_stockdocument SET happened_on = '2021-01-01'",
        "DELETE FROM logistics_stockdocument",
        "UPDATE logistics_stockmovement SET quantity = 1",
        "DELETE FROM logistics_stockmovement",
    ],
)
def test_documents_and_movements_are_never_edited_nor_deleted_through_sql(store: Store, sql: str) -> None:
    with pytest.raises(DatabaseError, match="Cannot update or delete rows"), transaction.atomic():
        execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE logistics_stockbalance SET quantity = quantity + 1",
        "DELETE FROM logistics_stockbalance",
        "INSERT INTO logistics_stockbalance (store_id, item_id, quantity) SELECT max(store_id), 1, 5"
        " FROM logistics_stockbalance",
    ],
)
def test_nobody_touches_a_balance_by_hand(store: Store, sql: str) -> None:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        execute(sql)
    assert caught.value.__cause__.sqlstate == "CR100"  # type: ignore[union-attr]


def test_an_item_is_never_edited(store: Store, closed: StockItem) -> None:
    closed.doses_per_vial = 5
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        closed.save()
    assert caught.value.__cause__.sqlstate == "CR106"  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_a_document_is_closed_with_its_transaction() -> None:
    """Nobody adds a line to what is on paper already; within the transaction, savepoints or not, there may be more."""
    closed, swab = make_vials(), make_swabs()
    store = make_store()
    with transaction.atomic():
        with transaction.atomic():
            document = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
        with transaction.atomic():
            StockMovement.objects.create(document=document, item=swab, quantity=1)
    with pytest.raises(DatabaseError) as caught:
        StockMovement.objects.create(document=document, item=make_vials("FE8405"), quantity=1)
    assert caught.value.__cause__.sqlstate == "CR105"  # type: ignore[union-attr]
    assert document.movements.count() == 2
    assert ledger_check.differences() == []


def test_movements_of_many_documents_and_stores_may_come_in_one_statement(closed: StockItem) -> None:
    """As an import writes them; the balance moves by their sum."""
    stores = [make_store(EntryLine(closed, 5)) for _ in range(3)]
    documents = [
        StockDocument(kind=kind, store=store, happened_on=NOW.date(), recorded_at=NOW, reason=reason)
        for store in stores
        for kind, reason in (("RECEIPT", ""), ("WASTE", "BROKEN"))
    ]
    StockDocument.objects.bulk_create(documents)
    StockMovement.objects.bulk_create(
        StockMovement(document=document, item=closed, quantity=7 if document.kind == "RECEIPT" else -12)
        for document in documents
    )
    assert [balance(store, closed) for store in stores] == [0, 0, 0]
    assert ledger_check.differences() == []
