"""Takes over the borders of regions or districts, for maps."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone

from crs.commands import OperationsCommand, read_file
from logistics.open_data import border_import


def day(text: str) -> date:
    """The type of `--valid-on`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text[:40]!r} is no day such as 2027-01-31") from error


class Command(OperationsCommand):
    help = "Reads the borders of all regions or districts (GeoJSON of RÚIAN, WGS 84) for maps. Safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", type=Path, nargs="+", metavar="FILE", help="GeoJSON whose features name their area by `code`"
        )
        parser.add_argument("--valid-on", type=day, metavar="DAY", help="the day of the data; else today")
        self.add_dry_run(parser)

    def run(self, *args: Any, files: list[Path], valid_on: date | None, **options: Any) -> None:
        result = border_import.import_borders(
            files={str(file): read_file(file, border_import.LARGEST_FILE) for file in files},
            valid_on=valid_on or timezone.localdate(),
            is_dry_run=self.is_dry_run,
        )
        self.list_problems(result.problems, is_failure=True)
        self.summarise(
            {
                "outlines of regions": result.regions,
                "outlines of districts": result.districts,
                "characters of their paths": result.characters,
                "problems": len(result.problems),
            },
            failure="Nothing is written: see the problems above." if result.problems else "",
        )
