"""Reader of the registers' files: tables as programs save them, with the faults that they have.

Any of UTF-8 (with or without its mark) and Windows-1250; semicolons, commas or tabulators; days as 1. 2. 1950 or
1950-02-01. A line that cannot be used becomes a `Problem` with its number and the reason, never with a value of it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from crs import typed
from logistics.open_data.reader import BadValue, FileLine, Problem, UnreadableFile

# Above the largest register there is, ten million people, with room.
LARGEST_FILE = 4 * 1024**3
_BEGINNING = 1024 * 1024
_CZECH_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(\s0?0:00(:00)?)?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})([T ]00:00(:00(\.0+)?)?)?", re.ASCII)


def read(path: Path, columns: Mapping[str, frozenset[str]]) -> Iterator[FileLine | Problem]:
    """The records of `path` in turn. `columns` says under which names each column may come.

    Raises UnreadableFile where the file cannot be read, or has none of the names of a column.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(_BEGINNING)
        with path.open(encoding=_encoding(path), errors="surrogateescape", newline="") as text:
            yield from _records(path.name, text, _delimiter(beginning), columns)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}") from error


def day(text: str) -> date:
    """A day. Raises BadValue."""
    plain = typed.plain(text)
    if czech := _CZECH_DAY.fullmatch(plain):
        year, month, number = int(czech[3]), int(czech[2]), int(czech[1])
    elif iso := _ISO_DAY.fullmatch(plain):
        year, month, number = int(iso[1]), int(iso[2]), int(iso[3])
    else:
        raise BadValue("a date is neither 1. 2. 1950 nor 1950-02-01")
    try:
        return date(year, month, number)
    except ValueError:
        raise BadValue("a date is no day of the calendar") from None


def day_or_none(text: str) -> date | None:
    """A day; None where nothing stands. Raises BadValue."""
    return day(text) if text else None


def words(text: str, *, what: str, longest: int, is_needed: bool = True) -> str:
    """A text of at most `longest` characters. Raises BadValue."""
    plain = typed.plain(text)
    if is_needed and not plain:
        raise BadValue(f"{what} is missing")
    if len(plain) > longest:
        raise BadValue(f"{what} is longer than {longest} characters")
    return plain


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is, else the page that Czech Windows saves in."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            while text.read(_BEGINNING):
                pass
    except UnicodeDecodeError:
        return "cp1250"
    return "utf-8-sig"


def _delimiter(beginning: bytes) -> str:
    # ASCII in both encodings.
    header = beginning.partition(b"\n")[0].decode("latin-1")
    return max(";,\t", key=header.count)


def _records(
    file: str, text: io.TextIOBase, delimiter: str, columns: Mapping[str, frozenset[str]]
) -> Iterator[FileLine | Problem]:
    reader = csv.reader(text, delimiter=delimiter)
    places, width = _header(file, reader, columns)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Problem(file, reader.line_num, "the line is too long; perhaps a quotation mark is not closed")
            continue
        if not any(value.strip() for value in record):
            continue
        # Spreadsheets end lines with empty cells of their own.
        if len(record) < width or any(value.strip() for value in record[width:]):
            yield Problem(file, reader.line_num, f"{len(record):,} columns instead of {width:,}")
            continue
        values = {name: record[place].strip() for name, place in places.items()}
        if any("\0" in value or (not value.isprintable() and _has_surrogates(value)) for value in values.values()):
            yield Problem(file, reader.line_num, "it holds characters that are no text")
            continue
        yield FileLine(reader.line_num, values)


def _header(
    file: str, reader: Iterator[list[str]], columns: Mapping[str, frozenset[str]]
) -> tuple[dict[str, int], int]:
    try:
        header = [_plain_name(name) for name in next(reader, [])]
    except csv.Error:
        header = []
    while header and not header[-1]:
        header.pop()
    places = {column: header.index(name) for column, names in columns.items() for name in header if name in names}
    if missing := [column for column in columns if column not in places]:
        raise UnreadableFile(f"{file} is another table: it has no column {', '.join(missing)}")
    return places, len(header)


def _plain_name(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", typed.plain(name).casefold())


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
