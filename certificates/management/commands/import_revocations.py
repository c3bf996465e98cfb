"""Takes over other states' lists of revoked certificates."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from certificates.hcert.moments import moment_in
from certificates.keys.files import LONGEST_FILE, read_certificates
from certificates.revocation import imports
from certificates.revocation.batches import Broken
from certificates.revocation.sources import Folder, Gateway, OneFile, Source, Unreachable
from crs.commands import OperationsCommand, read_file


class Command(OperationsCommand):
    help = (
        "Takes over revoked certificates of other states, in the form of the EU gateway: from the address of its "
        "revocation list, from a folder with its answers, or from one batch. Deleted batches are removed. Safe to run "
        "twice; where it was stopped, start it again. Exits 1 when a batch had to be left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "source", metavar="URL|FOLDER|FILE", help="a gateway's address, a folder of batches, or one file of them"
        )
        parser.add_argument(
            "--signer",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="certificates (PEM or DER) one of which must have signed each batch; may stand more than once",
        )
        parser.add_argument(
            "--name", help="what the age of this list is told under, where there are several (default: URL, or 'files')"
        )
        parser.add_argument("--as-of", metavar="MOMENT", help="when a folder was read from the gateway, in ISO 8601")
        self.add_dry_run(parser)

    def run(self, *args: Any, source: str, signer: list[Path], **options: Any) -> None:
        now, as_of = timezone.now(), options["as_of"]
        signers = [one for path in signer for one in read_certificates(read_file(path, LONGEST_FILE), str(path))]
        dated = None if as_of is None else _moment(as_of, now=now)
        asked = _source(source, is_signed=bool(signers))
        asked.name = options["name"] or asked.name
        try:
            result = imports.import_revocations(
                source=asked,
                signers=signers,
                now=now,
                dated=dated,
                is_dry_run=self.is_dry_run,
                on_progress=lambda count: self.progress("batches", count),
            )
        except Broken as error:
            raise CommandError(f"The list cannot be read: {error}") from error
        except Unreachable as error:
            raise CommandError(f"{error} What was read is kept; start it again later.") from error
        self.list_problems(result.problems, is_failure=True)
        if not signers:
            self.list_problems(["No --signer was given, so nobody's signature was checked."])
        failure = f"Batches that were left out: {len(result.problems):,}." if result.problems else ""
        figures = {
            "batches": result.listed,
            "new": result.new,
            "hashes in them": result.new_hashes,
            "known": result.known,
            "removed": result.removed,
            "expired": result.expired,
            "ours": result.ours,
            "left out": len(result.problems),
        }
        self.summarise(figures, failure=failure)


def _source(text: str, *, is_signed: bool) -> Source:
    if text.startswith("https://") or (text.startswith("http://") and is_signed):
        return Gateway(text)
    if text.startswith("http://"):
        raise CommandError("Over http anybody on the way could change the list. Use https, or give --signer.")
    if "://" in text:
        raise CommandError("Only addresses with https:// are read, besides folders and files.")
    path = Path(text)
    if path.is_dir():
        return Folder(path)
    if path.is_file():
        return OneFile(path)
    raise CommandError(f"There is no file or folder {text}.")


def _moment(text: str, *, now: datetime) -> datetime:
    moment = moment_in(text)
    if moment is None:
        raise CommandError("--as-of is not written as 2022-01-31T10:00:00Z.")
    if moment > now:
        raise CommandError("--as-of lies in the future.")
    return moment
