"""The ledger of vaccine and material: every change of stock is a document with movements, written here.

The database moves the balances in the statement that inserts the movements. It refuses movements that would take a
balance below zero or use a blocked or expired batch, and it lets nobody edit a document (docs/adr/0008-ledger.md). A
mistake is reversed by another document. Locks: docs/locking.md. Each operation may also raise TooMuch.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, cast

from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import Region, StockBalance, StockDocument, StockItem, StockMovement, StorageCondition, Store
from logistics.models import VaccinationSite as Site
from logistics.models.stock import IRREVERSIBLE_KINDS
from logistics.stock import announcing, errors, items

P = ParamSpec("P")

Kind = StockDocument.Kind
Reason = StockDocument.Reason

# What may be recorded later than it happened. An ordinary stocktake is not here: it says what is there now.
_MAY_BE_LATE = (Kind.OPENING, Kind.CONSUMPTION, Kind.WASTE)


_COLUMNS = {field.attname: str(field.column) for field in StockDocument._meta.concrete_fields if not field.primary_key}
_INSERT = f"""
WITH document AS (
    INSERT INTO logistics_stockdocument ({", ".join(_COLUMNS.values())}) VALUES ({", ".join(["%s"] * len(_COLUMNS))})
    RETURNING id
), movements AS (
    INSERT INTO logistics_stockmovement (document_id, item_id, quantity)
    SELECT document.id, changed.item, changed.quantity
    FROM document, unnest(%s::bigint[], %s::integer[]) WITH ORDINALITY AS changed (item, quantity, place)
    ORDER BY changed.place
)
SELECT id FROM document
"""  # noqa: S608 (our own names)


@dataclass(frozen=True)
class EntryLine:
    """An item and its amount, above zero: vials, doses of opened vials, or pieces of a material."""

    item: StockItem
    quantity: int


@dataclass(frozen=True)
class Count:
    """An item with the amount that a stocktake found, and the amount that the page had shown before."""

    item: StockItem
    shown: int
    counted: int


@dataclass(frozen=True)
class EntryContext:
    """The person who acts, the time, the note and the form. A form that is sent twice is recorded once.

    `happened_at` is for what people did earlier and could not record then, as in an outage: vials opened, doses used
    or wasted. Such an entry is judged by what was true at that moment, and belongs to its day. It says
    nothing about any other kind of entry.
    """

    by: User | None
    now: datetime
    form: Sending = NO_FORM
    note: str = ""
    happened_at: datetime | None = None

    @property
    def moment(self) -> datetime:
        """The time at which it happened."""
        return self.now if self.happened_at is None else self.happened_at


def _once(operation: Callable[P, StockDocument]) -> Callable[P, StockDocument]:
    """Record a form once, however often it is sent; later sendings get the first one's document. Raises FormChanged."""

    @wraps(operation)
    def recorded(*args: P.args, **kwargs: P.kwargs) -> StockDocument:
        made: list[StockDocument] = []

        def record() -> Outcome:
            made.append(operation(*args, **kwargs))
            return {"document": made[0].pk}

        context = cast("EntryContext", kwargs["context"])
        outcome = sent_forms.once(context.form, record) or {}
        return made[0] if made else StockDocument.objects.get(pk=outcome["document"])

    return recorded


def establish(
    *,
    context: EntryContext,
    site: Site | None = None,
    region: Region | None = None,
    name: str = "",
    phone: str = "",
    lines: Iterable[EntryLine] = (),
) -> Store:
    """Establish the store of a site, of a region, or (with a `name` and the `phone` to call) of a distributor.

    `lines` is the stock that is there already; it may hold opened vials. Raises StoreExists.
    """
    new: list[Store] = []

    def record() -> Outcome:
        kind = Store.Kind.SITE if site else Store.Kind.REGION if region else Store.Kind.DISTRIBUTOR
        try:
            with transaction.atomic():
                store = Store.objects.create(
                    kind=kind, site=site, region=region, name=str(site or region or name), phone=phone
                )
        except IntegrityError as error:
            raise errors.StoreExists from error
        _record(Kind.ESTABLISHMENT, store, _summed(lines), context)
        new.append(store)
        return {"store": store.pk}

    outcome = sent_forms.once(context.form, record) or {}
    return new[0] if new else Store.objects.get(pk=outcome["store"])


