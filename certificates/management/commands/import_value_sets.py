"""Names of the codes in certificates, from the EU's files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from certificates.trust import value_sets
from certificates.trust.value_sets import Outcome
from crs.commands import OperationsCommand


class Command(OperationsCommand):
    help = (
        "Reads the EU's value sets (JSON with valueSetId and valueSetValues) of a folder: the names of diseases, kinds "
        "of vaccines, products and holders on paper and in checking. Codes that are in no file stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="with the JSON files")
        self.add_dry_run(parser)

    def run(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            done = value_sets.import_value_sets(folder=folder, is_dry_run=self.is_dry_run)
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}") from error
        self.list_problems(done.problems, is_failure=True)
        if not done.codes:
            raise CommandError(f"No value set that vaccinations use is in {folder}; nothing was changed.")
        self.summarise(
            {
                **{f"codes {outcome}": done.codes[outcome] for outcome in Outcome},
                "files with sets that are not used": len(done.not_used),
                "files not read": len(done.problems),
            },
            failure="Not every file could be read; the others were." if done.problems else "",
        )
