"""Reports of stock for a store, a region or the country: the stock, its use and its waste.

Every question is one or two statements that add up in the database, whatever the number of stores. A reversed document
does not count, nor does its reversal. Days are days in Prague (`happened_on`).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Case, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from crs.czech_order import order_of_name
from logistics.models import (
    Batch,
    Region,
    StockBalance,
    StockDocument,
    StockMovement,
    Store,
    Vaccine,
)
from logistics.models.stock import DOSES, IS_OPEN
from logistics.models.stores import STORES_REGION
from logistics.vaccines.batches import state_of

Kind = StockDocument.Kind
Reason = StockDocument.Reason


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """The days of the period."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class BatchStock:
    """The stock of a batch."""

    batch: Batch
    vials: int
    doses_in_vials: int
    opened: int
    incoming_vials: int
    incoming_doses: int
    use_by: datetime | None
    today: date

    @property
    def doses(self) -> int:
        """Doses in closed vials and in opened ones."""
        return self.doses_in_vials + self.opened

    @property
    def state(self) -> str:
        """The state of the batch, as `state_of` names it."""
        return state_of(self.batch, today=self.today)


@dataclass(frozen=True)
class Usage:
    """Doses used in a period: the vaccines in their order, and the days on which any were used."""

    vaccines: list[Vaccine]
    by_day: dict[date, dict[str, int]]

    def rows(self) -> list[tuple[date, list[int], int]]:
        """The rows of the table: a day, its doses in the order of the vaccines, and their sum."""
        found = []
        for day, doses in sorted(self.by_day.items()):
            amounts = [doses.get(vaccine.pk, 0) for vaccine in self.vaccines]
            found.append((day, amounts, sum(amounts)))
        return found

    def totals(self) -> list[int]:
        """Doses of the whole period in the order of the vaccines, and their sum at the end."""
        sums = [sum(doses.get(vaccine.pk, 0) for doses in self.by_day.values()) for vaccine in self.vaccines]
        return [*sums, sum(sums)]


@dataclass
class Wasted:
    """The doses of a vaccine that were used, gained and wasted in a period."""

    vaccine: Vaccine
    consumed: int = 0
    # Doses drawn beyond those for which the opened vials were delivered; below zero where fewer were drawn.
    extra: int = 0
    closed: dict[str, int] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)

    @property
    def doses_closed(self) -> int:
        """Doses wasted in closed vials."""
        return sum(self.closed.values())

    @property
    def doses_opened(self) -> int:
        """Doses wasted from opened vials."""
        return sum(self.opened.values())

    @property
    def doses(self) -> int:
        """Doses wasted."""
        return self.doses_closed + self.doses_opened

    @property
    def percent(self) -> float | None:
        """The waste rate."""
        return waste_rate(wasted=self.doses, consumed=self.consumed)

    @property
    def percent_by_vials(self) -> tuple[float, float]:
        """The two parts of the waste rate: of closed vials, and of opened ones."""
        if not self.doses or self.percent is None:
            return 0.0, 0.0
        return self.percent * self.doses_closed / self.doses, self.percent * self.doses_opened / self.doses

    @property
    def reasons(self) -> list[tuple[str, int, int]]:
        """The reasons: each in words, with the doses in closed vials and those of opened ones."""
        named = [str(reason) for reason in Reason if reason in self.closed or reason in self.opened]
        return [(str(Reason(key).label), self.closed.get(key, 0), self.opened.get(key, 0)) for key in named]


@dataclass
class ReportLine:
    """A region or a store in a report's table: its stock, and the doses used and wasted in the period."""

    name: str
    key: str | int | None = None
    vials: int = 0
    doses: int = 0
    incoming: int = 0
    consumed: int = 0
    wasted: int = 0

    @property
    def percent(self) -> float | None:
        """The waste rate."""
        return waste_rate(wasted=self.wasted, consumed=self.consumed)


def waste_rate(*, wasted: int, consumed: int) -> float | None:
    """The share of wasted doses in all that were wasted or consumed, 0 to 100; None where there were none."""
    whole = wasted + consumed
    return wasted / whole * 100 if whole else None


def stock(stores: QuerySet[Store], *, today: date) -> list[BatchStock]:
    """The stock and the deliveries on the way, by vaccine and batch; the batch that expires first comes first."""
    there = _vaccines(StockBalance.objects.present().filter(store__in=stores.values("pk"))).values("item__batch")
    there = there.annotate(
        vials=_sum(~IS_OPEN),
        doses=Coalesce(Sum(DOSES, filter=~IS_OPEN), 0),
        opened=_sum(IS_OPEN),
        use_by=Min("item__use_by", filter=~IS_OPEN),
    ).order_by()
    coming = _vaccines(StockMovement.objects.filter(document__in=_coming_to(stores))).values("item__batch")
    coming = coming.annotate(vials=-Sum("quantity"), doses=-Sum(DOSES)).order_by()
    here = {row["item__batch"]: row for row in there}
    soon = {row["item__batch"]: row for row in coming}
    nothing = {"vials": 0, "doses": 0, "opened": 0, "use_by": None}
    rows = []
    for batch in Batch.objects.filter(pk__in={*here, *soon}).select_related("vaccine"):
        row, more = here.get(batch.pk, nothing), soon.get(batch.pk, nothing)
        rows.append(
            BatchStock(
                batch=batch,
                vials=row["vials"],
                doses_in_vials=row["doses"],
                opened=row["opened"],
                incoming_vials=more["vials"],
                incoming_doses=more["doses"],
                use_by=row["use_by"],
                today=today,
            )
        )
    return sorted(
        rows,
        key=lambda row: (order_of_name(row.batch.vaccine.name), row.batch.expires_on or date.max, row.batch.number),
    )


