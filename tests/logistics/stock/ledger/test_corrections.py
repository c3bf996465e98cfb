"""Stocktakes and reversals: the only ways to correct what was recorded."""

from functools import partial

import pytest

from logistics.models import (
    StockBalance,
    StockDocument,
    StockItem,
    StorageCondition,
    Store,
)
from logistics.stock import errors, ledger, ledger_check
from logistics.stock.ledger import Count, EntryLine
from tests.factories import balance, context, make_store, make_swabs, make_vials, opened
from tests.logistics.stock.ledger.proofs import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


# --- stocktakes ---------------------------------------------------------------------------------


def test_a_stocktake_sets_what_was_counted_and_says_why(store: Store, closed: StockItem, dose: StockItem) -> None:
    new = make_vials("FE8405")
    counts = [Count(closed, 8, 7), Count(dose, 13, 13), Count(new, 0, 2)]
    document = ledger.take_stock(store=store, counts=counts, context=context())
    assert (balance(store, closed), balance(store, dose), balance(store, new)) == (7, 13, 2)
    assert (document.reason, document.movements.count()) == ("MISCOUNTED", 2)


def test_a_stocktake_that_finds_all_as_it_was_is_recorded_without_a_reason(store: Store, closed: StockItem) -> None:
    document = ledger.take_stock(store=store, counts=[Count(closed, 10, 10)], context=context())
    assert (document.reason, document.movements.count(), document.kind) == ("", 0, "STOCKTAKE")


def test_a_stocktake_of_what_moved_meanwhile_is_refused(store: Store, closed: StockItem) -> None:
    other = make_vials("FE8405")
    ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
    for counts in ([Count(closed, 10, 9)], [Count(closed, 12, 0)], [Count(other, 0, 3), Count(closed, 10, 10)]):
        refused(errors.CountedMeanwhile, partial(ledger.take_stock, store=store, counts=counts, context=context()))
    refused(
        errors.NothingToRecord,
        partial(ledger.take_stock, store=store, counts=[Count(closed, 11, -1)], context=context()),
    )


# --- reversals ----------------------------------------------------------------------------------


def documents_of_all_kinds(store: Store, closed: StockItem) -> dict[str, StockDocument]:
    """One of each kind that can be reversed, each still free to be."""
    other = make_store()
    incoming = ledger.send(
        store=make_store(EntryLine(closed, 3)), to=store, lines=[EntryLine(closed, 3)], context=context()
    )
    opening = ledger.open_vials(store=store, item=closed, vials=1, context=context())
    ledger.receive(store=store, lines=[EntryLine(make_swabs(), 9)], context=context())
    return {
        "RECEIPT": ledger.receive(store=store, lines=[EntryLine(closed, 2)], context=context()),
        "DISPATCH": ledger.send(store=store, to=other, lines=[EntryLine(closed, 2)], context=context()),
        "DELIVERY": ledger.confirm_delivery(
            dispatch=incoming, counted={closed.pk: 2}, reason="LOST", context=context()
        ),
        "ISSUE": ledger.issue(store=store, lines=[EntryLine(closed, 1)], outside_party="Nemocnice", context=context()),
        "STORAGE": ledger.change_storage(
            store=store, item=closed, vials=1, to=StorageCondition.THAWED, context=context()
        ),
        "CONSUMPTION": ledger.consume(store=store, item=make_swabs(), doses=2, context=context()),
        "WASTE": ledger.waste(store=store, lines=[EntryLine(closed, 1)], reason="BROKEN", context=context()),
        "STOCKTAKE": ledger.take_stock(store=store, counts=[Count(make_swabs(), 7, 5)], context=context()),
        "OPENING": opening,
    }


@pytest.mark.parametrize("kind", sorted(set(StockDocument.Kind.values) - {"REVERSAL", "ESTABLISHMENT"}))
def test_a_reversal_moves_the_same_the_other_way_once(store: Store, closed: StockItem, kind: str) -> None:
    document = documents_of_all_kinds(store, closed)[kind]
    assert document.kind == kind
    before = dict(StockBalance.objects.filter(store=store).values_list("item", "quantity"))
    reversal = ledger.reverse(document=document, reason="MISTAKE", context=context())
    after = dict(StockBalance.objects.filter(store=store).values_list("item", "quantity"))
    for movement in document.movements.all():
        assert after[movement.item_id] == before[movement.item_id] - movement.quantity
    assert (reversal.reverses, reversal.store, reversal.reason) == (document, store, "MISTAKE")
    error = refused(errors.AlreadyReversed, partial(ledger.reverse, document=document, context=context()))
    assert str(error) == "This document was reversed already."
    refused(errors.CannotReverse, partial(ledger.reverse, document=reversal, context=context()))
    assert ledger_check.differences() == []


def test_the_establishment_of_a_store_is_not_reversed(store: Store) -> None:
    document = store.documents.get(kind="ESTABLISHMENT")
    error = refused(errors.CannotReverse, partial(ledger.reverse, document=document, context=context()))
    assert str(error) == "This document cannot be reversed; record a new one instead."


def test_what_was_used_meanwhile_cannot_be_reversed(store: Store, closed: StockItem) -> None:
    receipt = ledger.receive(store=store, lines=[EntryLine(closed, 5)], context=context())
    opening = ledger.open_vials(store=store, item=closed, vials=11, context=context())
    error = refused(errors.NotEnoughStock, partial(ledger.reverse, document=receipt, context=context()))
    assert (error.have, error.wanted) == (4, 5)  # type: ignore[attr-defined]
    ledger.consume(store=store, item=opened(opening), doses=1, context=context())
    refused(errors.NotEnoughStock, partial(ledger.reverse, document=opening, context=context()))
