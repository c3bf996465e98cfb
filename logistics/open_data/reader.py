"""Reader of tables as the ministry, registers and offices save them, with their faults.

Any encoding and packing that `crs.saved_files` reads; semicolons, commas, tabulators or bars; columns in any order,
more of them than are needed, names in any case; lines and columns that a spreadsheet left empty. A line that cannot be
used becomes a `Problem` with its number and the reason in words. It never stops the reading of the others.
"""

import csv
import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from crs import csv_download, saved_files, typed, typed_numbers
from crs.saved_files import UnreadableFile
from crs.shortened_text import shortened

# PostgreSQL's integer, which stands behind Django's PositiveIntegerField.
LARGEST_NUMBER = 2_147_483_647

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_DELIMITERS = ",;\t|"
# Excel's own first line, which names the delimiter.
_NAMED_DELIMITER = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_LONGEST_HEADER = 64 * 1024


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


def read(path: Path, columns: Collection[str] | Mapping[str, Collection[str]]) -> Iterator[FileLine | Problem]:
    """The records of `path` in turn, with `columns` alone; a mapping says under which names each column may come.

    Raises UnreadableFile where the file cannot be opened or unpacked, is no table, or lacks one of `columns`.
    """
    named = columns if isinstance(columns, Mapping) else {column: (column,) for column in columns}
    names = {column: frozenset(map(_plain_name, choice)) for column, choice in named.items()}
    with saved_files.opened(path) as text:
        yield from _records(path.name, text, names)


def check(path: Path, columns: Collection[str]) -> None:
    """Read `path` to its end, for whoever writes as it reads. Raises as `read`."""
    for _line in read(path, columns):
        pass


def whole_number(text: str) -> int:
    """A number of people or doses, 0 or more. Raises BadValue."""
    try:
        number = typed_numbers.whole_number(text)
    except ValueError:
        number = -1
    if number < 0:
        raise BadValue(f"“{shortened(text)}” is not a whole number from 0 up")
    if number > LARGEST_NUMBER:
        raise BadValue(f"the number {shortened(text)} is too large")
    return number


def identifier(text: str) -> uuid.UUID:
    """The identifier of a site. Raises BadValue."""
    if not _UUID.fullmatch(text):
        raise BadValue(f"“{shortened(text)}” is not the identifier of a site (a UUID)")
    return uuid.UUID(text)


def _records(file: str, text: IO[str], columns: Mapping[str, frozenset[str]]) -> Iterator[FileLine | Problem]:
    header, before = _header_line(text)
    if words := saved_files.another_text(header):
        raise UnreadableFile(f"{file} {words}.")
    delimiter, places, width = _header(file, header, columns)
    reader = csv.reader(text, delimiter=delimiter)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            number = reader.line_num + before
            yield Problem(file, number, "the line is too long; perhaps a quotation mark is not closed")
            continue
        if any(value.strip() for value in record):
            yield _checked(file, reader.line_num + before, record, places, width)


def _header_line(text: IO[str]) -> tuple[str, int]:
    """The first line in which something stands but the name of the delimiter, and how many lines that took."""
    before = 0
    while line := text.readline(_LONGEST_HEADER):
        before += 1
        if line.strip("\ufeff,;\t| \r\n") and not _NAMED_DELIMITER.fullmatch(line.lstrip("\ufeff")):
            return line.lstrip("\ufeff"), before
    return "", before


def _header(file: str, line: str, columns: Mapping[str, frozenset[str]]) -> tuple[str, dict[str, int], int]:
    """The delimiter that finds most of the columns, the place of each, and how many there are."""
    best: tuple[str, dict[str, list[int]], int] = (",", {}, 0)
    for delimiter in _DELIMITERS:
        cells = chain.from_iterable(csv.reader([line.rstrip("\r\n")], delimiter=delimiter))
        names = [_plain_name(name) for name in cells]
        while names and not names[-1]:
            names.pop()
        found = {
            column: [place for place, name in enumerate(names) if name in choice] for column, choice in columns.items()
        }
        found = {column: places for column, places in found.items() if places}
        if (len(found), len(names)) > (len(best[1]), best[2]):
            best = delimiter, found, len(names)
    delimiter, found, width = best
    if missing := sorted(columns.keys() - found.keys()):
        raise UnreadableFile(f"{file} is another table: it has no column {', '.join(missing)}.")
    if twice := sorted(column for column, places in found.items() if len(places) > 1):
        raise UnreadableFile(f"{file} has more than one column {', '.join(twice)}.")
    return delimiter, {column: places[0] for column, places in found.items()}, width


def _checked(file: str, number: int, record: list[str], places: Mapping[str, int], width: int) -> FileLine | Problem:
    # Spreadsheets end lines with empty cells of their own.
    if len(record) < width or any(value.strip() for value in record[width:]):
        return Problem(file, number, f"{len(record):,} columns instead of {width:,}")
    values = {name: " ".join(record[place].split()) for name, place in places.items()}
    whole = "".join(values.values())  # asked once for all, since files have millions of lines
    if "\0" in whole or _is_no_text(whole):
        return Problem(file, number, "it holds characters that are no text")
    if "'" in whole:
        values = {name: csv_download.as_written(value) for name, value in values.items()}
    return FileLine(number, values)


def _plain_name(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", typed.plain(name).casefold())


def _is_no_text(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= one <= "\udfff" or one == "\ufffd" for one in text)
