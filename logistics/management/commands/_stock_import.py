"""The two imports of stock as commands."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.utils import timezone

from crs.commands import OperationsCommand
from logistics.open_data import stock_import
from logistics.open_data.stock_import import RowOutcome, StockImport
from logistics.open_data.stock_rows import Measure, Table

MEASURES = {
    Measure.ROWS: "rows",
    Measure.RECEIPTS: "receipts, rows",
    Measure.ISSUES: "issues, rows",
    Measure.RECEIVED: "receipts, doses",
    Measure.ISSUED: "issues, doses",
    Measure.USED: "doses used",
    Measure.WASTED: "doses wasted",
}


class StockImportCommand(OperationsCommand):
    table_read: ClassVar[Table]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="as published by the ministry, CSV or CSV.GZ")
        self.add_dry_run(parser)

    def run(self, *args: Any, file: Path, **options: Any) -> None:
        result = stock_import.import_stock(
            path=file,
            table=self.table_read,
            now=timezone.now(),
            is_dry_run=self.is_dry_run,
            progress=self.progress,
        )
        self.list_problems(result.problems)
        self.table([outcome.value for outcome in RowOutcome], _totals(result))
        self.summarise(
            {
                "rows": result.rows,
                "rows reported": len(result.problems),
                "of them in no total (vaccine or amounts unreadable)": result.unreadable_rows,
                "new documents": result.documents,
                "new stores": result.new_stores,
                "new sites that the list does not know (closed, not public)": result.new_sites,
                "rows a second": round(result.rows / max(self.seconds, 0.001)),
            }
        )


def _totals(result: StockImport) -> dict[str, list[int]]:
    """Per vaccine what was read, and what became of it: the columns after the first add up to it."""
    return {
        f"{vaccine}, {label}": [outcomes[outcome][measure] for outcome in RowOutcome]
        for vaccine, outcomes in sorted(result.totals.items())
        for measure, label in MEASURES.items()
        if measure in outcomes[RowOutcome.READ]
    }
