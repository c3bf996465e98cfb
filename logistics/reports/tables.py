"""The tables of the reports of stock, to be downloaded as files (crs.csv_download).

The files are for people: they have semicolons and a byte order mark, because a Czech Excel opens such files by a double
click, with the comma as the decimal sign. Files for machines are the open data (`logistics/open_data/export.py`).
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from crs.csv_download import Cell, Code
from logistics.reports.queries import BatchStock, Usage, Wasted


def stock(rows: Iterable[BatchStock]) -> list[list[Cell]]:
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
        who: list[Cell] = [batch.vaccine.name, Code(batch), batch.expires_on, batch.block_reason]
        lines.append([*who, row.vials, row.doses_in_vials, row.opened, row.incoming_vials, row.incoming_doses])
    return lines


def consumption(usage: Usage) -> list[list[Cell]]:
    """A line a day with a column a vaccine."""
    head: list[Cell] = [_("day"), *(vaccine.name for vaccine in usage.vaccines), _("total")]
    lines: list[list[Cell]] = [[day, *amounts, whole] for day, amounts, whole in usage.rows()]
    return [head, *lines]


def waste(rows: Iterable[Wasted]) -> list[list[Cell]]:
    """A line a vaccine and reason; after those of a vaccine a line with their sum and the waste rate in per cent."""
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
