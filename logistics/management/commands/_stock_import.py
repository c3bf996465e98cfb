"""What the two imports of stock say while and after they work."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from logistics.open_data import stock_import
from logistics.open_data.reader import UnreadableFile
from logistics.open_data.stock_import import RowOutcome, StockImport
from logistics.open_data.stock_rows import Measure, Table

SECONDS_BETWEEN_LINES = 2
LABEL_WIDTH, NUMBER_WIDTH = 44, 16
MEASURES = {
    Measure.ROWS: gettext_lazy("rows"),
    Measure.RECEIPTS: gettext_lazy("receipts, rows"),
    Measure.ISSUES: gettext_lazy("issues, rows"),
    Measure.RECEIVED: gettext_lazy("receipts, doses"),
    Measure.ISSUED: gettext_lazy("issues, doses"),
    Measure.USED: gettext_lazy("doses used"),
    Measure.WASTED: gettext_lazy("doses wasted"),
}
OUTCOMES = {
    RowOutcome.READ: pgettext_lazy("rows of a file", "read"),
    RowOutcome.TAKEN: pgettext_lazy("rows of a file", "taken"),
    RowOutcome.TAKEN_BEFORE: pgettext_lazy("rows of a file", "taken before"),
    RowOutcome.REPORTED: pgettext_lazy("rows of a file", "reported"),
}


class StockImportCommand(BaseCommand):
    table: ClassVar[Table]
    said_at = 0.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="as published by the ministry, CSV or CSV.GZ")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        began = self.said_at = time.monotonic()
        try:
            result = stock_import.import_stock(
                path=file, table=self.table, now=timezone.now(), is_dry_run=dry_run, progress=self._progress
            )
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        seconds = time.monotonic() - began
        for problem in result.problems:
            self.stderr.write(str(problem))
        if dry_run:
            self.stdout.write(_("This is a dry run: nothing is written."))
        self._table(result)
        self._summarise(result, seconds)

    def _progress(self, what: str, done: int) -> None:
        """A line every few seconds; a quick import says nothing."""
        if time.monotonic() - self.said_at >= SECONDS_BETWEEN_LINES:
            self.said_at = time.monotonic()
            self.stdout.write(_("%(what)s: %(done)d") % {"what": what, "done": done})

    def _table(self, result: StockImport) -> None:
        """Per vaccine what was read, and what became of it: the columns after the first add up to it."""
        heads = "".join(str(label).rjust(NUMBER_WIDTH) for label in OUTCOMES.values())
        self.stdout.write(" " * LABEL_WIDTH + heads)
        for vaccine, outcomes in sorted(result.totals.items()):
            for measure, label in MEASURES.items():
                if measure not in outcomes[RowOutcome.READ]:
                    continue
                numbers = "".join(f"{outcomes[outcome][measure]:{NUMBER_WIDTH}d}" for outcome in OUTCOMES)
                self.stdout.write(f"{vaccine}, {label}".ljust(LABEL_WIDTH) + numbers)
        if result.unreadable_rows:
            text = _("Rows whose vaccine or amounts cannot be read, in no total: %(count)d.")
            self.stdout.write(text % {"count": result.unreadable_rows})

    def _summarise(self, result: StockImport, seconds: float) -> None:
        self.stdout.write(
            _(
                "Rows: %(rows)d, of them reported: %(reported)d. New documents: %(documents)d, stores: %(stores)d, "
                "sites that the list does not know, closed and not public: %(sites)d."
            )
            % {
                "rows": result.rows,
                "reported": len(result.problems),
                "documents": result.documents,
                "stores": result.new_stores,
                "sites": result.new_sites,
            }
        )
        self.stdout.write(
            _("It took %(seconds).1f s, %(rate)d rows a second.")
            % {"seconds": seconds, "rate": result.rows / max(seconds, 0.001)}
        )
