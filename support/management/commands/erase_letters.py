"""Erase the letters of tickets that are over their time."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from crs.commands import OperationsCommand
from support.retention import erasing


class Command(OperationsCommand):
    help = "Erase letters, files and names of closed tickets that their category keeps no longer. Facts stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_dry_run(parser)

    def run(self, **options: Any) -> None:
        now = timezone.now()
        due = erasing.due(now=now).count()
        erased = 0 if self.is_dry_run else erasing.erase_due(now=now, on_progress=lambda done: self._tell(done, due))
        self.summarise({"tickets over their time": due, "tickets erased, with their parts": erased})

    def _tell(self, done: int, due: int) -> None:
        self.progress("erased", done, due)