@_once
def receive(
    *, store: Store, lines: Iterable[EntryLine], context: EntryContext, outside_party: str = ""
) -> StockDocument:
    """Take in stock from outside the network; `outside_party` names the supplier.

    Nobody delivers opened vials. It counts towards what was announced. Raises NothingToRecord, NotOpened.
    """
    document = _record(Kind.RECEIPT, store, _required(_closed(lines)), context, outside_party=outside_party)
    announcing.count_arrival(document)
    return document


@_once
def send(*, store: Store, to: Store, lines: Iterable[EntryLine], context: EntryContext) -> StockDocument:
    """Send stock to another store. It leaves this store at once and is in transit until the other confirms it.

    Stock that must not be used may still go back to a distributor. Raises SameStore, NothingToRecord, NotOpened,
    NotEnoughStock, BatchBlocked, BatchExpired, UseByPassed.
    """
    if to == store:
        raise errors.SameStore
    return _record(Kind.DISPATCH, store, _taken(_closed(lines)), context, counterpart=to)


@_once
def confirm_delivery(
    *, dispatch: StockDocument, counted: Mapping[int, int], context: EntryContext, reason: str = ""
) -> StockDocument:
    """Take in the stock of `dispatch` as it was `counted`, by item id; an item that is not named did not come.

    Where the counted amounts differ from the sent ones, `reason` says why. The difference stays on record: the two
    documents stand side by side. It counts towards what was announced. Raises NotInTransit, DifferenceNeedsReason.
    """
    _lock(dispatch)
    if not StockDocument.objects.in_transit().filter(pk=dispatch.pk).exists():
        raise errors.NotInTransit
    sent = {movement.item_id: -movement.quantity for movement in dispatch.movements.all()}
    came = {item: counted.get(item, 0) for item in sent}
    if counted.keys() - sent.keys() or any(quantity < 0 for quantity in came.values()):
        raise errors.NothingToRecord
    if came != sent and not reason:
        raise errors.DifferenceNeedsReason
    store = dispatch.counterpart
    assert store is not None, "dispatch_goes_elsewhere"  # noqa: S101 (a constraint of the database)
    attempt = StockDocument.objects.filter(confirms=dispatch).count() + 1
    more = {"counterpart": dispatch.store, "confirms": dispatch, "attempt": attempt}
    document = _record(Kind.DELIVERY, store, came, context, reason=reason if came != sent else "", **more)
    announcing.count_arrival(document)
    return document


@_once
def issue(*, store: Store, lines: Iterable[EntryLine], outside_party: str, context: EntryContext) -> StockDocument:
    """Hand over stock to `outside_party`, somebody outside the network. Raises as `send`."""
    return _record(Kind.ISSUE, store, _taken(_closed(lines)), context, outside_party=outside_party)


@_once
def change_storage(
    *, store: Store, item: StockItem, vials: int, to: StorageCondition, context: EntryContext
) -> StockDocument:
    """Thaw vials or move them to another storage condition, whose clock starts. Raises NoSuchStorage and as `send`."""
    _require_positive(vials)
    if item.is_open or to == StorageCondition.OPEN:
        raise errors.NotOpened
    after = items.moved_to(item, to, now=context.now)
    return _record(Kind.STORAGE, store, {item.pk: -vials, after.pk: vials}, context)


@_once
def open_vials(
    *, store: Store, item: StockItem, vials: int, context: EntryContext, doses: int | None = None
) -> StockDocument:
    """Open vials; their doses may be used until the clock of opened vials runs out.

    `doses` is how many are drawn from them, by default as many as delivered for. An extra dose from a vial is the
    normal case, not an error. The clock of vials that were opened earlier began then (`context.happened_at`). Raises
    WrongDoses, NotOpened, NotFromTheFuture, BeforeTheStore and as `send`.
    """
    _require_positive(vials)
    if item.is_open or item.doses_per_vial is None:
        raise errors.NotOpened
    most = item.most_doses_in(vials)
    drawn = item.doses_in(vials) if doses is None else doses
    if not 0 < drawn <= most:
        raise errors.WrongDoses(most=most)
    opened = items.moved_to(item, StorageCondition.OPEN, now=context.moment)
    return _record(Kind.OPENING, store, {item.pk: -vials, opened.pk: drawn}, context)


@_once
def consume(*, store: Store, item: StockItem, doses: int, context: EntryContext) -> StockDocument:
    """Use doses of opened vials that were given to people, or pieces of a material.

    Raises NotOpened, NotEnoughStock, BatchBlocked, BatchExpired, UseByPassed, NotFromTheFuture, BeforeTheStore.
    """
    return consume_with(store=store, item=item, doses=doses, context=context)


