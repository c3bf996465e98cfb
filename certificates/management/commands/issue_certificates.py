"""Issues the certificates that are due."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from certificates.errors import NoSigner
from certificates.issuing import issuing, requests
from certificates.issuing.issuing import Counts
from certificates.keys import signers
from certificates.models import IssueRequest
from crs.commands import OperationsCommand, at_least_one


class Command(OperationsCommand):
    help = (
        "Issues the certificates that are due, also of doses of a time when nobody asked for them. Can be stopped, "
        "started again, and run several times at once; they share the work. Exits 1 when one could not be issued."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--pending` says aloud what it does, for it signs."""
        work = parser.add_mutually_exclusive_group(required=True)
        work.add_argument("--pending", action="store_true", help="issue what is due")
        work.add_argument(
            "--recode",
            action="store_true",
            help="issue anew, and revoke, the certificates whose dose is coded otherwise by now (value sets, boosters)",
        )
        parser.add_argument("--limit", type=at_least_one, help="take up at most so many requests")
        self.add_dry_run(parser)

    def run(self, *args: Any, **options: Any) -> None:
        now, limit = timezone.now(), options["limit"]
        # Before anything is written: without a signer all would only wait.
        has_signer = self._has_signer()
        if options["recode"]:
            made = requests.request_recoded(now=now, is_dry_run=self.is_dry_run, on_progress=self._tell_requests)
        else:
            made = requests.request_missing(is_dry_run=self.is_dry_run, on_progress=self._tell_requests)
        waiting = IssueRequest.objects.waiting().count()
        if self.is_dry_run:
            self.summarise(
                {
                    "new requests": made,
                    "waiting": waiting,
                    "blocked": IssueRequest.objects.filter(state=IssueRequest.State.BLOCKED).count(),
                },
                failure="" if has_signer else str(NoSigner()),
            )
            return
        self._of = min(waiting, limit or waiting)
        counts = issuing.issue_pending(now=now, limit=limit, on_progress=self._tell_issued)
        figures = {
            "new requests": made,
            "issued": counts.issued,
            "held": counts.held,
            "blocked": counts.blocked,
            "not needed": counts.dropped,
            "failed": counts.failed,
            "still waiting": IssueRequest.objects.waiting().count(),
        }
        failure = (
            f"{counts.failed:,} could not be issued; the log says why. They are tried again." if counts.failed else ""
        )
        self.summarise(figures, failure=failure)

    def _has_signer(self) -> bool:
        try:
            signers.current(timezone.now())
        except NoSigner:
            if not self.is_dry_run:
                raise
            return False
        return True

    def _tell_requests(self, made: int) -> None:
        self.progress("Requests made", made)

    def _tell_issued(self, counts: Counts) -> None:
        self.progress("Certificates", counts.looked_at, self._of)
