"""Writing of sound rows into the ledger with COPY: sites, stores, documents, movements."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from uuid import UUID

from django.db import connection, models

from crs import history
from logistics.models import Batch, StockBalance, StockDocument, StockMovement, StorageCondition, Store, VaccinationSite
from logistics.open_data.stock_rows import NamedSite, Row
from logistics.operations import Operation
from logistics.stock import items

Kind = StockDocument.Kind
# The published files give no reason. The note is Czech, as all data are.
NOTE_OF_WASTE = "Zveřejněno bez důvodu."
BATCH = 1000

_DOCUMENT_COLUMNS = (
    "id, kind, store_id, counterpart_id, outside_party, happened_on, recorded_at, reason, note, confirms_id, attempt, "
    "import_row"
)
_MOVEMENT_COLUMNS = "document_id, item_id, quantity"


@dataclass(frozen=True)
class Written:
    """The numbers of new documents, sites and stores."""

    documents: int
    sites: int
    stores: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document before it has a number; with `is_confirmation` it confirms the draft before it."""

    kind: str
    store: int
    day: date
    import_row: str
    moves: tuple[tuple[int, int], ...] = ()
    counterpart: int | None = None
    reason: str = ""
    note: str = ""
    is_confirmation: bool = False


@dataclass(frozen=True)
class _Ids:
    """Keys of stores by site; keys of closed and of opened items by vaccine and doses a vial."""

    stores: dict[UUID, int]
    closed: dict[tuple[str, int], int]
    opened: dict[tuple[str, int], int]


def write(rows: Sequence[Row], *, now: datetime, is_dry_run: bool, progress: Callable[[str, int], None]) -> Written:
    """Record sound `rows`, with the sites, stores and items that they need; a dry run only counts."""
    rows = sorted(rows, key=attrgetter("day", "line"))
    first_days = _first_days(rows)
    sites = _missing_sites(first_days)
    have = dict(Store.objects.filter(site__isnull=False).values_list("site_id", "pk"))
    missing = [site for site in first_days if site.id not in have]
    if is_dry_run or not rows:
        documents = len(missing) + sum(_count_documents(row) for row in rows)
        return Written(documents, len(sites), len(missing))
    with history.recording(Operation.IMPORT_STOCK):
        VaccinationSite.objects.bulk_create(sites, batch_size=BATCH)
    names = VaccinationSite.objects.in_bulk([site.id for site in missing])
    stores = Store.objects.bulk_create(
        (Store(kind=Store.Kind.SITE, site_id=site.id, name=names[site.id].name) for site in missing),
        batch_size=BATCH,
    )
    have |= {store.site_id: store.pk for store in stores if store.site_id}
    drafts = [_Draft(Kind.ESTABLISHMENT, have[site.id], first_days[site], "") for site in missing]
    ids = _Ids(have, *_items(rows))
    for row in rows:
        drafts += _drafts(row, ids)
    _copy(drafts, now, progress)
    return Written(len(drafts), len(sites), len(missing))


def _first_days(rows: Iterable[Row]) -> dict[NamedSite, date]:
    """The sites in `rows`, each as it was named first, with its first day; `rows` are ordered by day."""
    found: dict[UUID, tuple[NamedSite, date]] = {}
    for row in rows:
        for site in (row.site, row.target):
            if site:
                found.setdefault(site.id, (site, row.day))
    return dict(found.values())


def _missing_sites(named: Iterable[NamedSite]) -> list[VaccinationSite]:
    """Sites that only the stock files name: some have closed since, some were never public."""
    known = frozenset(VaccinationSite.objects.values_list("id", flat=True))
    return [
        VaccinationSite(
            id=site.id,
            name=site.name,
            region_id=site.region,
            kind="",
            state=VaccinationSite.State.CLOSED,
            is_public=False,
        )
        for site in named
        if site.id not in known
    ]


