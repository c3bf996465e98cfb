"""From store to store: what was sent is nowhere until it is confirmed."""

from functools import partial

import pytest

from logistics.models import (
    StockDocument,
    StockItem,
    Store,
)
from logistics.stock import errors, ledger, ledger_check
from logistics.stock.ledger import EntryLine
from tests.factories import balance, context, make_distributor, make_store, make_swabs
from tests.logistics.stock.ledger.proofs import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def test_what_was_sent_is_nowhere_until_it_is_confirmed(store: Store, closed: StockItem) -> None:
    there = make_store()
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 4)], context=context())
    assert (balance(store, closed), balance(there, closed)) == (6, 0)
    assert list(StockDocument.objects.in_transit()) == [dispatch]
    delivery = ledger.confirm_delivery(dispatch=dispatch, counted={closed.pk: 4}, context=context())
    assert (balance(store, closed), balance(there, closed)) == (6, 4)
    assert (delivery.store, delivery.counterpart, delivery.confirms, delivery.reason) == (there, store, dispatch, "")
    assert not StockDocument.objects.in_transit().exists()


@pytest.mark.parametrize(("came", "has"), [(3, 3), (0, 0), (5, 5)])
def test_what_came_may_differ_with_a_reason(store: Store, closed: StockItem, came: int, has: int) -> None:
    there = make_store()
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 4)], context=context())
    confirm = partial(ledger.confirm_delivery, dispatch=dispatch, counted={closed.pk: came}, context=context())
    error = refused(errors.DifferenceNeedsReason, confirm)
    assert str(error) == "The numbers differ from what was sent. Choose the reason of the difference."
    assert confirm(reason="LOST").reason == "LOST"
    assert (balance(store, closed), balance(there, closed)) == (6, has)
    assert ledger_check.differences() == []


def test_an_item_that_is_not_named_did_not_come(store: Store, closed: StockItem) -> None:
    there, other = make_store(), make_swabs()
    ledger.receive(store=store, lines=[EntryLine(other, 9)], context=context())
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 4), EntryLine(other, 9)], context=context())
    confirm = partial(ledger.confirm_delivery, dispatch=dispatch, context=context())
    refused(errors.DifferenceNeedsReason, partial(confirm, counted={closed.pk: 4}))
    confirm(counted={closed.pk: 4}, reason="LOST")
    assert balance(there, other) == 0


@pytest.mark.parametrize("reason", ["", "LOST"])
def test_what_was_not_sent_cannot_come(store: Store, closed: StockItem, reason: str) -> None:
    dispatch = ledger.send(store=store, to=make_store(), lines=[EntryLine(closed, 4)], context=context())
    confirm = partial(ledger.confirm_delivery, dispatch=dispatch, reason=reason, context=context())
    refused(errors.NothingToRecord, partial(confirm, counted={closed.pk: 4, make_swabs().pk: 1}))
    refused(errors.NothingToRecord, partial(confirm, counted={closed.pk: -1}))


def test_a_reason_without_a_difference_is_not_kept(store: Store, closed: StockItem) -> None:
    dispatch = ledger.send(store=store, to=make_store(), lines=[EntryLine(closed, 4)], context=context())
    delivery = ledger.confirm_delivery(dispatch=dispatch, counted={closed.pk: 4}, reason="LOST", context=context())
    assert delivery.reason == ""


def test_a_dispatch_is_confirmed_again_only_after_the_confirmation_was_reversed(
    store: Store, closed: StockItem
) -> None:
    there = make_store()
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 3)], context=context())
    confirm = partial(ledger.confirm_delivery, dispatch=dispatch, context=context())
    delivery = confirm(counted={closed.pk: 2}, reason="LOST")
    refused(errors.NotInTransit, partial(confirm, counted={closed.pk: 3}))
    refused(errors.DeliveredMeanwhile, partial(ledger.reverse, document=dispatch, context=context()))
    ledger.reverse(document=delivery, context=context())
    assert (balance(there, closed), list(StockDocument.objects.in_transit())) == (0, [dispatch])
    assert confirm(counted={closed.pk: 3}).attempt == 2
    assert balance(there, closed) == 3
    assert ledger_check.differences() == []


def test_a_dispatch_that_was_reversed_is_home_and_cannot_be_confirmed(store: Store, closed: StockItem) -> None:
    dispatch = ledger.send(store=store, to=make_store(), lines=[EntryLine(closed, 3)], context=context())
    ledger.reverse(document=dispatch, context=context())
    assert balance(store, closed) == 10
    error = refused(
        errors.NotInTransit,
        partial(ledger.confirm_delivery, dispatch=dispatch, counted={closed.pk: 3}, context=context()),
    )
    assert str(error) == "This delivery is not on its way any more: it was confirmed or reversed."


def test_only_a_dispatch_can_be_confirmed(store: Store, closed: StockItem) -> None:
    receipt = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
    refused(errors.NotInTransit, partial(ledger.confirm_delivery, dispatch=receipt, counted={}, context=context()))


def test_a_store_does_not_send_to_itself(store: Store, closed: StockItem) -> None:
    send = partial(ledger.send, store=store, to=store, lines=[EntryLine(closed, 1)], context=context())
    assert str(refused(errors.SameStore, send)) == "A store cannot send to itself. Choose another one."


def test_opened_vials_do_not_travel(store: Store, dose: StockItem) -> None:
    refused(
        errors.NotOpened,
        partial(ledger.send, store=store, to=make_distributor(), lines=[EntryLine(dose, 1)], context=context()),
    )
    refused(
        errors.NotOpened,
        partial(ledger.issue, store=store, outside_party="Nikdo", lines=[EntryLine(dose, 1)], context=context()),
    )
