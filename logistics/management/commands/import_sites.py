"""Takes over the ministry's list of vaccination sites."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from crs.commands import OperationsCommand
from logistics.open_data import site_import


class Command(OperationsCommand):
    help = "Reads the ministry's list of vaccination sites (CSV or CSV.GZ). Safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="vaccination-sites.csv as published by the ministry")
        self.add_dry_run(parser)

    def run(self, *args: Any, file: Path, **options: Any) -> None:
        result = site_import.import_sites(path=file, is_dry_run=self.is_dry_run)
        self.list_problems(result.problems)
        self.summarise(
            {
                "sites created": result.created,
                "sites updated": result.updated,
                "sites unchanged": result.unchanged,
                "sites not in the list, left as they are": result.absent,
                "lines skipped": len(result.problems),
            }
        )