def consumption(stores: QuerySet[Store], period: Period) -> Usage:
    """Doses used, by day and vaccine."""
    rows = _done(stores, period, Kind.CONSUMPTION).values_list("document__happened_on", "item__batch__vaccine")
    by_day: dict[date, dict[str, int]] = {}
    for day, vaccine, doses in rows.annotate(doses=-Sum("quantity")).order_by():
        by_day.setdefault(day, {})[vaccine] = doses
    codes = {vaccine for doses in by_day.values() for vaccine in doses}
    return Usage(vaccines=list(Vaccine.objects.filter(pk__in=codes).order_by("name__czech")), by_day=by_day)


def last_use(stores: QuerySet[Store]) -> date | None:
    """The last day on which anything was used."""
    documents = StockDocument.objects.not_reversed().filter(kind=Kind.CONSUMPTION, store__in=stores.values("pk"))
    return documents.aggregate(day=Max("happened_on"))["day"]


def waste(stores: QuerySet[Store], period: Period) -> list[Wasted]:
    """The doses used, wasted and gained at opening, by vaccine."""
    movements = _done(stores, period, Kind.CONSUMPTION, Kind.WASTE, Kind.OPENING)
    is_opened = Case(When(IS_OPEN, then=Value(1)), default=Value(0))
    rows = movements.values_list("item__batch__vaccine", "document__kind", "document__reason", is_opened)
    vaccines = Vaccine.objects.in_bulk()
    found: dict[str, Wasted] = {}
    for code, kind, reason, is_open, doses in rows.annotate(doses=Sum(DOSES)).order_by():
        row = found.setdefault(code, Wasted(vaccine=vaccines[code]))
        if kind == Kind.CONSUMPTION:
            row.consumed -= doses
        elif kind == Kind.OPENING:
            row.extra += doses
        else:
            (row.opened if is_open else row.closed)[reason] = -doses
    return sorted(found.values(), key=lambda row: order_of_name(row.vaccine.name))


def by_region(period: Period) -> list[ReportLine]:
    """The whole country: a line a region (`key` is its code), then a line a distributor (`key` is the store's id)."""
    lines = {code: ReportLine(name=name, key=code) for code, name in Region.objects.values_list("code", "name")}
    of_store: dict[int, ReportLine] = {}
    stores = Store.objects.annotate(code=STORES_REGION).order_by("name__czech")
    for pk, name, region in stores.values_list("pk", "name", "code"):
        of_store[pk] = lines[region] if region else ReportLine(name=name, key=pk)
    _add_up(Store.objects.all(), period, of_store)
    return [*lines.values(), *(line for line in of_store.values() if isinstance(line.key, int))]


def by_store(stores: QuerySet[Store], period: Period) -> list[ReportLine]:
    """A line a store, by name."""
    by_name = stores.order_by("name__czech").values_list("pk", "name")
    lines = {store: ReportLine(name=name, key=store) for store, name in by_name}
    _add_up(stores, period, lines)
    return list(lines.values())


def total(lines: list[ReportLine]) -> ReportLine:
    """The sum of the lines."""
    whole = ReportLine(name="")
    for line in lines:
        for what in ("vials", "doses", "incoming", "consumed", "wasted"):
            setattr(whole, what, getattr(whole, what) + getattr(line, what))
    return whole


def _add_up(stores: QuerySet[Store], period: Period, lines: dict[int, ReportLine]) -> None:
    """Add the figures of each store to its line, in three statements grouped by store."""
    there = _vaccines(StockBalance.objects.present().filter(store__in=stores.values("pk"))).values_list("store")
    for store, vials, doses in there.annotate(vials=_sum(~IS_OPEN), doses=Sum(DOSES)).order_by():
        lines[store].vials += vials
        lines[store].doses += doses
    coming = _vaccines(StockMovement.objects.filter(document__in=_coming_to(stores)))
    for store, doses in coming.values_list("document__counterpart").annotate(doses=-Sum(DOSES)).order_by():
        lines[store].incoming += doses
    done = _done(stores, period, Kind.CONSUMPTION, Kind.WASTE).values_list("document__store", "document__kind")
    for store, kind, doses in done.annotate(doses=-Sum(DOSES)).order_by():
        if kind == Kind.WASTE:
            lines[store].wasted += doses
        else:
            lines[store].consumed += doses


def _coming_to(stores: QuerySet[Store]) -> QuerySet[StockDocument]:
    return StockDocument.objects.in_transit().filter(counterpart__in=stores.values("pk"))


def _done(stores: QuerySet[Store], period: Period, *kinds: Kind) -> QuerySet[StockMovement]:
    """Movements of vaccine in the period, by documents of `kinds` that were not reversed."""
    return _vaccines(StockMovement.objects.not_reversed()).filter(
        document__kind__in=kinds,
        document__happened_on__range=(period.first, period.last),
        document__store__in=stores.values("pk"),
    )


def _vaccines(rows: QuerySet) -> QuerySet:  # type: ignore[type-arg]
    return rows.filter(item__batch__isnull=False)


def _sum(condition: Q) -> Coalesce:
    return Coalesce(Sum("quantity", filter=condition), 0)
