"""Reader of tables as the ministry publishes them: CSV in UTF-8, packed by gzip or not, with faults.

A line that cannot be used becomes a `Problem` with its number and the reason in words. It never stops the reading of
the others.
"""

import csv
import gzip
import io
import re
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crs.errors import DomainError
from crs.shortened_text import shortened

# PostgreSQL's integer, which stands behind Django's PositiveIntegerField.
LARGEST_NUMBER = 2_147_483_647

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class UnreadableFile(DomainError):
    """The whole file cannot be used: it is missing, damaged or another table."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadValue(ValueError):
    """A value of a line cannot be used; the text says why, in English, as only commands show it."""


@dataclass(frozen=True)
class Problem:
    """A line that was not used."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


@dataclass(frozen=True)
class FileLine:
    """One record, its values without spaces around them; `number` is that of its last line in the file."""

    number: int
    values: dict[str, str]


def read(path: Path, columns: frozenset[str]) -> Iterator[FileLine | Problem]:
    """The records of `path` in turn; columns that are not in `columns` are left out.

    Raises UnreadableFile where the file cannot be opened or unpacked, or lacks one of `columns`.
    """
    try:
        with _open(path) as text:
            yield from _records(path.name, text, columns)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}") from error


def whole_number(text: str) -> int:
    """A number of people or doses, 0 or more. Raises BadValue."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 20:
        raise BadValue(f"“{shortened(text)}” is not a whole number from 0 up")
    if int(text) > LARGEST_NUMBER:
        raise BadValue(f"the number {text} is too large")
    return int(text)


def identifier(text: str) -> uuid.UUID:
    """The identifier of a site. Raises BadValue."""
    if not _UUID.fullmatch(text):
        raise BadValue(f"“{shortened(text)}” is not the identifier of a site (a UUID)")
    return uuid.UUID(text)


def _open(path: Path) -> IO[str]:
    # Bytes that are not UTF-8 spoil their own line only, so they are let through as surrogates.
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", errors="surrogateescape", newline="")
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _records(file: str, text: IO[str], columns: frozenset[str]) -> Iterator[FileLine | Problem]:
    reader = csv.reader(text)
    header = _header(file, reader, columns)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Problem(file, reader.line_num, "the line is too long; perhaps a quotation mark is not closed")
            continue
        if record:
            yield _checked(file, reader.line_num, header, record, columns)


def _header(file: str, reader: Iterator[list[str]], columns: frozenset[str]) -> list[str]:
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error:
        header = []
    missing = sorted(columns.difference(header))
    if missing:
        raise UnreadableFile(f"{file} is another table: it has no column {', '.join(missing)}")
    return header


def _checked(
    file: str, number: int, header: list[str], record: list[str], columns: frozenset[str]
) -> FileLine | Problem:
    if len(record) != len(header):
        return Problem(file, number, f"{len(record):,} columns instead of {len(header):,}")
    values = {name: " ".join(value.split()) for name, value in zip(header, record, strict=True) if name in columns}
    if any("\0" in value or _has_surrogates(value) for value in values.values()):
        return Problem(file, number, "it holds characters that are not UTF-8 text")
    return FileLine(number, values)


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else False
