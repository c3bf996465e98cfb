"""Publishes sites, distribution and consumption of vaccine as open data."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from logistics.open_data import export


class Command(BaseCommand):
    help = "Writes open data in the ministry's format (three CSV files) into a folder. Safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="is made where it is missing")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            written = export.export(folder=folder)
        except OSError as error:
            values = {"folder": folder, "error": error}
            raise CommandError(_("%(folder)s cannot be written: %(error)s") % values) from error
        for name, rows in written.items():
            self.stdout.write(_("%(file)s: %(rows)d rows") % {"file": folder / name, "rows": rows})
