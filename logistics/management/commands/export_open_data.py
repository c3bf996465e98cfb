"""Publishes sites, distribution and consumption of vaccine as open data."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from crs.commands import OperationsCommand
from logistics.open_data import export


class Command(OperationsCommand):
    help = "Writes open data in the ministry's format (three CSV files) into a folder. Safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="is made where it is missing")

    def run(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            written = export.export(folder=folder)
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error}") from error
        self.summarise({f"rows of {folder / name}": rows for name, rows in written.items()})
