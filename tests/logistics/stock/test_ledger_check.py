"""Every promise of the ledger can be broken by raw SQL, and `check_ledger` then names where."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from logistics.models import StockDocument, StockItem, StorageCondition
from logistics.stock import items, ledger, ledger_check
from logistics.stock.ledger import Count, EntryLine
from tests.factories import context, make_distributor, make_store, make_swabs, make_vials, opened
from tests.logistics.stock.ledger.proofs import execute

pytestmark = pytest.mark.django_db

World = dict[str, Any]


@pytest.fixture
def world() -> World:
    """Two sites and a distributor with every kind of document."""
    closed, other, swab = make_vials(), make_vials("FE8405"), make_swabs()
    far, here = make_distributor(EntryLine(other, 100)), make_store(EntryLine(swab, 50))
    there = make_store()
    receipt = ledger.receive(store=here, lines=[EntryLine(closed, 20), EntryLine(other, 5)], context=context())
    dispatch = ledger.send(store=here, to=there, lines=[EntryLine(closed, 4), EntryLine(swab, 10)], context=context())
    counted = {closed.pk: 3, swab.pk: 10}
    delivery = ledger.confirm_delivery(dispatch=dispatch, counted=counted, reason="LOST", context=context())
    on_its_way = ledger.send(store=here, to=far, lines=[EntryLine(closed, 2)], context=context())
    opening = ledger.open_vials(store=here, item=closed, vials=2, doses=13, context=context())
    dose = opened(opening)
    consumption = ledger.consume(store=here, item=dose, doses=5, context=context())
    waste = ledger.waste(store=here, lines=[EntryLine(dose, 1)], reason="SPOILED", context=context())
    change = ledger.change_storage(store=here, item=closed, vials=3, to=StorageCondition.THAWED, context=context())
    issue = ledger.issue(store=here, lines=[EntryLine(other, 1)], outside_party="Nemocnice", context=context())
    ledger.take_stock(store=here, counts=[Count(swab, 40, 39)], context=context())
    reversal = ledger.reverse(
        document=ledger.receive(store=here, lines=[EntryLine(other, 7)], context=context()), context=context()
    )
    bigger = items.vaccine_item(batch=closed.batch, doses_per_vial=5, storage="OPEN", use_by=dose.use_by)  # type: ignore[arg-type]
    named = {"closed": closed, "other": other, "swab": swab, "dose": dose, "bigger": bigger, "far": far, "here": here}
    papers = {"receipt": receipt, "dispatch": dispatch, "delivery": delivery, "way": on_its_way, "opening": opening}
    more = {"consumption": consumption, "waste": waste, "storage": change, "issue": issue, "reversal": reversal}
    return {name: row.pk for name, row in {**named, **papers, **more, "there": there}.items()}


@contextmanager
def guards_off() -> Iterator[None]:
    """Triggers and foreign keys sleep, as for somebody who has the database's own rights."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET LOCAL session_replication_role = replica")
    yield
    execute("SET LOCAL session_replication_role = origin")


def falsify(sql: str, world: World) -> list[ledger_check.Difference]:
    assert ledger_check.differences() == []
    with guards_off(), connection.cursor() as cursor:
        cursor.execute(sql, world)
    return ledger_check.differences()


BALANCE = "A balance is the sum of its movements."
NOT_NEGATIVE = "No balance is below zero."
EXTRA = "An extra dose is more of opened vials that the store had opened."
DAY = "No day ends below zero."
ANSWERS = "A delivery confirms a dispatch the other way round."
BRINGS = "A delivery brings only what was sent."
SAYS_WHY = "A delivery that differs from what was sent says why."
ONCE = "A dispatch is delivered at most once, and not when it was reversed."
REVERSES = (
    "A reversal stands in the store of the document it reverses; that is neither a reversal nor an establishment."
)
OPPOSITE = "A reversal moves exactly the opposite."
DIRECTION = "What comes in adds, what goes out takes."
OPENING = "Opening turns vials into doses of the same batch and size."
STORAGE = "A change of storage keeps every vial."