def _items(rows: Iterable[Row]) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
    closed, opened = {}, {}
    for vaccine, doses in sorted({(row.vaccine, row.doses_per_vial) for row in rows}):
        with history.recording(Operation.IMPORT_STOCK):
            batch, _is_new = Batch.objects.get_or_create(vaccine_id=vaccine, number="")
        closed[vaccine, doses] = items.vaccine_item(batch=batch, doses_per_vial=doses).pk
        opened[vaccine, doses] = items.vaccine_item(batch=batch, doses_per_vial=doses, storage=StorageCondition.OPEN).pk
    return closed, opened


def _count_documents(row: Row) -> int:
    if row.is_receipt or row.is_issue:
        return 2 if row.target else 1
    return 2 * (row.vials > row.wasted) + (row.wasted > 0)


def _drafts(row: Row, ids: _Ids) -> list[_Draft]:
    """The documents of a row in the ledger."""
    store, day, name = ids.stores[row.site.id], row.day, row.import_row
    item = ids.closed[row.vaccine, row.doses_per_vial]
    if row.is_receipt:
        return [_Draft(Kind.RECEIPT, store, day, name, ((item, row.vials),))]
    if row.target:
        to = ids.stores[row.target.id]
        return [
            _Draft(Kind.DISPATCH, store, day, name, ((item, -row.vials),), counterpart=to),
            _Draft(Kind.DELIVERY, to, day, name, ((item, row.vials),), counterpart=store, is_confirmation=True),
        ]
    if row.is_issue:
        return [_Draft(Kind.ISSUE, store, day, name, ((item, -row.vials),))]
    drafts = []
    used = row.vials - row.wasted
    if used:
        opened, doses = ids.opened[row.vaccine, row.doses_per_vial], used * row.doses_per_vial
        drafts.append(_Draft(Kind.OPENING, store, day, name, ((item, -used), (opened, doses))))
        drafts.append(_Draft(Kind.CONSUMPTION, store, day, name, ((opened, -doses),)))
    if row.wasted:
        moves, reason = ((item, -row.wasted),), StockDocument.Reason.OTHER
        drafts.append(_Draft(Kind.WASTE, store, day, name, moves, reason=reason, note=NOTE_OF_WASTE))
    return drafts


def _copy(drafts: Sequence[_Draft], now: datetime, progress: Callable[[str, int], None]) -> None:
    """Copy all drafts in two statements; the second, of movements, moves the balances in their one order."""
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [StockDocument._meta.db_table, len(drafts)],
        )
        numbers = [number for (number,) in cursor.fetchall()]
        with cursor.copy(_statement(StockDocument, _DOCUMENT_COLUMNS)) as copy:
            for done, values in enumerate(_documents(drafts, numbers, now), start=1):
                copy.write_row(values)
                if done % 1000 == 0:
                    progress("documents written", done)
        with cursor.copy(_statement(StockMovement, _MOVEMENT_COLUMNS)) as copy:
            for number, draft in zip(numbers, drafts, strict=True):
                for item, quantity in draft.moves:
                    copy.write_row((number, item, quantity))
        progress("balances moved", len(drafts))
        if len(drafts) >= BATCH:
            # Until its statistics say that the tables are large now, PostgreSQL plans for a few rows, and a join of a
            # second takes minutes. The next reader should not wait for autovacuum.
            for model in (StockDocument, StockMovement, StockBalance):
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _statement(model: type[models.Model], columns: str) -> str:
    return f"COPY {connection.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN"


def _documents(drafts: Sequence[_Draft], numbers: Sequence[int], now: datetime) -> Iterator[tuple[object, ...]]:
    before = None
    for number, draft in zip(numbers, drafts, strict=True):
        confirms = before if draft.is_confirmation else None
        before = number
        yield (
            number,
            str(draft.kind),
            draft.store,
            draft.counterpart,
            "",
            draft.day,
            now,
            str(draft.reason),
            draft.note,
            confirms,
            1,
            draft.import_row,
        )
