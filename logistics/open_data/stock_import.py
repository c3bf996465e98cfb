"""Import of the ministry's stock files: sound rows become documents of the ledger, the others are reported.

A file is one transaction, and two imports wait for each other. docs/adr/0010-stock-imports.md says how a row is
recognised and why it may be refused.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from crs.advisory_locks import Lock, take
from logistics.models import (
    Batch,
    Region,
    StockBalance,
    StockDocument,
    StockMovement,
    StorageCondition,
    VaccinationSite,
    Vaccine,
)
from logistics.open_data import soundness, stock_copy, stock_rows
from logistics.open_data.reader import Problem
from logistics.open_data.soundness import Changes, Levels
from logistics.open_data.stock_rows import Figures, Known, Measure, Reported, Row, Table

Progress = Callable[[str, int], None]


class RowOutcome(StrEnum):
    """The outcome of a row."""

    READ = "read"
    TAKEN = "taken"
    TAKEN_BEFORE = "taken before"
    REPORTED = "reported"


@dataclass
class StockImport:
    """The outcome of an import. For each vaccine READ is the sum of the other outcomes, in every measure."""

    table: Table
    rows: int = 0
    unreadable_rows: int = 0
    documents: int = 0
    new_sites: int = 0
    new_stores: int = 0
    problems: list[Problem] = field(default_factory=list)
    totals: defaultdict[str, defaultdict[RowOutcome, Counter[Measure]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )

    def count(self, figures: Figures | None, outcome: RowOutcome) -> None:
        """Add a row to the totals."""
        self.rows += 1
        if figures is None:
            self.unreadable_rows += 1
            return
        for counted in (RowOutcome.READ, outcome):
            self.totals[figures.vaccine][counted].update(figures.measures)


def import_stock(
    *,
    path: Path,
    table: Table,
    now: datetime,
    is_dry_run: bool = False,
    progress: Progress = lambda _what, _done: None,
) -> StockImport:
    """Record the sound rows of `path` in the ledger; rows that an earlier run took are recognised.

    `progress` gets the present step and the number of rows or documents that are done. Raises UnreadableFile, and then
    nothing is written.
    """
    with transaction.atomic():
        take(Lock.STOCK_IMPORT)
        result = StockImport(table)
        new = _new_rows(path, result, timezone.localdate(now), progress)
        blocked = _lock_stock()
        new = [row for row in new if not _is_blocked(row, blocked, result, path.name)]
        progress("rows checked", len(new))
        changes = _changes()
        taken, refused = soundness.sound_rows(new, changes)
        _report_refused(refused, Levels(changes), result, path.name)
        for row in taken:
            result.count(row.figures, RowOutcome.TAKEN)
        result.problems.sort(key=lambda problem: problem.line)
        written = stock_copy.write(taken, now=now, is_dry_run=is_dry_run, progress=progress)
        result.documents, result.new_sites, result.new_stores = written.documents, written.sites, written.stores
    return result


def _new_rows(path: Path, result: StockImport, today: date, progress: Progress) -> list[Row]:
    """The rows that no earlier run took; rows that cannot be used go into `result`."""
    known = Known(
        vaccines=dict(Vaccine.objects.exclude(published_name="").values_list("published_name", "code")),
        regions=frozenset(Region.objects.values_list("code", flat=True)),
        sites=frozenset(VaccinationSite.objects.values_list("id", flat=True)),
        today=today,
    )
    documents = StockDocument.objects.exclude(import_row="").order_by()
    before = frozenset(documents.values_list("import_row", flat=True))
    new: list[Row] = []
    for number, row in enumerate(stock_rows.read(path, result.table, known), start=1):
        if isinstance(row, Reported):
            result.problems.append(row.problem)
            result.count(row.figures, RowOutcome.REPORTED)
        elif row.import_row in before:
            result.count(row.figures, RowOutcome.TAKEN_BEFORE)
        else:
            new.append(row)
        if number % 1000 == 0:
            progress("rows read", number)
    return new


def _lock_stock() -> dict[str, str]:
    """Keep staff from moving or blocking stock without a batch number; returns blocked vaccines with the reason."""
    batches = Batch.objects.filter(number="").order_by("pk").select_for_update(no_key=True)
    blocked = {batch.vaccine_id: batch.block_reason for batch in batches if batch.is_blocked}
    balances = StockBalance.objects.filter(item__batch__number="").order_by("store_id", "item_id")
    list(balances.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    return blocked


def _is_blocked(row: Row, blocked: dict[str, str], result: StockImport, file: str) -> bool:
    """Whether the row would use a blocked batch, which may only come in or be wasted; such a row is reported."""
    if row.vaccine not in blocked or row.is_receipt or row.vials == row.wasted:
        return False
    _report(row, f"the batch is blocked: {blocked[row.vaccine]}", result, file)
    return True


def _changes() -> Changes:
    """The movements of closed vials without a batch number in the ledger, by the day of their documents."""
    movements = StockMovement.objects.filter(
        item__batch__number="", item__storage=StorageCondition.STORED, document__store__site__isnull=False
    )
    sums = movements.order_by().values_list(
        "document__store__site", "item__batch__vaccine", "item__doses_per_vial", "document__happened_on"
    )
    changes: Changes = {}
    for site, vaccine, doses_per_vial, day, vials in sums.annotate(vials=Sum("quantity")):
        changes.setdefault((site, vaccine, doses_per_vial), Counter())[day] += vials
    return changes


def _report_refused(refused: Iterable[Row], levels: Levels, result: StockImport, file: str) -> None:
    for row in refused:
        vials = levels.least(row.key, row.day)
        reason = (
            f"not enough stock: the store can give only {vials:,} vials ({vials * row.doses_per_vial:,} doses), "
            f"what it holds at the end of {levels.lowest_day(row.key, row.day)}"
        )
        _report(row, reason, result, file)


def _report(row: Row, reason: str, result: StockImport, file: str) -> None:
    reason = f"{row.site.name}, {row.figures.vaccine}, {row.day}: {reason} ({row.figures.amounts})"
    result.problems.append(Problem(file, row.line, reason))
    result.count(row.figures, RowOutcome.REPORTED)