# A document like another one, `%(...)s` being the other.
COPY = """
    INSERT INTO logistics_stockdocument (kind, store_id, counterpart_id, confirms_id, reverses_id, attempt, reason,
        outside_party, happened_on, recorded_at, note, import_row)
    SELECT {values}, '', happened_on, recorded_at, '', '' FROM logistics_stockdocument WHERE id = {like}
"""
# More of an item in a document, with the balance that goes with it: the sums stay right.
MOVE = """
    UPDATE logistics_stockmovement SET quantity = quantity + ({by}) WHERE document_id = {of} AND item_id = {item};
    UPDATE logistics_stockbalance SET quantity = quantity + ({by}) WHERE item_id = {item}
        AND store_id = (SELECT store_id FROM logistics_stockdocument WHERE id = {of});
"""
BROUGHT_AGAIN = """;
    INSERT INTO logistics_stockmovement (document_id, item_id, quantity)
    SELECT max(id), %(closed)s, 1 FROM logistics_stockdocument;
    UPDATE logistics_stockbalance SET quantity = quantity + 1 WHERE store_id = %(there)s AND item_id = %(closed)s
"""
AS_ANOTHER = "UPDATE logistics_stockmovement SET item_id = {other} WHERE document_id = {of} AND item_id = {item};"