def consume_with(*, store: Store, item: StockItem, doses: int, context: EntryContext) -> StockDocument:
    """`consume` as a part of an operation, in its transaction and under its form; `context` has no form."""
    _require_positive(doses)
    if item.material_id is None and not item.is_open:
        raise errors.NotOpened
    return _record(Kind.CONSUMPTION, store, {item.pk: -doses}, context)


@_once
def add_extra_dose(*, store: Store, item: StockItem, doses: int, context: EntryContext) -> StockDocument:
    """Count `doses` more that were drawn from opened vials than had been recorded at their opening.

    Raises NotOpened, NothingToRecord, and WrongDoses where so many cannot have been in the vials that the store opened.
    """
    _require_positive(doses)
    if not item.is_open:
        raise errors.NotOpened
    # Two who count an extra dose of the same vials wait for each other at the store: what was drawn is a sum of rows.
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)
    standing = StockDocument.objects.not_reversed().filter(store=store)
    openings = standing.filter(kind=Kind.OPENING, movements__item=item)
    drawing = Q(kind=Kind.OPENING) | Q(kind=Kind.STOCKTAKE, reason=Reason.EXTRA_DOSE)
    vials = -_moved(StockMovement.objects.filter(document__in=openings, quantity__lt=0))
    drawn = _moved(StockMovement.objects.filter(document__in=standing.filter(drawing), item=item))
    most = item.most_doses_in(vials)
    if drawn + doses > most:
        raise errors.WrongDoses(most=most)
    return _record(Kind.STOCKTAKE, store, {item.pk: doses}, context, reason=Reason.EXTRA_DOSE)


@_once
def waste(*, store: Store, lines: Iterable[EntryLine], reason: str, context: EntryContext) -> StockDocument:
    """Write off closed vials, doses left in opened ones, or material. Raises NothingToRecord, NotEnoughStock."""
    return _record(Kind.WASTE, store, _taken(lines), context, reason=reason)


@_once
def take_stock(
    *, store: Store, counts: Iterable[Count], context: EntryContext, reason: str = Reason.MISCOUNTED
) -> StockDocument:
    """Set balances to the counted amounts; a count without a difference is recorded too. Raises CountedMeanwhile."""
    counted = {count.item.pk: count for count in counts}
    if any(count.counted < 0 for count in counted.values()):
        raise errors.NothingToRecord
    # Two stocktakes of one store wait for each other at the store: an item without a balance has no row to lock.
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)
    _require_balances(store, {item: count.shown for item, count in counted.items()})
    differences = {item: count.counted - count.shown for item, count in counted.items()}
    try:
        document = _record(
            Kind.STOCKTAKE, store, differences, context, reason=reason if any(differences.values()) else ""
        )
    except errors.NotEnoughStock as error:
        raise errors.CountedMeanwhile from error
    # The first look locked no balance; the trigger did so when it moved them, in its one order. A movement between
    # the two shows in this second look.
    _require_balances(store, {item: count.counted for item, count in counted.items()})
    return document


@_once
def reverse(*, document: StockDocument, context: EntryContext, reason: str = Reason.MISTAKE) -> StockDocument:
    """Reverse `document` by another one that moves exactly the opposite.

    Raises CannotReverse, AlreadyReversed, DeliveredMeanwhile, and NotEnoughStock where the stock was used meanwhile.
    """
    if document.kind in IRREVERSIBLE_KINDS:
        raise errors.CannotReverse
    _lock(document)
    if StockDocument.objects.filter(reverses=document).exists():
        raise errors.AlreadyReversed
    if document.kind == Kind.DISPATCH and not StockDocument.objects.in_transit().filter(pk=document.pk).exists():
        raise errors.DeliveredMeanwhile
    opposite = {movement.item_id: -movement.quantity for movement in document.movements.all()}
    return _record(Kind.REVERSAL, document.store, opposite, context, reverses=document, reason=reason)


