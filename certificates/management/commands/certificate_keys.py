"""Makes, hands over, imports, lists and withdraws the keys that sign certificates."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, _SubParsersAction
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from getpass import getpass
from pathlib import Path
from typing import Any, TextIO

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from certificates.keys import creation, files, imports, upkeep, withdrawal
from certificates.keys.signers import IN_DATABASE
from certificates.models import SigningKey
from crs.advisory_locks import Lock, take
from crs.commands import Figure, OperationsCommand, at_least_one, moment

RECORDED = ("create", "rotate", "import", "withdraw")
LONGEST_REASON = 300
LONGEST_NAME = 64


class Command(OperationsCommand):
    help = "The keys that sign certificates: create, rotate, request, import, list, withdraw, reencrypt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT", help="what to do; ACT --help says more")
        create = self._act(acts, "create", "make the first signer; under an authority of our own where there is none")
        create.add_argument("--force", action="store_true", help="even where the database is not the local one")
        self._act(acts, "rotate", "make the next signer under our own authority; the old one goes on verifying")
        request = self._act(acts, "request", "make a key here and write the request (CSR) for its certificate")
        request.add_argument(
            "--common-name", default="", type=_common_name, help="the subject's CN (one with the date)"
        )
        request.add_argument(
            "--drop",
            type=at_least_one,
            metavar="NUMBER",
            help="give up a request that `list` shows, and delete its key",
        )
        request.add_argument("--out", type=Path, help="write the request into this file instead of to the screen")
        self._add_import(acts)
        listing = acts.add_parser("list", help="show all keys and what to do; exits 1 where something is to be done")
        listing.add_argument("--all", action="store_true", help="also those that ended or were withdrawn")
        withdraw = self._act(acts, "withdraw", "take a signer off the trust list: all that it signed is void")
        withdraw.add_argument("signer", help="its kid, or its number in the trust list")
        withdraw.add_argument("--reason", required=True, type=_reason, help="stands in the history")
        withdraw.add_argument("--yes", action="store_true", help="do not ask")
        self._act(acts, "reencrypt", "encrypt all private keys with the first of SIGNING_KEY_ENCRYPTION_KEY")

    def _act(self, acts: "_SubParsersAction[Any]", name: str, description: str) -> ArgumentParser:
        parser: ArgumentParser = acts.add_parser(name, help=description, description=description)
        if name in RECORDED:
            self.add_by(parser)
        self.add_dry_run(parser)
        return parser

    def _add_import(self, acts: "_SubParsersAction[Any]") -> None:
        parser = self._act(acts, "import", "take over a signer whose certificate an authority elsewhere issued")
        parser.add_argument("certificate", type=_file, help="PEM or DER; - reads the standard input")
        parser.add_argument("--key", type=_file, help="its private key; without it, the key that `request` made")
        parser.add_argument(
            "--kept-by", default=IN_DATABASE, help="who keeps the key (SIGNER_BACKENDS), such as an HSM"
        )
        secret = parser.add_mutually_exclusive_group()
        secret.add_argument("--passphrase-file", type=_file, help="its first line opens the private key")
        secret.add_argument("--ask-passphrase", action="store_true", help="ask for what opens the private key")
        parser.add_argument("--authority", type=_file, help="the authority (CSCA) that must have issued it")
        parser.add_argument("--signs-from", type=moment, help="when it begins to sign, such as 2027-02-01T06:00 (now)")

    def run(self, *args: Any, act: str, **options: Any) -> None:
        getattr(self, f"_{act}")(options)

    @contextmanager
    def _change(self) -> Iterator[datetime]:
        """A change of keys, at the time when its turn has come: after all questions, and after the change before it."""
        with self.changes():
            take(Lock.SIGNING_KEYS)
            yield timezone.now()

    def _create(self, options: dict[str, Any]) -> None:
        if not settings.IS_LOCAL and not options["force"]:
            raise CommandError(
                "This database is not the local one. Certificates that an authority of our own stands behind are "
                "genuine nowhere: use `request` and `import` with the real one. If there is none, add --force."
            )
        with self._change() as now:
            authority, key = creation.create_missing(now=now, by=options["by"])
        self.summarise(
            {
                "new authority (CSCA)": authority.signer.kid if authority else "none, one is here",
                **(_figures(key) if key else {"signer": "none, one signs"}),
            }
        )

    def _rotate(self, options: dict[str, Any]) -> None:
        old = creation.newest_signer()
        if old is None:
            raise CommandError("There is no key yet: `create` or `import` one.")
        with self._change() as now:
            key = creation.rotate(replacing=old, now=now, by=options["by"])
        self.summarise({**_figures(key), "signs no more, verifies on": old.signer.kid})

    def _request(self, options: dict[str, Any]) -> None:
        if options["drop"] is not None:
            with self._change():
                subject = upkeep.drop_request(options["drop"])
            self.summarise({"request given up": subject})
            return
        # The file is there before the key is, and what is in it leaves only after the key is kept.
        out = _new_file(options["out"]) if options["out"] and not self.is_dry_run else None
        with out or nullcontext():
            with self._change() as now:
                request = creation.request_certificate(common_name=options["common_name"], now=now)
            text = request.public_bytes(Encoding.PEM).decode()
            if out:
                out.write(text)
        if not (out or self.is_dry_run):
            self.hand_out(text)
        self.summarise({"subject": request.subject.rfc4514_string()})

    def _import(self, options: dict[str, Any]) -> None:
        if options["key"] and options["kept_by"] != IN_DATABASE:
            raise CommandError("--key and --kept-by exclude each other: a key that another keeps does not come here.")
        private_key = files.read_private_key(options["key"], _passphrase(options)) if options["key"] else None
        authority = files.read_certificates(options["authority"], "the authority") if options["authority"] else []
        if len(authority) > 1:
            raise CommandError("The file of the authority holds several certificates; it must hold that one alone.")
        certificates = files.read_certificates(options["certificate"], "the signer")
        with self._change() as now:
            imported = imports.import_signer(
                certificates=certificates,
                private_key=private_key,
                kept_by=options["kept_by"],
                authority=authority[0] if authority else None,
                signs_from=options["signs_from"],
                now=now,
                by=options["by"],
            )
        self.list_problems(imported.notes)
        self.summarise(_figures(imported.key))

    def _list(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        states = upkeep.states(now)
        shown = [state for state in states if options["all"] or state.does not in {"withdrawn", "ended"}]
        self.table(
            ("state", "does", "signs from", "signs until", "valid until", "kept by"),
            {
                state.key.signer.kid: (
                    state.key.signer.country,
                    state.does,
                    _day(state.key.signs_from),
                    _day(state.key.signs_until),
                    _day(state.key.signer.not_after),
                    state.key.kept_by,
                )
                for state in shown
            },
        )
        requests = upkeep.requests()
        self.table(
            ("number", "waits for its certificate, days"),
            {str(request): (request.pk, (now - request.created_at).days) for request in requests},
        )
        wrong = upkeep.what_is_wrong(now)
        self.list_problems(wrong, is_failure=True)
        self.summarise(
            {"keys": len(states), "keys shown": len(shown), "requests that wait for a certificate": len(requests)},
            outcome="nothing is to be done",
            failure="There is something to be done with the keys." if wrong else "",
        )

    def _withdraw(self, options: dict[str, Any]) -> None:
        signer = withdrawal.signer_of_kid(options["signer"])
        living = withdrawal.certificates_of(signer)
        if not (options["yes"] or self.is_dry_run):
            said = f"{signer}: {living:,} living certificates of ours stand on it and are void without it.\n"
            self.confirm(f"{said}Type its kid ({signer.kid}) to withdraw it for good: ", answer=signer.kid)
        with self._change() as now:
            withdrawal.withdraw(signer=signer, reason=options["reason"], now=now, by=options["by"])
            wrong = upkeep.what_is_wrong(now)
        if living:
            wrong.append(
                f"{living:,} certificates still say that they are valid. To revoke them, so that lists say it too: "
                f"manage.py revoke --key {signer.kid} --reason key"
            )
        self.list_problems(wrong)
        self.summarise({"withdrawn": signer.kid, "certificates that are void": living})

    def _reencrypt(self, options: dict[str, Any]) -> None:
        with self._change():
            keys = upkeep.reencrypt()
        self.summarise({"private keys": keys})


def _figures(key: SigningKey) -> dict[str, Figure]:
    return {"signer": key.signer.kid, "signs from": _day(key.signs_from), "signs until": _day(key.signs_until)}


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d}"


def _file(name: str) -> bytes:
    try:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as file:
            data = file.read(files.LONGEST_FILE + 1)
    except OSError as error:
        raise ArgumentTypeError(f"{name} cannot be read: {error.strerror}") from error
    if len(data) > files.LONGEST_FILE:
        raise ArgumentTypeError(f"{name} is too large for a key or a certificate.")
    return data


def _common_name(text: str) -> str:
    """As a certificate holds it: X.520 allows 64 characters."""
    text = text.strip()
    if len(text) > LONGEST_NAME:
        raise ArgumentTypeError(f"a common name has at most {LONGEST_NAME} characters")
    return text


def _reason(text: str) -> str:
    """As the row keeps it."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST_REASON:
        raise ArgumentTypeError(f"a reason has 1 to {LONGEST_REASON} characters")
    return text


def _passphrase(options: dict[str, Any]) -> bytes | None:
    if options["ask_passphrase"]:
        return getpass("Passphrase of the private key: ").encode()
    if options["passphrase_file"] is None:
        return None
    lines: list[bytes] = options["passphrase_file"].removeprefix(b"\xef\xbb\xbf").splitlines()
    return lines[0] if lines else b""


def _new_file(path: Path) -> TextIO:
    try:
        return path.open("x")
    except FileExistsError as error:
        raise CommandError(f"{path} is there already, perhaps the request of another key; name a new file.") from error
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
