"""Replays the ministry's anonymous registrations with people who are made up."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from crs.commands import OperationsCommand
from registration.replay import replaying


class Command(OperationsCommand):
    help = (
        "Registers somebody made up for each row of the ministry's anonymous registrations, for trials and "
        "measurements. Refused where real messages are sent. Safe to run twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="as published, CSV or CSV.GZ")
        parser.add_argument("--yes", action="store_true", help="do not ask, on a system that is no local trial")
        self.add_dry_run(parser)

    def run(self, *args: Any, files: list[Path], yes: bool, **options: Any) -> None:
        replaying.refuse_where_messages_are_real()
        if not (yes or self.is_dry_run or settings.IS_LOCAL):
            self.confirm("People who were made up cannot be told from others at the sites. Is it a trial? (yes) ")
        result = replaying.replay(paths=files, now=timezone.now(), is_dry_run=self.is_dry_run, progress=self.progress)
        self.list_problems(result.problems)
        self.summarise(
            {
                "rows": result.read,
                "registered": result.replayed,
                "of them with a reservation, which is not replayed": result.had_reservation,
                "claims to groups": result.claims,
                "registered before": result.replayed_before,
                "rows reported": len(result.problems),
                "rows a second": round(result.read / max(self.seconds, 0.001)),
            }
        )
