"""The reports of stock as files to download.

Semicolons and a byte order mark, because these files are for people: a Czech Excel opens exactly such ones by a
double click, with the comma as the decimal sign. What machines read is the open data (`logistics/open_data.py`).
"""

import csv
from collections.abc import Iterable
from datetime import date
from io import StringIO

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.batches import Use
from logistics.reports import Held, Usage, Wasted

Cell = str | int | float | date | None
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def stock(rows: Iterable[Held]) -> list[list[Cell]]:
    """A line a batch."""
    head: list[Cell] = [
        _("vaccine"),
        _("batch"),
        _("expiry"),
        _("blocked"),
        _("vials"),
        _("doses in vials"),
        _("opened doses"),
        _("vials on the way"),
        _("doses on the way"),
    ]
    lines: list[list[Cell]] = [head]
    for row in rows:
        batch = row.batch
        who: list[Cell] = [batch.vaccine.name, str(batch), batch.expires_on, batch.block_reason]
        lines.append([*who, row.vials, row.doses_in_vials, row.opened, row.incoming_vials, row.incoming_doses])
    return lines


def consumption(usage: Usage) -> list[list[Cell]]:
    """A line a day with a column a vaccine."""
    head: list[Cell] = [_("day"), *(vaccine.name for vaccine in usage.vaccines), _("total")]
    lines: list[list[Cell]] = [[day, *amounts, whole] for day, amounts, whole in usage.rows()]
    return [head, *lines]


def waste(rows: Iterable[Wasted]) -> list[list[Cell]]:
    """A line a vaccine and reason, then one of the vaccine's sum with the rate in per cent."""
    head: list[Cell] = [
        _("vaccine"),
        _("reason"),
        _("doses in closed vials"),
        _("doses of opened vials"),
        _("doses used"),
        _("doses gained at opening"),
        _("waste rate in %"),
    ]
    lines: list[list[Cell]] = [head]
    for row in rows:
        lines += [
            [row.vaccine.name, reason, closed, opened, None, None, None] for reason, closed, opened in row.reasons
        ]
        whole: list[Cell] = [row.vaccine.name, _("total"), row.doses_closed, row.doses_opened]
        lines.append([*whole, row.consumed, row.extra, row.percent])
    return lines


def uses(rows: Iterable[Use]) -> list[list[Cell]]:
    """For a recall: a line a store and day."""
    head: list[Cell] = [_("store"), _("day"), _("doses used")]
    lines: list[list[Cell]] = [[row.store.name, row.day, row.doses] for row in rows]
    return [head, *lines]


def download(name: str, lines: Iterable[Iterable[Cell]]) -> HttpResponse:
    """The answer that a browser saves as NAME-DAY.csv."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([_written(cell) for cell in line] for line in lines)
    return HttpResponse(
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.csv"'},
    )


def _written(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}".replace(".", ",")
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return "" if cell is None else str(cell)
