"""Sends certificates again whose e-mail or SMS failed, after an outage of a carrier."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from certificates.delivery import resending
from certificates.delivery.resending import Counts
from crs.commands import OperationsCommand, moment


class Command(OperationsCommand):
    help = "Send certificates again whose e-mail or SMS failed; what is sent anew has a new password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--failed-since",
            required=True,
            type=moment,
            help="the last try was since then, such as 2027-01-11T06:00 (Prague)",
        )
        self.add_dry_run(parser)

    def run(self, **options: Any) -> None:
        """Send them again."""
        since = options["failed_since"]
        found = resending.failed(since=since).count()
        if self.is_dry_run:
            self.summarise({"failed": found})
            return

        def tell(counts: Counts) -> None:
            self.progress("Certificates sent again", counts.done, found)

        counts = resending.resend_failed(since=since, now=timezone.now(), on_progress=tell)
        left = {f"left, {reason}": number for reason, number in sorted(counts.left.items())}
        done = {"tried again": counts.tried_again, "sent anew": counts.sent_anew, "overtaken": counts.overtaken}
        self.summarise({"failed": found, **done, **left})
