"""Hands over the bookings that a new interval between doses leaves outside."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from crs.commands import OperationsCommand, moment
from reservation.postponing import intervals


class Command(OperationsCommand):
    help = (
        "Finds booked later doses that do not fit an interval between doses which applies to existing bookings, and "
        "puts them on the sites' lists to call; the people are told. A second run takes those that came since."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_dry_run(parser)
        parser.add_argument(
            "--at", type=moment, help="with --dry-run: by the rules of this moment, such as 2027-02-01T06:00"
        )

    def run(self, *args: Any, **options: Any) -> None:
        if options["at"] and not self.is_dry_run:
            raise CommandError("--at only looks ahead: add --dry-run.")
        now = options["at"] or timezone.now()
        found = intervals.outside(now) if self.is_dry_run else intervals.hand_over_outside(now)
        counts = {f"{vaccine}, dose {dose}": (number,) for (vaccine, dose), number in sorted(found.counts.items())}
        self.table(("bookings outside",), counts)
        self.summarise({"bookings outside the interval": len(found.appointment_ids)})
