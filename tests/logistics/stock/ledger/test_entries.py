"""The entries of the ledger: what each does, what it refuses and in which words."""

from datetime import date, datetime
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import translation

from logistics.models import (
    Region,
    StockItem,
    StorageCondition,
    Store,
)
from logistics.stock import errors, ledger
from logistics.stock.ledger import EntryLine
from tests.factories import PRAGUE, balance, context, make_distributor, make_store, make_swabs, make_vials, opened
from tests.logistics.stock.ledger.proofs import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


# --- establishing -------------------------------------------------------------------------------


def test_a_store_begins_with_what_is_there(closed: StockItem) -> None:
    store = make_store(EntryLine(closed, 4), EntryLine(make_swabs(), 100), EntryLine(closed, 1))
    assert (balance(store, closed), balance(store, make_swabs())) == (5, 100)
    document = store.documents.get()
    assert (document.kind, document.happened_on) == ("ESTABLISHMENT", date(2027, 1, 11))
    assert document.number == f"ZS-2027-{document.pk:07}"
    assert store.name == str(store.site)


def test_a_region_and_a_distributor_have_stores_too() -> None:
    region = Region.objects.order_by("pk").first()
    store = ledger.establish(region=region, context=context())
    assert (store.kind, store.name) == ("REGION", str(region))
    assert make_distributor().kind == "DISTRIBUTOR"


def test_a_place_has_one_store() -> None:
    region = Region.objects.order_by("pk").first()
    ledger.establish(region=region, context=context())
    refused(errors.StoreExists, partial(ledger.establish, region=region, context=context()))
    first = make_distributor()
    refused(errors.StoreExists, partial(ledger.establish, name=first.name, context=context()))
    site = make_store().site
    refused(errors.StoreExists, partial(ledger.establish, site=site, context=context(key=uuid4())))


# --- receiving and issuing ----------------------------------------------------------------------


def test_a_receipt_adds_and_names_the_supplier(store: Store, closed: StockItem) -> None:
    lines = [EntryLine(closed, 5), EntryLine(make_swabs(), 30), EntryLine(closed, 2)]
    receipt = ledger.receive(store=store, lines=lines, outside_party="Avenier", context=context())
    assert (receipt.outside_party, receipt.number[:8], receipt.movements.count()) == ("Avenier", "PR-2027-", 2)
    assert (balance(store, closed), balance(store, make_swabs())) == (17, 30)


def test_nobody_delivers_opened_vials(store: Store, dose: StockItem) -> None:
    refused(errors.NotOpened, partial(ledger.receive, store=store, lines=[EntryLine(dose, 6)], context=context()))


def test_more_than_a_balance_can_hold_is_refused_in_words(store: Store, closed: StockItem) -> None:
    for much in (2**31 - 1, 2**31, 10**20):  # with what is there; alone; more than any integer of the database
        refused(
            errors.TooMuch, partial(ledger.receive, store=store, lines=[EntryLine(closed, much)], context=context())
        )


def test_an_issue_takes_and_names_the_recipient(store: Store, closed: StockItem) -> None:
    document = ledger.issue(store=store, lines=[EntryLine(closed, 4)], outside_party="Nemocnice", context=context())
    assert (document.outside_party, balance(store, closed)) == ("Nemocnice", 6)


def test_the_day_of_a_document_is_the_day_in_prague(store: Store, closed: StockItem) -> None:
    at_midnight = datetime(2027, 1, 12, 0, 30, tzinfo=PRAGUE)  # 23:30 of the 11th in UTC
    document = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context(at_midnight))
    document.refresh_from_db()
    assert (document.happened_on, document.recorded_at) == (date(2027, 1, 12), at_midnight)


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_is_not_recorded(store: Store, closed: StockItem, dose: StockItem, quantity: int) -> None:
    for lines in ([EntryLine(closed, quantity)], [], [EntryLine(closed, 2), EntryLine(closed, quantity)]):
        for what in (
            partial(ledger.receive, store=store),
            partial(ledger.send, store=store, to=make_distributor()),
            partial(ledger.issue, store=store, outside_party="Nemocnice"),
            partial(ledger.waste, store=store, reason="BROKEN"),
        ):
            refused(errors.NothingToRecord, partial(what, lines=lines, context=context()))
    refused(
        errors.NothingToRecord, partial(ledger.open_vials, store=store, item=closed, vials=quantity, context=context())
    )
    refused(errors.NothingToRecord, partial(ledger.consume, store=store, item=dose, doses=quantity, context=context()))
    thaw = partial(ledger.change_storage, store=store, item=closed, to=StorageCondition.THAWED, context=context())
    refused(errors.NothingToRecord, partial(thaw, vials=quantity))


