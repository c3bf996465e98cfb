"""A table as a file that a spreadsheet opens.

Semicolons and a byte order mark, because these files are for people: a Czech Excel opens exactly such ones by a
double click, with the comma as the decimal sign. What machines read is the open data (`logistics/open_data/`).
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from io import StringIO

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from crs.no_break import breakable


class Code(str):
    """A text of signs that stay as they are, such as the number of a batch: '22E1' is no number and '10-12' no day."""

    __slots__ = ()


Cell = str | int | float | date | None

# What a spreadsheet would take for a formula; wide signs are ordinary ones to some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What it would make a number or a day of, or a word in its own language: all but short whole numbers.
_KEPT_NUMBER = re.compile(r"0|[1-9][0-9]{0,10}")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec led úno bře dub kvě čer čvn čvc srp zář říj lis pro"
_MONTH = re.compile(rf"({_MONTHS.replace(' ', '|')})[^\W\d_]*[-./ ]?[0-9]{{1,4}}", re.IGNORECASE)
_TRUTH = frozenset({"TRUE", "FALSE", "PRAVDA", "NEPRAVDA"})
_TYPE = "text/csv; charset=utf-8"
_NO_NAME = re.compile(r"[^\w.-]+")


def download(name: str, lines: Iterable[Iterable[Cell]], *, on: date | None = None) -> HttpResponse:
    """The answer that a browser saves as NAME-DAY.csv; the day is today unless the table is of another one."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([written(cell) for cell in line] for line in lines)
    return HttpResponse(text.getvalue().encode("utf-8-sig"), content_type=_TYPE, headers=_headers(name, on))


def streamed(name: str, lines: Iterable[Iterable[Cell]]) -> StreamingHttpResponse:
    """As `download`, for a table that is too long to be held in memory: it is sent while it is read."""
    return StreamingHttpResponse(_encoded(lines), content_type=_TYPE, headers=_headers(name))


def _encoded(lines: Iterable[Iterable[Cell]]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    for line in lines:
        writer.writerow([written(cell) for cell in line])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


def written(cell: Cell) -> str:
    """The cell as it stands in a file. A text that a spreadsheet would change gets an apostrophe in front."""
    if isinstance(cell, float):
        return f"{cell:.2f}".replace(".", ",")
    if isinstance(cell, str) and (cell.startswith(_FORMULA) or (isinstance(cell, Code) and _would_change(cell))):
        return "'" + breakable(cell)
    # A filter or a formula of a spreadsheet takes 'Praha 4' for another word where its space is a no-break one.
    return "" if cell is None else breakable(str(cell))


def as_written(text: str) -> str:
    """The cell of which `written` made this text."""
    return text[1:] if text.startswith("'") and written(Code(text[1:])) == text else text


def _would_change(code: str) -> bool:
    if code[:1].isdigit():
        return not _KEPT_NUMBER.fullmatch(code)
    return bool(_MONTH.fullmatch(code)) or code.upper() in _TRUTH or code.startswith(("'", ".", ",", "(", "%"))


def _headers(name: str, on: date | None = None) -> dict[str, str]:
    file = _NO_NAME.sub("_", name)
    return {"Content-Disposition": f'attachment; filename="{file}-{on or timezone.localdate():%Y-%m-%d}.csv"'}
