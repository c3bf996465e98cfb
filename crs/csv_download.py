"""A table as a file that a spreadsheet opens.

Semicolons and a byte order mark, because these files are for people: a Czech Excel opens exactly such ones by a
double click, with the comma as the decimal sign. What machines read is the open data (`logistics/open_data/`).
"""

import codecs
import csv
from collections.abc import Iterable, Iterator
from datetime import date
from io import StringIO

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from crs.no_break import breakable

Cell = str | int | float | date | None


# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_TYPE = "text/csv; charset=utf-8"


def download(name: str, lines: Iterable[Iterable[Cell]], *, on: date | None = None) -> HttpResponse:
    """The answer that a browser saves as NAME-DAY.csv; the day is today unless the table is of another one."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([_written(cell) for cell in line] for line in lines)
    return HttpResponse(text.getvalue().encode("utf-8-sig"), content_type=_TYPE, headers=_headers(name, on))


def streamed(name: str, lines: Iterable[Iterable[Cell]]) -> StreamingHttpResponse:
    """As `download`, for a table that is too long to be held in memory: it is sent while it is read."""
    return StreamingHttpResponse(_encoded(lines), content_type=_TYPE, headers=_headers(name))


def _encoded(lines: Iterable[Iterable[Cell]]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    for line in lines:
        writer.writerow([_written(cell) for cell in line])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


def _headers(name: str, on: date | None = None) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}-{on or timezone.localdate():%Y-%m-%d}.csv"'}


def _written(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}".replace(".", ",")
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + breakable(cell)
    # A filter or a formula of a spreadsheet takes 'Praha 4' for another word where its space is a no-break one.
    return "" if cell is None else breakable(str(cell))
