"""The whereabouts of a batch for a recall: the stores that hold it, await it and used it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from crs.csv_download import Cell
from logistics.models import Batch, StockBalance, StockDocument, StockMovement, StorageCondition, Store
from logistics.models.stock import DOSES, IS_OPEN


@dataclass(frozen=True)
class BatchHolding:
    """Stock of a batch in a store and one storage condition: either closed `vials`, or doses of `opened` vials."""

    store: Store
    storage: str
    use_by: datetime | None
    doses_per_vial: int
    vials: int
    opened: int

    @property
    def doses(self) -> int:
        """Doses that are there: in closed vials as delivered for, or opened."""
        return self.vials * self.doses_per_vial + self.opened

    @property
    def storage_condition(self) -> str:
        """The storage condition in words."""
        return str(StorageCondition(self.storage).label)


@dataclass(frozen=True)
class Transit:
    """Vials of a batch on the way from one store to another."""

    document: StockDocument
    vials: int
    doses: int


@dataclass(frozen=True)
class Use:
    """Doses of a batch that a store used on a day; a recall concerns the people who got them."""

    store: Store
    day: date
    doses: int


@dataclass(frozen=True)
class Whereabouts:
    """The stores that hold a batch, its vials on the way, and its uses."""

    held: list[BatchHolding]
    in_transit: list[Transit]
    used: list[Use]

    @property
    def stores(self) -> int:
        """The number of stores that hold the batch."""
        return len({row.store.pk for row in self.held})

    @property
    def vials(self) -> int:
        """Closed vials, those on the way included."""
        return sum(row.vials for row in self.held) + sum(row.vials for row in self.in_transit)

    @property
    def opened(self) -> int:
        """Doses of opened vials."""
        return sum(row.opened for row in self.held)

    @property
    def doses(self) -> int:
        """All doses, those on the way included."""
        return sum(row.doses for row in self.held) + sum(row.doses for row in self.in_transit)


def holders(batch: Batch, *, stores: QuerySet[Store] | None = None) -> Whereabouts:
    """The whereabouts of the batch within `stores` (default: everywhere). Three queries."""
    balances = StockBalance.objects.present().filter(item__batch=batch)
    movements = StockMovement.objects.filter(item__batch=batch)
    moving = movements.filter(document__in=StockDocument.objects.in_transit())
    used = movements.not_reversed().filter(document__kind=StockDocument.Kind.CONSUMPTION)
    if stores is not None:
        mine = stores.values("pk")
        balances = balances.filter(store__in=mine)
        moving = moving.filter(Q(document__store__in=mine) | Q(document__counterpart__in=mine))
        used = used.filter(document__store__in=mine)
    return Whereabouts(held=_held(balances), in_transit=_in_transit(moving), used=_used(used))


def amounts(found: Iterable[Batch], *, stores: QuerySet[Store]) -> dict[int, tuple[int, int]]:
    """Closed vials and all doses of each batch in `stores`, by its id; one query."""
    rows = StockBalance.objects.present().filter(store__in=stores.values("pk"), item__batch__in=list(found))
    vials = Coalesce(Sum("quantity", filter=~IS_OPEN), 0)
    summed = rows.values_list("item__batch").annotate(vials=vials, doses=Sum(DOSES))
    return {batch: (vials, doses) for batch, vials, doses in summed.order_by()}


def _held(balances: QuerySet[StockBalance]) -> list[BatchHolding]:
    rows = balances.select_related("item", "store__site", "store__region")
    return [
        BatchHolding(
            store=row.store,
            storage=row.item.storage,
            use_by=row.item.use_by,
            doses_per_vial=row.item.doses_per_vial or 0,
            vials=0 if row.item.is_open else row.quantity,
            opened=row.quantity if row.item.is_open else 0,
        )
        for row in rows.order_by("store__name__czech", "store", "item__storage", "item__use_by", "item")
    ]


def _in_transit(movements: QuerySet[StockMovement]) -> list[Transit]:
    rows = movements.select_related("item", "document__store", "document__counterpart")
    return [
        Transit(document=row.document, vials=-row.quantity, doses=row.item.doses_in(-row.quantity))
        for row in rows.order_by("document", "pk")
    ]


def _used(movements: QuerySet[StockMovement]) -> list[Use]:
    rows = movements.values_list("document__store", "document__happened_on").annotate(doses=-Sum("quantity"))
    found = list(rows.order_by("document__store__name__czech", "document__store", "document__happened_on"))
    stores = Store.objects.in_bulk({store for store, _day, _doses in found})
    return [Use(store=stores[store], day=day, doses=doses) for store, day, doses in found]


def uses(rows: Iterable[Use]) -> list[list[Cell]]:
    """The table of uses for a recall: a line a store and day."""
    head: list[Cell] = [_("store"), _("day"), _("doses used")]
    lines: list[list[Cell]] = [[row.store.name, row.day, row.doses] for row in rows]
    return [head, *lines]
