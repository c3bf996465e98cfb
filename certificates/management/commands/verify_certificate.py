"""Checks a certificate."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from certificates.checking import content, troubles
from certificates.checking.reading import code_in_file
from certificates.checking.verdict import Verdict, check
from crs.commands import Figure, OperationsCommand
from crs.typed_moment import parse_moment

MOST_BYTES = 13 * 1024 * 1024
# What text editors put before a text in other encodings than UTF-8 without a mark.
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


class Command(OperationsCommand):
    help = (
        "Says whether a certificate is genuine; exits 0 where it is, 1 where it is not. The text comes from a file or "
        "from standard input, so that it stands in no list of processes; a file may be a picture or a PDF, too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("text", nargs="?", help="the text of the code (HC1:…); '-' or none: standard input")
        parser.add_argument("--file", type=Path, help="a text, a picture (JPEG, PNG, WebP, GIF, BMP) or a PDF")
        parser.add_argument("--password-file", type=Path, help="the file with the password of the PDF")
        parser.add_argument("--at", type=_moment, help="as at this moment, such as '2027-01-11 9:00' (Prague)")

    def run(
        self,
        *args: Any,
        text: str | None,
        file: Path | None,
        password_file: Path | None,
        at: datetime | None,
        **options: Any,
    ) -> None:
        if file is not None and text is not None:
            raise CommandError("Give a text or a file, not both.")
        if file is not None:
            text = _in_file(_read(file), password=_read(password_file).decode().strip() if password_file else "")
        elif text is None or text == "-":
            text = _decoded(sys.stdin.buffer.read(MOST_BYTES))
        verdict = check(text, now=at or timezone.now())
        self.summarise(
            _figures(verdict),
            outcome=str(verdict.outcome.label),
            failure="" if verdict.is_genuine else f"{verdict.outcome.label}. {verdict.detail or verdict.advice}",
        )


def _moment(typed: str) -> datetime:
    try:
        return parse_moment(typed, now=timezone.now())
    except ValueError as error:
        raise ArgumentTypeError("write the moment as '2027-01-11 9:00'") from error


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            found = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
    if len(found) > MOST_BYTES:
        raise CommandError(f"{file} is larger than {MOST_BYTES // 1024 // 1024} MB.")
    return found


def _in_file(read: bytes, *, password: str) -> str:
    """The text of a file, or of the code in it."""
    text = _decoded(read)
    if text.lstrip().startswith("HC1:"):
        return text
    found = code_in_file(read, password=password)
    if found.trouble is not None:
        words = troubles.words(found.trouble)
        raise CommandError(f"{words.title}. {words.advice}")
    return found.text


def _decoded(read: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS.items() if read.startswith(mark)), "utf-8")
    return read.decode(encoding, errors="replace")


def _figures(verdict: Verdict) -> dict[str, Figure]:
    figures: dict[str, Figure] = {"reason": verdict.reason}
    if verdict.genuine is not None:
        figures |= {
            "name": content.name(verdict.genuine.payload),
            "date of birth": content.birth_date(verdict.genuine.payload),
            "signed by": content.state(verdict.genuine.country),
        }
        figures |= {line.label.lower(): line.value for lines in content.entries(verdict.genuine) for line in lines}
    for what, age in (("trust list", verdict.freshness.trust), ("revocations", verdict.freshness.revocation)):
        figures[what] = "none of other states" if age is None else f"{age.issued_at:%Y-%m-%d %H:%M} UTC"
    return figures
