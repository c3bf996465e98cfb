"""The figures of the desks as a table for a spreadsheet (crs.csv_download)."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crs.csv_download import Cell
from support.figures.queries import OfDesk, OfLevel, Open


def lines(
    open_now: list[Open], desks: list[OfDesk], levels: list[OfLevel], topics: list[tuple[str, int]]
) -> list[list[Cell]]:
    """A line a figure: what it is of, which figure, and its value; times in minutes."""
    head: list[Cell] = [_("of"), _("figure"), _("value")]
    table: list[list[Cell]] = [head]
    for row in open_now:
        name = f"{row.desk.label}, {row.level.label}"
        table += [
            [name, pgettext("tickets", "open"), row.whole],
            [name, _("late"), row.late],
            [name, _("waiting for the sender"), row.waiting],
        ]
    for desk in desks:
        name = str(desk.desk.label)
        table += [
            [name, pgettext("tickets", "opened"), desk.opened],
            [name, _("minutes to the first answer, half of them"), minutes(desk.answer.median)],
            [name, _("minutes to the first answer, nine of ten"), minutes(desk.answer.most)],
            [name, _("minutes until resolved, half of them"), minutes(desk.resolution.median)],
            [name, _("minutes until resolved, nine of ten"), minutes(desk.resolution.most)],
            [name, _("answered late or not yet"), desk.answered_late],
            [name, _("reopened"), desk.reopened],
        ]
    for level in levels:
        table += [[str(level.level.label), _("tickets"), level.stays], [str(level.level.label), _("late"), level.late]]
    table += [[name, _("tickets"), count] for name, count in topics]
    return table


def percents(numbers: Sequence[int]) -> list[int]:
    """Whole per cents of the sum, which are 100 together: what is left goes to those who lost most by rounding down."""
    whole = sum(numbers) or 1
    found = [number * 100 // whole for number in numbers]
    lost = sorted(range(len(numbers)), key=lambda one: numbers[one] * 100 % whole, reverse=True)
    for one in lost[: 100 - sum(found)] if any(numbers) else ():
        found[one] += 1
    return found


def minutes(time: timedelta | None) -> int | None:
    """Whole minutes."""
    return None if time is None else round(time.total_seconds() / 60)
