"""Takes over a list of other states' signers."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from certificates.trust import download, formats, imports
from certificates.trust.errors import TrustListRefused
from certificates.trust.formats import TrustList
from crs.commands import OperationsCommand

USUAL_SOURCE = "EU"
LONGEST_SOURCE = 200


class Command(OperationsCommand):
    help = (
        "Reads a list of signers whose certificates are trusted: JSON as states, the EU gateway and we publish it, "
        "PEM, DER, a folder of these, or an https address, also a verifier service's /signercertificateUpdate. What a "
        "full list does not name any more is withdrawn. Safe to run twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", nargs="?", help="a file, a folder or an https address")
        parser.add_argument(
            "--source", default=USUAL_SOURCE, help=f"whose list it is; each is kept apart ({USUAL_SOURCE})"
        )
        parser.add_argument("--partial", action="store_true", help="only a part of the list: withdraw nothing")
        parser.add_argument("--force", action="store_true", help="even where it is old, empty or lacks more than half")
        parser.add_argument("--forget", action="store_true", help="withdraw all signers of the source, which ends")
        self.add_dry_run(parser)

    def run(self, *args: Any, source: str, forget: bool, **options: Any) -> None:
        source = source.strip()
        if not 0 < len(source) <= LONGEST_SOURCE:
            raise CommandError(f"--source has 1 to {LONGEST_SOURCE} characters.")
        if forget == bool(options["list"]):
            raise CommandError("Name the list to read, or --forget.")
        if forget:
            self._forget(source)
            return
        trust_list = self._read(options["list"])
        try:
            with self.changes():
                outcome = imports.import_list(
                    trust_list=trust_list,
                    source=source,
                    now=timezone.now(),
                    progress=self.progress,
                    is_partial=options["partial"],
                    is_forced=options["force"],
                )
        except TrustListRefused as refusal:
            self.list_problems(refusal.problems, is_failure=True)
            raise
        if trust_list.is_signature_left:
            self.list_problems(["The signature in the first line of the list was not checked."])
        self.list_problems(outcome.problems)
        self.list_problems(outcome.notes)
        self.summarise(
            {
                "signers in the list": outcome.listed,
                "new": outcome.added,
                "came back": outcome.returned,
                "known": outcome.known,
                "withdrawn": outcome.withdrawn,
                "entries that are no signers": trust_list.others,
                "entries that cannot be trusted": len(outcome.problems),
            }
        )

    def _read(self, name: str) -> TrustList:
        if "://" in name:
            return download.fetch_list(name, progress=self.progress)
        return formats.read_path(Path(name))

    def _forget(self, source: str) -> None:
        with self.changes():
            withdrawn = imports.forget_source(source=source, now=timezone.now())
        self.summarise({"withdrawn": withdrawn})
