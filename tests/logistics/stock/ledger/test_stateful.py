"""Any entries in any order against a plain model of the ledger, alone and many at once: it always adds up."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from crs.errors import DomainError
from logistics.models import Batch, StockBalance, StockDocument, StockItem, StorageCondition, Store
from logistics.stock import ledger, ledger_check
from logistics.stock.ledger import Count, EntryLine
from tests.factories import LAST_DAY, NOW, PRAGUE, context, make_distributor, make_store, make_swabs, make_vials, opened
from tests.logistics.stock.ledger.proofs import KEEPS
from tests.race import race

BATCHES = ("EJ6797", "FE8405")
EXPIRY = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, tzinfo=PRAGUE) + timedelta(days=1)
STORES = st.integers(0, 2)
QUANTITIES = st.integers(1, 9)
DIFFERENCES = st.sampled_from([0, 0, 0, 1, -1])
LATE = st.sampled_from([0, 0, 0, 0.5, 3, 24]).map(lambda hours: timedelta(hours=hours))
NOT_LATE = timedelta()
NEXT = {"STORED": ("THAWED", "ROOM"), "THAWED": ("ROOM",), "ROOM": (), "OPEN": ()}

# What the model calls an item: batch, storage condition and end of the clock; ("", "", None) is the material.
Name = tuple[str, str, datetime | None]
SWABS: Name = ("", "", None)


@dataclass(eq=False)
class _Paper:
    """A document of the model: what it did to which store, and what became of it."""

    row: StockDocument
    kind: str
    store: int
    changes: dict[Name, int]
    to: int = -1
    confirms: "_Paper | None" = None
    is_reversed: bool = False


@dataclass
class _Model:
    """What the ledger should hold, in plain Python; it knows nothing of the code that it stands against."""

    now: datetime = NOW
    blocked: dict[str, datetime] = field(default_factory=dict)
    held: Counter[tuple[int, Name]] = field(default_factory=Counter)
    papers: list[_Paper] = field(default_factory=list)

    def clock(self, name: Name, storage: str, late: timedelta = NOT_LATE) -> datetime:
        """When a vial of `name` that was moved to `storage` so long ago is to be used by."""
        start = (self.now - late).astimezone(UTC).replace(second=0, microsecond=0)
        running = None if name[1] == "ROOM" else name[2]
        return min(end for end in (start + KEEPS[storage], EXPIRY.astimezone(UTC), running) if end)

    def unusable(self, name: Name, late: timedelta) -> str | None:
        """Why `name` might not be used so long ago."""
        then = self.now - late
        if name[0] in self.blocked and (not late or self.blocked[name[0]] <= then):
            return "BatchBlocked"
        if name[0] and then >= EXPIRY:
            return "BatchExpired"
        return "UseByPassed" if name[2] and name[2] < then else None

    def refusal(self, store: int, changes: Mapping[Name, int], *, is_use: bool, late: timedelta = NOT_LATE) -> set[str]:
        """The reasons of which one must be given; none: it must go through."""
        if (self.now - late).date() < NOW.date():
            return {"BeforeTheStore"}
        taken = [name for name, quantity in changes.items() if quantity < 0]
        reasons = {reason for name in taken if is_use and (reason := self.unusable(name, late))}
        if reasons:
            return reasons
        short = any(self.held[store, name] + changes[name] < 0 for name in taken)
        return {"NotEnoughStock"} if short else set()

    def is_delivered(self, dispatch: _Paper) -> bool:
        return any(paper.confirms is dispatch and not paper.is_reversed for paper in self.papers)

    def on_their_way(self) -> list[_Paper]:
        dispatches = [paper for paper in self.papers if paper.kind == "DISPATCH" and not paper.is_reversed]
        return [paper for paper in dispatches if not self.is_delivered(paper)]


class _Ledger(RuleBasedStateMachine):
    """Three stores (two sites and a distributor), two batches, swabs, made once; each run is rolled back."""

    first_rows: Mapping[Name, StockItem]
    first_stores: Sequence[Store]

    @classmethod
    def prepare(cls) -> None:
        """Make what each run begins with."""
        cls.first_rows = {(number, "STORED", None): make_vials(number) for number in BATCHES} | {SWABS: make_swabs()}
        lines = [EntryLine(item, 12) for item in cls.first_rows.values()]
        cls.first_stores = [make_store(*lines), make_store(*lines), make_distributor(*lines)]

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.savepoint()
        self.model = _Model()
        self.rows, self.stores = deepcopy((dict(self.first_rows), list(self.first_stores)))
        self.model.held.update({(store, name): 12 for store in range(3) for name in self.rows})

    def teardown(self) -> None:
        assert ledger_check.differences() == []
        assert self.balances() == +self.model.held
        transaction.savepoint_rollback(self.point)

    # --- what the machine does ------------------------------------------------------------------

    @rule(store=STORES, number=st.sampled_from(BATCHES), vials=QUANTITIES, pieces=QUANTITIES)
    def receive(self, store: int, number: str, vials: int, pieces: int) -> None:
        changes = {(number, "STORED", None): vials, SWABS: pieces}
        lines = self.lines(changes)
        self.expect(
            "RECEIPT",
            store,
            changes,
            lambda: ledger.receive(store=self.stores[store], lines=lines, context=self.context()),
        )

    @rule(store=STORES, step=st.sampled_from([1, 1, 2, 2, 0]), data=st.data(), quantity=QUANTITIES, more=QUANTITIES)
    def send(self, store: int, step: int, data: st.DataObject, quantity: int, more: int) -> None:
        to = (store + step) % 3
        names = {self.choose(data, store, lambda name: name[1] != "OPEN"): quantity, SWABS: more}
        changes = {name: -many for name, many in names.items()}
        self.expect(
            "DISPATCH",
            store,
            changes,
            lambda: ledger.send(
                store=self.stores[store], to=self.stores[to], lines=self.lines(names), context=self.context()
            ),
            refused={"SameStore"} if store == to else set(),
            is_use=to != 2,
            to=to,
        )

    @rule(store=STORES, data=st.data(), quantity=QUANTITIES)
    def issue(self, store: int, data: st.DataObject, quantity: int) -> None:
        name = self.choose(data, store)
        self.expect(
            "ISSUE",
            store,
            {name: -quantity},
            lambda: ledger.issue(
                store=self.stores[store],
                lines=self.lines({name: quantity}),
                outside_party="Nemocnice",
                context=self.context(),
            ),
            refused={"NotOpened"} if name[1] == "OPEN" else set(),
            is_use=True,
        )

    @precondition(lambda self: self.model.papers)
    @rule(data=st.data(), less=DIFFERENCES, reason=st.sampled_from(["", "LOST"]))
    def confirm_something(self, data: st.DataObject, less: int, reason: str) -> None:
        self.confirm(data.draw(st.sampled_from(self.model.papers)), less, reason)

    @precondition(lambda self: self.model.on_their_way())
    @rule(data=st.data(), less=DIFFERENCES)
    def confirm_what_comes(self, data: st.DataObject, less: int) -> None:
        self.confirm(data.draw(st.sampled_from(self.model.on_their_way())), less, "LOST")

    def confirm(self, dispatch: _Paper, less: int, reason: str) -> None:
        changes = {name: max(0, -quantity - less) for name, quantity in dispatch.changes.items()}
        refused = set()
        if dispatch not in self.model.on_their_way():
            refused = {"NotInTransit"}
        elif less and not reason:
            refused = {"DifferenceNeedsReason"}
        counted = {self.rows[name].pk: quantity for name, quantity in changes.items()}
        self.expect(
            "DELIVERY",
            dispatch.to,
            changes,
            lambda: ledger.confirm_delivery(
                dispatch=dispatch.row, counted=counted, context=self.context(), reason=reason
            ),
            refused=refused,
            confirms=dispatch,
        )

    @rule(store=STORES, data=st.data(), vials=QUANTITIES, to=st.sampled_from(["THAWED", "ROOM", "STORED"]))
    def change_storage(self, store: int, data: st.DataObject, vials: int, to: str) -> None:
        name = self.choose(data, store, lambda name: name[0] and name[1] != "OPEN")
        after = (name[0], to, self.model.clock(name, to)) if to in NEXT[name[1]] else SWABS
        self.expect(
            "STORAGE",
            store,
            {name: -vials, after: vials},
            lambda: ledger.change_storage(
                store=self.stores[store],
                item=self.rows[name],
                vials=vials,
                to=StorageCondition(to),
                context=self.context(),
            ),
            refused={"NoSuchStorage"} if after == SWABS else set(),
            is_use=True,
        )

    @rule(store=STORES, data=st.data(), vials=st.integers(1, 3), doses=st.integers(1, 27), late=LATE)
    def open_vials(self, store: int, data: st.DataObject, vials: int, doses: int, late: timedelta) -> None:
        name = self.choose(data, store)
        refused = set()
        after = SWABS
        if not name[0] or name[1] == "OPEN":
            refused = {"NotOpened"}
        else:
            after = (name[0], "OPEN", self.model.clock(name, "OPEN", late))
            refused = {"WrongDoses"} if doses > vials * 8 else set()
        self.expect(
            "OPENING",
            store,
            {name: -vials, after: doses},
            lambda: ledger.open_vials(
                store=self.stores[store], item=self.rows[name], vials=vials, doses=doses, context=self.context(late)
            ),
            refused=refused,
            is_use=True,
            late=late,
        )

    @rule(store=STORES, data=st.data(), doses=st.sampled_from([1, 1, 1, 2, 5]))
    def add_extra_dose(self, store: int, data: st.DataObject, doses: int) -> None:
        name = self.choose(data, store)
        openings = [paper for paper in self.standing(store, "OPENING") if name in paper.changes]
        drawn = sum(paper.changes.get(name, 0) for paper in openings + self.standing(store, "EXTRA_DOSE"))
        vials = -sum(quantity for paper in openings for quantity in paper.changes.values() if quantity < 0)
        refused = {"WrongDoses"} if drawn + doses > vials * 8 else set()
        self.expect(
            "EXTRA_DOSE",
            store,
            {name: doses},
            lambda: ledger.add_extra_dose(
                store=self.stores[store], item=self.rows[name], doses=doses, context=self.context()
            ),
            refused={"NotOpened"} if name[1] != "OPEN" else refused,
        )

    def standing(self, store: int, kind: str) -> list[_Paper]:
        papers = [paper for paper in self.model.papers if paper.kind == kind and paper.store == store]
        return [paper for paper in papers if not paper.is_reversed]

    @rule(store=STORES, data=st.data(), doses=QUANTITIES, late=LATE)
    def consume(self, store: int, data: st.DataObject, doses: int, late: timedelta) -> None:
        name = self.choose(data, store)
        self.expect(
            "CONSUMPTION",
            store,
            {name: -doses},
            lambda: ledger.consume(
                store=self.stores[store], item=self.rows[name], doses=doses, context=self.context(late)
            ),
            refused={"NotOpened"} if name[0] and name[1] != "OPEN" else set(),
            is_use=True,
            late=late,
        )

    @rule(store=STORES, data=st.data(), quantity=QUANTITIES)
    def waste(self, store: int, data: st.DataObject, quantity: int) -> None:
        name = self.choose(data, store)
        lines = self.lines({name: quantity})
        self.expect(
            "WASTE",
            store,
            {name: -quantity},
            lambda: ledger.waste(store=self.stores[store], lines=lines, reason="BROKEN", context=self.context()),
        )

    @rule(store=STORES, data=st.data(), counted=st.integers(0, 12), wrong=st.sampled_from([0, 0, 0, 1]))
    def take_stock(self, store: int, data: st.DataObject, counted: int, wrong: int) -> None:
        name = self.choose(data, store)
        have = self.model.held[store, name]
        count = Count(self.rows[name], have + wrong, counted)
        self.expect(
            "STOCKTAKE",
            store,
            {name: counted - have},
            lambda: ledger.take_stock(store=self.stores[store], counts=[count], context=self.context()),
            refused={"CountedMeanwhile"} if wrong else set(),
        )

    @precondition(lambda self: self.model.papers)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        paper = data.draw(st.sampled_from(self.model.papers))
        refused = set()
        if paper.kind == "REVERSAL":
            refused = {"CannotReverse"}
        elif paper.is_reversed:
            refused = {"AlreadyReversed"}
        elif paper.kind == "DISPATCH" and self.model.is_delivered(paper):
            refused = {"DeliveredMeanwhile"}
        back = {name: -quantity for name, quantity in paper.changes.items()}
        done = self.expect(
            "REVERSAL",
            paper.store,
            back,
            lambda: ledger.reverse(document=paper.row, context=self.context()),
            refused=refused,
        )
        if done:
            paper.is_reversed = True

    @rule(number=st.sampled_from(BATCHES))
    def block_or_unblock(self, number: str) -> None:
        is_blocked = number not in self.model.blocked
        if is_blocked:
            self.model.blocked[number] = self.model.now
        else:
            del self.model.blocked[number]
        Batch.objects.filter(number=number).update(
            blocked_at=self.model.now if is_blocked else None, block_reason="Recall" if is_blocked else ""
        )

    @rule(hours=st.sampled_from([0.02, 1, 3, 30, 24 * 20]))
    def time_passes(self, hours: float) -> None:
        self.model.now += timedelta(hours=hours)

    @invariant()
    def balances_are_what_the_model_says(self) -> None:
        assert self.balances() == +self.model.held

    # --- how it looks ---------------------------------------------------------------------------

    def expect(
        self,
        kind: str,
        store: int,
        changes: dict[Name, int],
        what: Callable[[], StockDocument],
        *,
        refused: set[str] = frozenset(),  # type: ignore[assignment]
        is_use: bool = False,
        late: timedelta = NOT_LATE,
        **more: Any,
    ) -> bool:
        """Do it; it must go through or be refused exactly as the model says. Return whether it went through."""
        changes = {name: quantity for name, quantity in changes.items() if quantity}
        reasons = refused or self.model.refusal(store, changes, is_use=is_use, late=late)
        written = StockDocument.objects.count()
        document = outcome_of(what)
        if isinstance(document, DomainError):
            assert type(document).__name__ in reasons
            assert StockDocument.objects.count() == written
            return False
        assert not reasons
        written_down: dict[Name, int] = {}
        for movement in document.movements.select_related("item__batch"):
            name = name_of(movement.item)
            self.rows[name] = movement.item
            assert changes.pop(name) == movement.quantity
            self.model.held[store, name] += movement.quantity
            written_down[name] = movement.quantity
        assert not changes
        self.model.papers.append(_Paper(document, kind, store, written_down, **more))
        return True

    def context(self, late: timedelta = NOT_LATE) -> ledger.EntryContext:
        now = self.model.now
        return ledger.EntryContext(by=None, now=now, happened_at=now - late if late else None)

    def choose(self, data: st.DataObject, store: int, fits: Callable[[Name], object] = lambda name: True) -> Name:
        """One of the items that ever were, mostly one that the store has."""
        names = [name for name in self.rows if fits(name)]
        return data.draw(st.sampled_from([name for name in names if self.model.held[store, name]] * 4 + names))

    def lines(self, names: Mapping[Name, int]) -> list[EntryLine]:
        return [EntryLine(self.rows[name], quantity) for name, quantity in names.items()]

    def balances(self) -> Counter[tuple[int, Name]]:
        rows = StockBalance.objects.filter(store__in=self.stores).select_related("item__batch").order_by("pk")
        places = {store.pk: place for place, store in enumerate(self.stores)}
        return +Counter({(places[row.store_id], name_of(row.item)): row.quantity for row in rows})


def outcome_of(what: Callable[[], StockDocument]) -> StockDocument | DomainError:
    try:
        return what()
    except DomainError as error:
        return error


def name_of(item: StockItem) -> Name:
    return (item.batch.number, item.storage, item.use_by) if item.batch else SWABS


def moved(document: StockDocument) -> dict[Name, int]:
    return {name_of(row.item): row.quantity for row in document.movements.select_related("item__batch")}


@pytest.mark.django_db
def test_any_acts_in_any_order_leave_the_ledger_as_a_plain_model_says() -> None:
    _Ledger.prepare()
    run_state_machine_as_test(
        _Ledger,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


# --- many at once -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_any_acts_of_many_people_at_once_leave_it_adding_up(seed: int) -> None:
    closed = [make_vials(number) for number in BATCHES]
    things = [*closed, make_swabs()]
    stores = [make_store(*(EntryLine(item, 20) for item in things)) for _ in range(2)] + [make_distributor()]
    dice = random.Random(seed)
    outcomes = race(*[_any_act(random.Random(dice.random()), stores, things) for _ in range(140)])
    # Nothing but documents and refusals: no deadlock, no fault.
    faults = [outcome for outcome in outcomes if not isinstance(outcome, StockDocument | DomainError)]
    assert faults == []
    assert sum(isinstance(outcome, StockDocument) for outcome in outcomes) > 40
    assert ledger_check.differences() == []


def _any_act(dice: random.Random, stores: list[Store], things: list[StockItem]) -> Callable[[], Any]:
    """Something that a person could do, decided by what is there when its turn comes."""
    store, there = dice.sample(stores, 2)
    some = dice.sample(things, 2)
    lines = [EntryLine(item, dice.randint(1, 4)) for item in some]
    vial = dice.choice(things[:2])
    doses = dice.randint(1, 4)

    def draw() -> Any:
        opening = ledger.open_vials(store=store, item=vial, vials=1, context=context())
        return ledger.consume(store=store, item=opened(opening), doses=doses, context=context())

    def confirm() -> Any:
        dispatch = StockDocument.objects.filter(kind="DISPATCH", counterpart=store).order_by("?").first()
        if dispatch is None:
            return ledger.receive(store=store, lines=lines, context=context())
        counted = {row.item_id: max(0, -row.quantity - doses % 2) for row in dispatch.movements.all()}
        return ledger.confirm_delivery(dispatch=dispatch, counted=counted, reason="LOST", context=context())

    def take_stock() -> Any:
        have = dict(StockBalance.objects.filter(store=store).values_list("item", "quantity"))
        counts = [Count(item, have.get(item.pk, 0), doses) for item in some]
        return ledger.take_stock(store=store, counts=counts, context=context())

    def reverse() -> Any:
        document = StockDocument.objects.filter(store=store).exclude(kind="ESTABLISHMENT").order_by("?").first()
        if document is None:
            return ledger.receive(store=store, lines=lines, context=context())
        return ledger.reverse(document=document, context=context())

    def send() -> Any:
        return ledger.send(store=store, to=there, lines=lines, context=context())

    def waste() -> Any:
        return ledger.waste(store=store, lines=lines, reason="BROKEN", context=context())

    return dice.choice([draw, draw, confirm, confirm, take_stock, reverse, send, send, waste])
