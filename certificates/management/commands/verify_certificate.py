"""Checks a certificate."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import suppress
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from certificates.checking import content, troubles
from certificates.checking.found import Trouble
from certificates.checking.reading import code_in_file
from certificates.checking.verdict import Verdict, check
from crs.commands import Figure, OperationsCommand, read_file
from crs.typed_moment import moment_of, parse_day, parse_moment

MOST_BYTES = 13 * 1024 * 1024
# What text editors put before a text in other encodings than UTF-8 without a mark.
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


class Command(OperationsCommand):
    help = (
        "Says whether a certificate is genuine; exits 0 where it is, 1 where it is not. The text comes from a file or "
        "from standard input, so that it stands in no list of processes; a file may be a picture or a PDF, too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", nargs="?", choices=["-"], help="standard input, as without a file")
        parser.add_argument("--file", type=Path, help="a text, a picture (JPEG, PNG, WebP, GIF, BMP) or a PDF")
        parser.add_argument("--password-file", type=Path, help="the file with the password of the PDF")
        parser.add_argument("--at", type=_moment, help="as at this moment, such as '2027-01-11 9:00' (Prague)")

    def run(
        self,
        *args: Any,
        source: str | None,
        file: Path | None,
        password_file: Path | None,
        at: datetime | None,
        **options: Any,
    ) -> None:
        if file is not None and source is not None:
            raise CommandError("Give a file or standard input, not both.")
        if file is None and password_file is not None:
            raise CommandError("A password is for a PDF: name it with --file.")
        if file is not None:
            text = _in_file(read_file(file, MOST_BYTES), password=_password(password_file) if password_file else "")
        else:
            text = _decoded(sys.stdin.buffer.read(MOST_BYTES))
        verdict = check(text, now=at or timezone.now())
        self.summarise(
            _figures(verdict),
            outcome=str(verdict.outcome.label),
            failure="" if verdict.is_genuine else f"{verdict.outcome.label}. {verdict.detail or verdict.advice}",
        )


def _moment(typed: str) -> datetime:
    with suppress(ValueError):
        return parse_moment(typed, now=timezone.now())
    try:
        return moment_of(parse_day(typed), time())
    except ValueError as error:
        raise ArgumentTypeError("write the moment as '2027-01-11 9:00', or a day as '2027-01-11'") from error


def _in_file(read: bytes, *, password: str) -> str:
    """The text of a file, or of the code in it."""
    text = _decoded(read)
    if not text.strip():
        raise CommandError("The file is empty.")
    if text.lstrip().startswith("HC1:"):
        return text
    found = code_in_file(read, password=password)
    if found.trouble is not None:
        words = troubles.words(found.trouble)
        kinds = "A text must begin with HC1:." if found.trouble == Trouble.UNKNOWN_FORMAT else ""
        raise CommandError(f"{words.title}. {words.advice} {kinds}".strip())
    return found.text


def _decoded(read: bytes) -> str:
    return read.decode(_encoding(read), errors="replace")


def _password(file: Path) -> str:
    """The password in a file as editors of texts write it. Raises CommandError."""
    read = read_file(file, MOST_BYTES)
    try:
        text = read.decode(_encoding(read))
    except UnicodeDecodeError:
        text = None
    if text is None or "\0" in text:
        raise CommandError(f"{file} is no text in UTF-8. Save it in UTF-8, with the password and nothing else.")
    return text.strip()


def _encoding(read: bytes) -> str:
    return next((encoding for mark, encoding in _MARKS.items() if read.startswith(mark)), "utf-8")


def _figures(verdict: Verdict) -> dict[str, Figure]:
    figures: dict[str, Figure] = {"reason": verdict.code}
    if verdict.genuine is not None:
        figures |= {
            "name": content.name(verdict.genuine.payload),
            "date of birth": content.birth_date(verdict.genuine.payload),
            "signed by": content.state(verdict.genuine.country),
        }
        if other := content.other_state(verdict.genuine):
            figures["state named in the code"] = other
        figures |= {line.label.lower(): line.value for lines in content.entries(verdict.genuine) for line in lines}
    for what, age in (("trust list", verdict.freshness.trust), ("revocations", verdict.freshness.revocation)):
        figures[what] = "none of other states" if age is None else f"{age.issued_at:%Y-%m-%d %H:%M} UTC"
    return figures
