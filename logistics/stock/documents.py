"""The documents of a store as its screens show them: the lines of each, and whether it can be reversed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.query import prefetch_related_objects

from logistics.models import StockDocument, StockItem, StockMovement, Store
from logistics.models.stock import IRREVERSIBLE_KINDS, StockDocumentQuerySet
from logistics.stock.on_hand import Holding, amount

Kind = StockDocument.Kind
LATEST = 10
IN_TRANSIT_SHOWN = 50


@dataclass(frozen=True)
class DocumentLine:
    """A line of a document: the amount that it added to a store (positive) or took from it (negative)."""

    item: StockItem
    quantity: int
    now: datetime

    @property
    def holding(self) -> Holding:
        """The line as an amount of its item."""
        return Holding(self.item, abs(self.quantity), self.now)

    @property
    def sign(self) -> str:
        """Plus or minus, for people."""
        return "+" if self.quantity > 0 else "−"


@dataclass
class ShownDocument:
    """A document with its lines. The page sets `may_reverse` where it offers to reverse the document."""

    document: StockDocument
    changes: list[DocumentLine]
    may_reverse: bool = False

    @property
    def reversal(self) -> StockDocument | None:
        """The document that reversed it."""
        return getattr(self.document, "reversed_by", None)

    @property
    def reversal_lines(self) -> list[DocumentLine]:
        """The lines of its reversal."""
        return [DocumentLine(change.item, -change.quantity, change.now) for change in self.changes]

    @property
    def has_note(self) -> bool:
        """Whether a delivery note goes with it."""
        return self.document.kind in (Kind.DISPATCH, Kind.ISSUE)

    @property
    def is_reversible(self) -> bool:
        """Whether the documents allow to reverse it now. The ledger may still refuse: stock may have been used."""
        is_reversible_kind = self.document.kind not in IRREVERSIBLE_KINDS
        return is_reversible_kind and self.reversal is None and not self.document.is_confirmed  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Sides:
    """A line of a transfer as it was sent and as it came."""

    item: StockItem
    sent: int
    came: int

    @property
    def sent_text(self) -> str:
        """The sent amount in words."""
        return amount(self.item, self.sent)

    @property
    def came_text(self) -> str:
        """The delivered amount in words."""
        return amount(self.item, self.came)

    @property
    def difference(self) -> str:
        """The missing or surplus amount in words; empty where both sides agree."""
        over = self.came - self.sent
        return f"{'+' if over > 0 else '−'}{amount(self.item, abs(over))}" if over else ""


@dataclass(frozen=True)
class Transfer:
    """A dispatch, the delivery that confirms it if there is one, and their lines side by side."""

    dispatch: StockDocument
    delivery: StockDocument | None
    sides: list[Sides]

    @property
    def differs(self) -> bool:
        """Whether the delivered amounts differ from the sent ones."""
        return any(side.difference for side in self.sides)


@dataclass(frozen=True)
class Desk:
    """The documents on a store's first page: deliveries on the way to it and from it, and its latest documents."""

    incoming: list[ShownDocument]
    outgoing: list[ShownDocument]
    latest: list[ShownDocument]


def documents() -> StockDocumentQuerySet:
    """Documents with the columns of their lists; `is_confirmed` says that a dispatch was delivered."""
    delivered = StockDocument.objects.delivering(OuterRef("pk"))
    found = StockDocument.objects.annotate(is_confirmed=Exists(delivered))
    return found.select_related("store", "counterpart", "recorded_by", "reversed_by", "reverses", "confirms")


def entries(found: Iterable[StockDocument], now: datetime) -> list[ShownDocument]:
    """The documents with their lines. One query for all lines."""
    listed = list(found)
    moved = StockMovement.objects.select_related("item__batch__vaccine", "item__material").order_by("pk")
    prefetch_related_objects(listed, Prefetch("movements", moved))
    return [
        ShownDocument(document, [DocumentLine(row.item, row.quantity, now) for row in document.movements.all()])
        for document in listed
    ]


def entry(document: StockDocument, now: datetime) -> ShownDocument:
    """A document with its lines; it need not come from `documents()`."""
    return entries(documents().filter(pk=document.pk), now)[0]


def desk(store: Store, now: datetime) -> Desk:
    """The documents on the store's first page. Three queries."""
    moving = documents().in_transit().filter(Q(store=store) | Q(counterpart=store))
    on_the_way = list(moving[:IN_TRANSIT_SHOWN])
    both = entries([*on_the_way, *documents().filter(store=store)[:LATEST]], now)
    transit, latest = both[: len(on_the_way)], both[len(on_the_way) :]
    return Desk(
        incoming=[shown for shown in transit if shown.document.counterpart_id == store.pk],
        outgoing=[shown for shown in transit if shown.document.store_id == store.pk],
        latest=latest,
    )


def transfer(document: StockDocument, now: datetime) -> Transfer | None:
    """The transfer to which a dispatch or a delivery belongs; None for any other document."""
    dispatch = document.confirms if document.kind == Kind.DELIVERY else document
    if dispatch is None or dispatch.kind != Kind.DISPATCH:
        return None
    delivery = document
    if document.kind == Kind.DISPATCH:
        found = StockDocument.objects.delivering(dispatch).first()
        if found is None:
            return Transfer(dispatch, None, [])
        delivery = found
    sent, came = (shown.changes for shown in (entry(dispatch, now), entry(delivery, now)))
    numbers = {change.item.pk: change.quantity for change in came}
    sides = [Sides(change.item, -change.quantity, numbers.get(change.item.pk, 0)) for change in sent]
    return Transfer(dispatch, delivery, sides)


def last_supplier(store: Store) -> str:
    """The supplier of the last receipt, and the likely one of the next; empty: none yet."""
    receipts = StockDocument.objects.filter(store=store, kind=Kind.RECEIPT).exclude(outside_party="")
    return receipts.values_list("outside_party", flat=True).first() or ""
