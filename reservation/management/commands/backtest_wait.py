"""Holds the estimate of the wait against what happened."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from crs.commands import OperationsCommand
from logistics.open_data.reader import Problem
from reservation.inviting import backtesting, wait

WEEKS_BACK = 52


class Command(OperationsCommand):
    help = (
        "Asks in each week of the past how long people would have been told to wait, and when their turn really came: "
        "by the reservations here, or by the capacity files of the ministry in a folder. Reads only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="with reservation-capacity-*.csv.gz of the ministry")

    def run(self, *args: Any, **options: Any) -> None:
        folder: Path | None = options["folder"]
        problems: list[Problem] = []
        if folder is None:
            weeks = wait.served(timezone.localdate(), weeks=WEEKS_BACK)
        else:
            paths = sorted(folder.glob("reservation-capacity-*.[cC][sS][vV]*"))
            if not paths:
                raise CommandError(f"There are no files reservation-capacity-*.csv.gz in {folder}.")
            weeks = backtesting.weeks_of_files(paths, problems)
        self.list_problems(problems)
        found = backtesting.by_region(weeks)
        heads = ("asked", "within the range", "sooner", "later")
        self.table(heads, {region: (one.asked, one.within, one.sooner, one.later) for region, one in found.items()})
        total = backtesting.together(found.values())
        self.summarise(
            {
                "times the wait was asked for": total.asked,
                "the turn came within the range": f"{100 * total.share_within:.1f} %",
                "later than the range": f"{100 * total.share_later:.1f} %",
                "weeks between its ends, on average": f"{total.weeks_wide / max(total.asked, 1):.1f}",
                "rows that cannot be used": len(problems),
            }
        )