def test_more_than_there_is_is_refused_with_both_figures(store: Store, closed: StockItem, dose: StockItem) -> None:
    """The store has 8 vials and 13 doses of opened ones."""
    lines = [EntryLine(closed, 9)]
    thaw = partial(
        ledger.change_storage, store=store, item=closed, vials=9, to=StorageCondition.THAWED, context=context()
    )
    for what in (
        partial(ledger.send, store=store, to=make_distributor(), lines=lines, context=context()),
        partial(ledger.issue, store=store, outside_party="Nemocnice", lines=lines, context=context()),
        partial(ledger.waste, store=store, reason="BROKEN", lines=lines, context=context()),
        partial(ledger.open_vials, store=store, item=closed, vials=9, context=context()),
        thaw,
    ):
        error = refused(errors.NotEnoughStock, what)
        assert (error.have, error.wanted) == (8, 9)  # type: ignore[attr-defined]
    error = refused(errors.NotEnoughStock, partial(ledger.consume, store=store, item=dose, doses=14, context=context()))
    assert str(error) == "Comirnaty EJ6797: the store holds only 13, you asked for 14."
    with translation.override("cs"):
        error = refused(
            errors.NotEnoughStock, partial(ledger.consume, store=store, item=dose, doses=14, context=context())
        )
        assert str(error) == "Comirnaty EJ6797: na skladě je jen 13, zadáno je 14."


def test_one_line_too_many_refuses_all_lines(store: Store, closed: StockItem) -> None:
    there = make_distributor()
    error = refused(
        errors.NotEnoughStock,
        partial(
            ledger.send,
            store=store,
            to=there,
            lines=[EntryLine(closed, 1), EntryLine(make_swabs(), 1)],
            context=context(),
        ),
    )
    assert (error.have, error.wanted, error.item) == (0, 1, str(make_swabs()))  # type: ignore[attr-defined]


# --- opening, using, throwing away --------------------------------------------------------------


@pytest.mark.parametrize(("doses", "drawn"), [(None, 12), (1, 1), (12, 12), (13, 13), (16, 16)])
def test_two_vials_of_six_give_twelve_doses_or_what_was_drawn(
    store: Store, closed: StockItem, doses: int | None, drawn: int
) -> None:
    opening = ledger.open_vials(store=store, item=closed, vials=2, doses=doses, context=context())
    assert (balance(store, closed), balance(store, opened(opening))) == (8, drawn)


@pytest.mark.parametrize("doses", [-1, 0, 17])
def test_so_many_doses_are_not_in_two_vials(store: Store, closed: StockItem, doses: int) -> None:
    what = partial(ledger.open_vials, store=store, item=closed, vials=2, doses=doses, context=context())
    assert str(refused(errors.WrongDoses, what)) == "So many doses cannot be in these vials: at least 1 and at most 16."


def test_only_a_closed_vial_is_opened_or_thawed(store: Store, dose: StockItem) -> None:
    for item in (dose, make_swabs()):
        refused(errors.NotOpened, partial(ledger.open_vials, store=store, item=item, vials=1, context=context()))
    change = partial(ledger.change_storage, store=store, vials=1, context=context())
    refused(errors.NotOpened, partial(change, item=dose, to=StorageCondition.THAWED))
    refused(errors.NotOpened, partial(change, item=make_vials(), to=StorageCondition.OPEN))
    refused(errors.NoSuchStorage, partial(change, item=make_swabs(), to=StorageCondition.THAWED))


def test_doses_are_used_from_opened_vials_and_material_as_it_is(
    store: Store, closed: StockItem, dose: StockItem
) -> None:
    refused(errors.NotOpened, partial(ledger.consume, store=store, item=closed, doses=1, context=context()))
    ledger.consume(store=store, item=dose, doses=13, context=context())
    ledger.receive(store=store, lines=[EntryLine(make_swabs(), 20)], context=context())
    ledger.consume(store=store, item=make_swabs(), doses=13, context=context())
    assert (balance(store, dose), balance(store, make_swabs())) == (0, 7)


def test_closed_vials_opened_doses_and_material_are_thrown_away_with_a_reason(
    store: Store, closed: StockItem, dose: StockItem
) -> None:
    document = ledger.waste(
        store=store, lines=[EntryLine(closed, 1), EntryLine(dose, 2)], reason="BROKEN", context=context()
    )
    assert (document.reason, balance(store, closed), balance(store, dose)) == ("BROKEN", 7, 11)
    with pytest.raises(IntegrityError):
        ledger.waste(store=store, lines=[EntryLine(closed, 1)], reason="", context=context())
