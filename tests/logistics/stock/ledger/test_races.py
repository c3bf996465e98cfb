"""Many people at one shelf on real PostgreSQL, and the control twins that show what happens without the guard."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import F

from logistics.models import Batch, StockBalance, StockDocument, StockItem, Store
from logistics.stock import errors, ledger, ledger_check
from logistics.stock.ledger import Count, EntryLine
from logistics.vaccines import batches
from tests.factories import NOW, balance, context, make_site, make_store, make_swabs, make_vials, opened
from tests.logistics.stock.ledger.proofs import execute
from tests.race import race, race_in_processes, tally

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def closed() -> StockItem:
    return make_vials()


@pytest.fixture
def store(closed: StockItem) -> Store:
    return make_store(EntryLine(closed, 1000))


@pytest.fixture(autouse=True)
def it_adds_up_in_the_end() -> Any:
    """Whatever the race was, every balance is right when it is over."""
    yield
    assert ledger_check.differences() == []


def doses_of(store: Store, item: StockItem, *, doses: int) -> StockItem:
    """So many doses of one opened vial."""
    return opened(ledger.open_vials(store=store, item=item, vials=1, doses=doses, context=context()))


def name_of_outcome(racer: Callable[[], Any]) -> str:
    """What came of it as a word, which goes from process to process."""
    try:
        return type(racer()).__name__
    except Exception as error:  # the outcome is what the test looks at
        return type(error).__name__


# --- the last dose ------------------------------------------------------------------------------


def test_the_last_dose_drawn_by_two_people_at_once_is_drawn_by_one(store: Store, closed: StockItem) -> None:
    for _ in range(10):
        dose = doses_of(store, closed, doses=1)
        outcomes = race(*[partial(ledger.consume, store=store, item=dose, doses=1, context=context())] * 2)
        assert tally(outcomes) == {"StockDocument": 1, "NotEnoughStock": 1}
        refused = next(outcome for outcome in outcomes if isinstance(outcome, errors.NotEnoughStock))
        assert (refused.have, refused.wanted) == (0, 1)
        assert balance(store, dose) == 0
        ledger.waste(store=store, lines=[EntryLine(closed, 1)], reason="BROKEN", context=context())


def test_of_40_people_in_several_processes_exactly_7_draw_the_7_doses(store: Store, closed: StockItem) -> None:
    dose = doses_of(store, closed, doses=7)
    draw = partial(ledger.consume, store=store, item=dose, doses=1, context=context())
    outcomes = race_in_processes(*[partial(name_of_outcome, draw)] * 40)
    assert {name: outcomes.count(name) for name in outcomes} == {"StockDocument": 7, "NotEnoughStock": 33}
    assert balance(store, dose) == 0


MOVE_BALANCES = (settings.BASE_DIR / "logistics" / "sql" / "move_balances.sql").read_text()
GUARDED = """
        UPDATE logistics_stockbalance b SET quantity = b.quantity + change.quantity
        WHERE b.store_id = change.store_id AND b.item_id = change.item_id AND b.quantity + change.quantity >= 0;
        CONTINUE WHEN FOUND;
"""
UNGUARDED = """
        SELECT quantity INTO held FROM logistics_stockbalance
        WHERE store_id = change.store_id AND item_id = change.item_id;
        IF held + change.quantity >= 0 THEN
            PERFORM pg_sleep(0.05);
            UPDATE logistics_stockbalance SET quantity = held + change.quantity
            WHERE store_id = change.store_id AND item_id = change.item_id;
            CONTINUE;
        END IF;