def _record(kind: Kind, store: Store, changes: Mapping[int, int], context: EntryContext, **more: Any) -> StockDocument:
    """Write a document and its movements; a refusal of the database becomes one of `errors`."""
    happened_at = context.happened_at if kind in _MAY_BE_LATE else None
    if happened_at is not None:
        _require_possible(store, happened_at, now=context.now)
    document = StockDocument(
        kind=kind,
        store=store,
        happened_on=timezone.localdate(happened_at or context.now),
        happened_at=happened_at,
        recorded_at=context.now,
        recorded_by=context.by,
        note=context.note,
        **more,
    )
    try:
        with transaction.atomic():
            _insert(document, {item: quantity for item, quantity in sorted(changes.items()) if quantity})
    except DatabaseError as error:
        refusal = _REFUSALS.get(getattr(error.__cause__, "sqlstate", None) or "")
        if refusal is None:
            raise
        raise refusal(json.loads(error.__cause__.diag.message_detail or "{}")) from None  # type: ignore[union-attr]
    return document


def _insert(document: StockDocument, changes: Mapping[int, int]) -> None:
    """Insert the document and its movements by one statement: the trigger then locks all balances in their one order.

    It is text, because each dose comes by (docs/performance.md).
    """
    values = [getattr(document, name) for name in _COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*values, list(changes), list(changes.values())])
        (document.pk,) = cursor.fetchone()
    document._state.adding, document._state.db = False, connection.alias


def _lock(document: StockDocument) -> None:
    """Make those who confirm or reverse the document wait for each other."""
    StockDocument.objects.select_for_update(no_key=True).get(pk=document.pk)


def _require_possible(store: Store, happened_at: datetime, *, now: datetime) -> None:
    if happened_at > now:
        raise errors.NotFromTheFuture
    established = StockDocument.objects.filter(store=store, kind=Kind.ESTABLISHMENT).order_by("pk").first()
    if established and timezone.localdate(happened_at) < established.happened_on:
        raise errors.BeforeTheStore(day=established.happened_on)


def _moved(movements: QuerySet[StockMovement]) -> int:
    return movements.aggregate(sum=Sum("quantity"))["sum"] or 0


def _require_balances(store: Store, expected: Mapping[int, int]) -> None:
    rows = StockBalance.objects.filter(store=store, item__in=expected)
    have = dict(rows.values_list("item_id", "quantity"))
    if any(have.get(item, 0) != quantity for item, quantity in expected.items()):
        raise errors.CountedMeanwhile


def _summed(lines: Iterable[EntryLine]) -> dict[int, int]:
    changes: dict[int, int] = {}
    for line in lines:
        _require_positive(line.quantity)
        changes[line.item.pk] = changes.get(line.item.pk, 0) + line.quantity
    return changes


def _required(lines: Iterable[EntryLine]) -> dict[int, int]:
    changes = _summed(lines)
    if not changes:
        raise errors.NothingToRecord
    return changes


def _taken(lines: Iterable[EntryLine]) -> dict[int, int]:
    return {item: -quantity for item, quantity in _required(lines).items()}


def _closed(lines: Iterable[EntryLine]) -> list[EntryLine]:
    listed = list(lines)
    if any(line.item.is_open for line in listed):
        raise errors.NotOpened
    return listed


def _require_positive(quantity: int) -> None:
    if quantity <= 0:
        raise errors.NothingToRecord


def _item(detail: Mapping[str, int]) -> StockItem:
    return StockItem.objects.select_related("batch__vaccine", "material").get(pk=detail["item"])


def _not_enough(detail: Mapping[str, int]) -> errors.StockError:
    return errors.NotEnoughStock(item=_item(detail).label, have=detail["have"], wanted=detail["wanted"])


def _blocked(detail: Mapping[str, int]) -> errors.StockError:
    item = _item(detail)
    return errors.BatchBlocked(item=item.label, reason=item.batch.block_reason if item.batch else "")


def _expired(detail: Mapping[str, int]) -> errors.StockError:
    item = _item(detail)
    assert item.batch is not None and item.batch.expires_on is not None, "CR103"  # noqa: S101, PT018
    return errors.BatchExpired(item=item.label, expires_on=item.batch.expires_on)


def _past(detail: Mapping[str, int]) -> errors.StockError:
    item = _item(detail)
    assert item.use_by is not None, "CR104"  # noqa: S101
    return errors.UseByPassed(item=item.label, use_by=item.use_by)


# From the database's refusals (logistics/sql/) to errors in words for people.
_REFUSALS: dict[str, Callable[[Mapping[str, int]], errors.StockError]] = {
    "CR101": _not_enough,
    "CR102": _blocked,
    "CR103": _expired,
    "CR104": _past,
    "22003": lambda _detail: errors.TooMuch(),  # more than an integer of the database holds
}