# what is done: the promise that it breaks, what the report says of it
CASES: dict[str, tuple[str, str, str]] = {
    "a balance by hand": (
        "UPDATE logistics_stockbalance SET quantity = 99 WHERE store_id = %(here)s AND item_id = %(closed)s",
        *(BALANCE, "Comirnaty EJ6797, STORED, 6 doses a vial"),
    ),
    "a balance deleted": (
        "DELETE FROM logistics_stockbalance WHERE store_id = %(there)s AND item_id = %(closed)s",
        *(BALANCE, "should be 3, is nothing at all (1 in all)."),
    ),
    "a balance of nothing": (
        "INSERT INTO logistics_stockbalance (store_id, item_id, quantity) VALUES (%(far)s, %(swab)s, 5)",
        *(BALANCE, "should be 0, is 5 (1 in all)."),
    ),
    "a movement deleted": (
        "DELETE FROM logistics_stockmovement WHERE document_id = %(issue)s",
        *(BALANCE, "should be 5, is 4 (1 in all)."),
    ),
    "a movement behind the trigger's back": (
        "INSERT INTO logistics_stockmovement (document_id, item_id, quantity) VALUES (%(receipt)s, %(swab)s, 1)",
        *(BALANCE, "should be 40, is 39 (1 in all)."),
    ),
    "a negative balance": (
        "ALTER TABLE logistics_stockbalance DROP CONSTRAINT balance_is_not_negative;"
        + MOVE.format(by=-41, of="%(receipt)s", item="%(closed)s"),
        *(NOT_NEGATIVE, "should be zero or more, is -32 (1 in all)."),
    ),
    "a dispatch on a day before its receipt": (
        "UPDATE logistics_stockdocument SET happened_on = '2027-01-08' WHERE id = %(dispatch)s",
        *(DAY, "DL-2027-"),
    ),
    "a delivery from elsewhere": (
        "UPDATE logistics_stockdocument SET counterpart_id = %(far)s WHERE id = %(delivery)s",
        *(ANSWERS, "PD-2027-"),
    ),
    "a delivery of a receipt": (
        "UPDATE logistics_stockdocument SET confirms_id = %(receipt)s WHERE id = %(delivery)s",
        *(ANSWERS, "of a RECEIPT"),
    ),
    "a delivery of something else": (
        AS_ANOTHER.format(other="%(other)s", of="%(delivery)s", item="%(swab)s"),
        *(BRINGS, "Comirnaty FE8405"),
    ),
    "a difference without a word": (
        "UPDATE logistics_stockdocument SET reason = '' WHERE id = %(delivery)s",
        *(SAYS_WHY, "should be 4, is 3 (1 in all)."),
    ),
    "a second delivery": (
        COPY.format(like="%(delivery)s", values="kind, store_id, counterpart_id, confirms_id, NULL, 2, reason"),
        *(ONCE, "should be at most 1 delivery not reversed, is 2 (1 in all)."),
    ),
    "a delivered dispatch reversed": (
        COPY.format(like="%(dispatch)s", values="'REVERSAL', store_id, NULL, NULL, id, 1, 'MISTAKE'"),
        *(ONCE, "should be no delivery, it was reversed, is 1 (1 in all)."),
    ),
    "a reversal in another store": (
        "UPDATE logistics_stockdocument SET store_id = %(there)s WHERE id = %(reversal)s",
        *(REVERSES, "ST-2027-"),
    ),
    "a reversal of a reversal": (
        COPY.format(like="%(reversal)s", values="'REVERSAL', store_id, NULL, NULL, id, 1, 'MISTAKE'"),
        *(REVERSES, "of a REVERSAL"),
    ),
    "a reversal of half": (
        MOVE.format(by=3, of="%(reversal)s", item="%(other)s"),
        *(OPPOSITE, "should be -7, is -4 (1 in all)."),
    ),
    "a reversal of what was not moved": (
        AS_ANOTHER.format(other="%(swab)s", of="%(reversal)s", item="%(other)s"),
        *(OPPOSITE, "(2 in all)."),
    ),
    "a receipt that takes": (
        "UPDATE logistics_stockmovement SET quantity = -1 WHERE document_id = %(receipt)s AND item_id = %(other)s",
        *(DIRECTION, "should be above zero, is -1 (1 in all)."),
    ),
    "a delivery that takes": (
        "UPDATE logistics_stockmovement SET quantity = -2 WHERE document_id = %(delivery)s AND item_id = %(swab)s",
        *(DIRECTION, "should be above zero, is -2 (1 in all)."),
    ),
    "a dispatch that adds": (MOVE.format(by=11, of="%(dispatch)s", item="%(swab)s"), DIRECTION, "should be below zero"),
    "an issue that adds": (MOVE.format(by=2, of="%(issue)s", item="%(other)s"), DIRECTION, "VY-2027-"),
    "doses used that come": (MOVE.format(by=6, of="%(consumption)s", item="%(dose)s"), DIRECTION, "SP-2027-"),
    "waste that comes": (MOVE.format(by=2, of="%(waste)s", item="%(dose)s"), DIRECTION, "ZN-2027-"),
    "an opening of vials of another size": (
        AS_ANOTHER.format(other="%(bigger)s", of="%(opening)s", item="%(dose)s"),
        *(OPENING, "is -2 vials, 13 doses, 2 lines of 2 batch (1 in all)."),
    ),
    "an opening without doses": (
        "DELETE FROM logistics_stockmovement WHERE document_id = %(opening)s AND quantity > 0",
        *(OPENING, "is -2 vials,  doses, 1 lines of 1 batch (1 in all)."),
    ),
    "an opening of nothing": (
        "DELETE FROM logistics_stockmovement WHERE document_id = %(opening)s",
        *(OPENING, "should be vials of one item less, its doses more"),
    ),
    "an opening of swabs": (
        AS_ANOTHER.format(other="%(swab)s", of="%(opening)s", item="%(closed)s"),
        *(OPENING, "2 lines of 2 batch (1 in all)."),
    ),
    "a thawing that loses a vial": (
        MOVE.format(by=-1, of="%(storage)s", item="%(closed)s"),
        *(STORAGE, "is -1 vials in 2 lines of 1 batch, 0 opened (1 in all)."),
    ),
    "a thawing into another batch": (
        AS_ANOTHER.format(other="%(other)s", of="%(storage)s", item="%(closed)s"),
        *(STORAGE, "is 0 vials in 2 lines of 2 batch, 0 opened (1 in all)."),
    ),
    "a thawing into opened doses": (
        AS_ANOTHER.format(other="%(dose)s", of="%(storage)s", item="%(closed)s"),
        *(STORAGE, "is 0 vials in 2 lines of 1 batch, 1 opened (1 in all)."),
    ),
    "an extra dose of swabs": (
        "UPDATE logistics_stockdocument SET reason = 'EXTRA_DOSE' WHERE kind = 'STOCKTAKE'",
        *(EXTRA, "is -1 in 1 lines, opened: f (1 in all)."),
    ),
    "a vial in two places": (
        COPY.format(like="%(delivery)s", values="kind, store_id, counterpart_id, confirms_id, NULL, 2, reason")
        + BROUGHT_AGAIN,
        *(ledger_check.NETWORK, "item "),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_whatever_is_falsified_is_named(world: World, case: str) -> None:
    sql, promise, words = CASES[case]
    found = {difference.promise: difference for difference in falsify(sql, world)}
    assert promise in found
    assert words in str(found[promise])


def test_every_promise_is_broken_by_some_case() -> None:
    assert {promise for _sql, promise, _words in CASES.values()} == {*ledger_check.PROMISES, ledger_check.NETWORK}


@pytest.mark.parametrize(
    "case", ["a dispatch on a day before its receipt", "a difference without a word", "a thawing into another batch"]
)
def test_one_lie_breaks_only_the_promises_that_it_concerns(world: World, case: str) -> None:
    sql, promise, _words = CASES[case]
    names = [difference.promise for difference in falsify(sql, world)]
    assert promise in names
    assert len(names) <= 4


def test_the_whole_network_is_counted_by_the_papers_and_not_by_the_sums(world: World) -> None:
    """A vial that is in two places has its movement and its balance, and the sums are content."""
    sql, _promise, _words = CASES["a vial in two places"]
    assert BALANCE not in {difference.promise for difference in falsify(sql, world)}


def test_flows_tell_what_came_left_was_lost_and_is_on_its_way(world: World) -> None:
    flow = next(flow for flow in ledger_check.flows() if flow.item == world["closed"])
    assert (flow.unit, flow.came, flow.left, flow.transfers_off) == ("vials", 20, 2, -1)
    assert (flow.held, flow.in_transit) == (15, 2)
    doses = next(flow for flow in ledger_check.flows() if flow.unit == "doses")
    assert (doses.came, doses.left, doses.held) == (13, 6, 7)


def test_the_command_says_what_it_checked(world: World) -> None:
    out = StringIO()
    call_command("check_ledger", stdout=out)
    told = " ".join(out.getvalue().split())
    documents, stock = StockDocument.objects.count(), StockItem.objects.count()
    assert "check_ledger: all 14 promises hold" in told
    assert f"stores 3 items {stock} documents {documents} movements 19 promises 14 promises broken 0" in told
    assert "came left differing deliveries held on their way" in told
    assert "pieces of material 50 1 +0 49 0" in told


def test_the_command_on_an_empty_ledger_is_content() -> None:
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert "stores 0 items 0 documents 0 movements 0" in " ".join(out.getvalue().split())


def test_the_command_fails_and_names_store_item_document_and_both_figures(world: World) -> None:
    falsify("UPDATE logistics_stockbalance SET quantity = quantity + 1", world)
    out = StringIO()
    with pytest.raises(CommandError, match="2 of 14 promises are broken"):
        call_command("check_ledger", stderr=out)
    first = out.getvalue().splitlines()[0]
    number = StockDocument.objects.filter(store=world["far"]).latest("pk").number
    assert first.startswith(f"A balance is the sum of its movements. store {world['far']} Distributor ")
    assert first.endswith(f"document {number}: should be 100, is 101 (8 in all).")
