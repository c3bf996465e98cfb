"""Takes over a file of the register of health workers."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from crs.commands import OperationsCommand
from registration.registers import imports


class Command(OperationsCommand):
    help = "Reads the register of health workers (CSV) into this database. Safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            help="columns: worker_number, insured_number, first_name, last_name, profession, facility, until",
        )
        parser.add_argument("--whole", action="store_true", help="the file is the whole register: remove the others")
        self.add_dry_run(parser)

    def run(self, *args: Any, file: Path, whole: bool, **options: Any) -> None:
        with self.changes():
            result = imports.take_over(
                imports.HEALTH_WORKERS,
                file,
                now=timezone.now(),
                is_whole=whole,
                progress=lambda done: self.progress("lines", done),
            )
        self.list_problems(result.problems)
        self.summarise(
            {
                "records added": result.added,
                "records replaced": result.replaced,
                "records unchanged": result.unchanged,
                "records removed": result.removed,
                "lines skipped": len(result.problems),
            },
            failure="Nothing was removed, because lines were skipped." if whole and result.problems else "",
        )