"""


def test_control_twin_that_looks_and_then_writes_issues_more_vials_than_there_are(closed: StockItem) -> None:
    """The ledger itself, but for its one guarded statement."""
    store = make_store(EntryLine(closed, 3))
    issue = partial(
        ledger.issue, store=store, lines=[EntryLine(closed, 1)], outside_party="Nemocnice", context=context()
    )
    assert tally(race(*[issue] * 7)) == {"StockDocument": 3, "NotEnoughStock": 4}
    ledger.receive(store=store, lines=[EntryLine(closed, 3)], context=context())
    assert GUARDED in MOVE_BALANCES
    execute(MOVE_BALANCES.replace(GUARDED, UNGUARDED))
    try:
        issued = tally(race(*[issue] * 7))["StockDocument"]
    finally:
        execute(MOVE_BALANCES)
    assert issued > 3
    assert ledger_check.differences()
    _bring_in_behind_the_balance(store, closed, balance(store, closed) - (3 - issued))


def _bring_in_behind_the_balance(store: Store, item: StockItem, quantity: int) -> None:
    """Movements of what the twin lost, so that the store adds up again."""
    execute("ALTER TABLE logistics_stockmovement DISABLE TRIGGER movements_move_balances")
    try:
        ledger.receive(store=store, lines=[EntryLine(item, quantity)], context=context())
    finally:
        execute("ALTER TABLE logistics_stockmovement ENABLE TRIGGER movements_move_balances")


# --- many movements -----------------------------------------------------------------------------


def test_100_movements_of_one_balance_in_both_directions_all_count(store: Store, closed: StockItem) -> None:
    racers: list[Callable[[], Any]] = []
    for _ in range(50):
        racers.append(partial(ledger.receive, store=store, lines=[EntryLine(closed, 3)], context=context()))
        racers.append(
            partial(ledger.waste, store=store, lines=[EntryLine(closed, 2)], reason="BROKEN", context=context())
        )
    assert tally(race(*racers)) == {"StockDocument": 100}
    assert balance(store, closed) == 1000 + 50 * 3 - 50 * 2


def test_transfers_that_cross_with_lines_in_opposite_orders_do_not_deadlock(store: Store, closed: StockItem) -> None:
    things = [closed, make_vials("FE8405"), make_vials("EK1768"), make_swabs()]
    there = make_store(*(EntryLine(item, 1000) for item in things))
    ledger.receive(store=store, lines=[EntryLine(item, 1000) for item in things[1:]], context=context())

    def there_and_back(store: Store, to: Store, items: list[StockItem]) -> str:
        lines = [EntryLine(item, 1) for item in items]
        dispatch = ledger.send(store=store, to=to, lines=lines, context=context())
        ledger.confirm_delivery(dispatch=dispatch, counted={item.pk: 1 for item in items}, context=context())
        return "moved"

    racers = []
    for turn in range(20):
        turned = things[turn % 4 :] + things[: turn % 4]
        racers.append(partial(there_and_back, store, there, turned))
        racers.append(partial(there_and_back, there, store, turned[::-1]))
    assert set(race(*racers)) == {"moved"}
    assert {balance(place, item) for place in (store, there) for item in things} == {1000}


def test_control_twin_that_moves_balances_in_the_order_of_the_lines_deadlocks(store: Store, closed: StockItem) -> None:
    """One statement a line, as the lines were typed; on the balances themselves, with the guards off."""
    other = make_swabs()
    ledger.receive(store=store, lines=[EntryLine(other, 1000)], context=context())
    execute("ALTER TABLE logistics_stockbalance DISABLE TRIGGER balances_follow_movements")
    both_have_one = threading.Barrier(2, timeout=30)

    def move(first: StockItem, second: StockItem) -> None:
        with transaction.atomic():
            StockBalance.objects.filter(store=store, item=first).update(quantity=F("quantity") - 0)
            both_have_one.wait()
            StockBalance.objects.filter(store=store, item=second).update(quantity=F("quantity") - 0)

    try:
        outcomes = race(partial(move, closed, other), partial(move, other, closed))
    finally:
        execute("ALTER TABLE logistics_stockbalance ENABLE TRIGGER balances_follow_movements")
    assert "OperationalError" in tally(outcomes)


def test_the_first_movements_of_items_that_no_balance_knows_yet_may_come_at_once(store: Store) -> None:
    for number in range(5):
        things = [make_vials(f"NEW{number}{letter}") for letter in "ABC"]
        receives = [
            partial(ledger.receive, store=store, lines=[EntryLine(item, 1) for item in order], context=context())
            for order in (things, things[::-1], things[1:], things[:2]) * 4
        ]
        assert tally(race(*receives)) == {"StockDocument": 16}
        assert [balance(store, item) for item in things] == [12, 16, 12]


def test_the_same_vial_opened_by_several_at_once_is_one_new_item(store: Store, closed: StockItem) -> None:
    """The item of opened doses does not exist before, and all make it."""
    outcomes = race(*[partial(ledger.open_vials, store=store, item=closed, vials=1, context=context())] * 14)
    assert tally(outcomes) == {"StockDocument": 14}
    assert balance(store, StockItem.objects.get(storage="OPEN")) == 14 * 6


# --- one document, two answers ------------------------------------------------------------------


def test_of_two_who_confirm_a_delivery_one_is_late(store: Store, closed: StockItem) -> None:
    there = make_store()
    for _ in range(5):
        dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 2)], context=context())
        confirm = partial(ledger.confirm_delivery, dispatch=dispatch, counted={closed.pk: 2}, context=context())
        assert tally(race(*[confirm] * 4)) == {"StockDocument": 1, "NotInTransit": 3}
    assert balance(there, closed) == 10


def test_a_dispatch_is_either_confirmed_or_reversed(store: Store, closed: StockItem) -> None:
    there = make_store()
    for turn in range(12):
        dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 1)], context=context())
        racers: list[Callable[[], Any]] = [
            partial(ledger.confirm_delivery, dispatch=dispatch, counted={closed.pk: 1}, context=context()),
            partial(ledger.reverse, document=dispatch, context=context()),
        ]
        counts = tally(race(*racers[:: 1 if turn % 2 else -1]))
        assert counts in ({"StockDocument": 1, "DeliveredMeanwhile": 1}, {"StockDocument": 1, "NotInTransit": 1})
    assert balance(store, closed) + balance(there, closed) == 1000


def test_of_two_who_reverse_a_document_one_is_late(store: Store, closed: StockItem) -> None:
    for _ in range(5):
        document = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
        outcomes = race(*[partial(ledger.reverse, document=document, context=context())] * 4)
        assert tally(outcomes) == {"StockDocument": 1, "AlreadyReversed": 3}
    assert balance(store, closed) == 1000


def test_nobody_uses_a_batch_after_it_was_blocked(store: Store, closed: StockItem, admin_user: Any) -> None:
    """Whoever drew before the block has a document; after it was committed nobody draws any more."""
    dose = doses_of(store, closed, doses=8)
    batch = Batch.objects.get()

    def block() -> int:
        batches.block(batch=batch, reason="Recall", by=admin_user, now=NOW)
        return balance(store, dose)

    draws = [partial(ledger.consume, store=store, item=dose, doses=1, context=context())] * 8
    outcomes = race(*draws[:2], block, *draws[2:])
    assert set(tally(outcomes)) <= {"StockDocument", "BatchBlocked", "int"}
    assert balance(store, dose) == outcomes[2]


# --- stocktakes ---------------------------------------------------------------------------------


def test_of_two_stocktakes_of_an_item_without_a_balance_one_counts_again(store: Store) -> None:
    for number in range(5):
        item = make_vials(f"NEW{number}")
        counts = [
            partial(ledger.take_stock, store=store, counts=[Count(item, 0, n)], context=context()) for n in (3, 4)
        ]
        assert tally(race(*counts)) == {"StockDocument": 1, "CountedMeanwhile": 1}
        assert balance(store, item) in (3, 4)


def test_a_stocktake_among_movements_finds_what_it_counted_or_counts_again(store: Store, closed: StockItem) -> None:
    for number in range(8):
        new = make_vials(f"NEW{number}")
        have = balance(store, closed)
        # The new item has no row, the old one has: two ways to take hold of them, which must not cross.
        for first, second in ((closed, new), (new, closed)):
            counts = [Count(first, balance(store, first), 7), Count(second, balance(store, second), 9)]
            receive = partial(
                ledger.receive, store=store, lines=[EntryLine(new, 1), EntryLine(closed, 1)], context=context()
            )
            outcomes = race(
                *[receive] * 3, partial(ledger.take_stock, store=store, counts=counts, context=context()), receive
            )
            assert set(tally(outcomes)) <= {"StockDocument", "CountedMeanwhile"}
            assert tally(outcomes)["StockDocument"] >= 4
        assert have >= 0


# --- double clicks ------------------------------------------------------------------------------


def test_a_double_click_at_once_is_recorded_once_and_answered_twice(store: Store, closed: StockItem) -> None:
    """Whichever act: the second click gets the document of the first, never a refusal nor a fault."""
    there = make_store()
    dose = doses_of(store, closed, doses=1)

    def racers(name: str) -> Callable[[], Any]:
        once = context(key=uuid4())
        if name == "confirm":
            dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 1)], context=context())
            return partial(ledger.confirm_delivery, dispatch=dispatch, counted={closed.pk: 1}, context=once)
        if name == "reverse":
            document = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
            return partial(ledger.reverse, document=document, context=once)
        if name == "stocktake":
            have = balance(store, closed)
            return partial(ledger.take_stock, store=store, counts=[Count(closed, have, have - 1)], context=once)
        if name == "open":
            return partial(ledger.open_vials, store=store, item=closed, vials=1, context=once)
        if name == "last dose":
            return partial(ledger.consume, store=store, item=dose, doses=1, context=once)
        return partial(ledger.send, store=store, to=there, lines=[EntryLine(closed, 1)], context=once)

    for name in ("confirm", "reverse", "stocktake", "open", "last dose", "send") * 2:
        before = StockDocument.objects.count()
        racer = racers(name)
        prepared = StockDocument.objects.count()
        outcomes = race(*[racer] * 5)
        assert tally(outcomes) == {"StockDocument": 5}, name
        assert len({outcome.pk for outcome in outcomes}) == 1, name
        assert StockDocument.objects.count() == prepared + 1, (name, before)
        dose = doses_of(store, closed, doses=1)


def test_a_store_established_by_a_double_click_is_one(closed: StockItem) -> None:
    for number in range(5):
        site = make_site(f"Hala {number}")
        racer = partial(ledger.establish, site=site, lines=[EntryLine(closed, 5)], context=context(key=uuid4()))
        outcomes = race(*[racer] * 5)
        assert tally(outcomes) == {"Store": 5}
        assert {balance(store, closed) for store in outcomes} == {5}
        others = race(*[partial(ledger.establish, site=site, context=context())] * 2)
        assert tally(others) == {"StoreExists": 2}
