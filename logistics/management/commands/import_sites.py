"""Takes over the ministry's list of vaccination sites."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from logistics.open_data import site_import
from logistics.open_data.reader import UnreadableFile


class Command(BaseCommand):
    help = "Reads the ministry's list of vaccination sites (CSV or CSV.GZ). Safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="vaccination-sites.csv as published by the ministry")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            result = site_import.import_sites(path=file, is_dry_run=dry_run)
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        for problem in result.problems:
            self.stderr.write(str(problem))
        if dry_run:
            self.stdout.write(_("This is a dry run: nothing is written."))
        self.stdout.write(
            _("Sites created: %(created)d, updated: %(updated)d, unchanged: %(unchanged)d. Lines skipped: %(skipped)d.")
            % {
                "created": result.created,
                "updated": result.updated,
                "unchanged": result.unchanged,
                "skipped": len(result.problems),
            }
        )
        if result.absent:
            self.stdout.write(
                _("Sites that are not in the list and stay as they are: %(count)d.") % {"count": result.absent}
            )
