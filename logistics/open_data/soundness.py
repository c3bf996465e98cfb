"""Which published rows the ledger can bear: no day of a store ends below zero (docs/adr/0010-stock-imports.md)."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import accumulate, groupby
from operator import attrgetter
from uuid import UUID

from logistics.open_data.stock_rows import Row

# A site's vials of a vaccine with so many doses each.
Key = tuple[UUID, str, int]
# What moves at the end of a day, vials.
Changes = dict[Key, Counter[date]]


class Levels:
    """How many closed vials stores have at the end of each day."""

    def __init__(self, changes: Mapping[Key, Mapping[date, int]]) -> None:
        self._days = {key: sorted(days) for key, days in changes.items()}
        self._levels = {
            key: list(accumulate((days[day] for day in self._days[key]), initial=0)) for key, days in changes.items()
        }
        # The least level of that day and of all later ones.
        self._least = {key: list(accumulate(reversed(some), min))[::-1] for key, some in self._levels.items()}

    def least(self, key: Key, day: date) -> int:
        """How many may go out on `day` so that neither it nor a later day ends below zero."""
        return self._least[key][bisect_right(self._days[key], day)] if key in self._days else 0

    def lowest_day(self, key: Key, day: date) -> date:
        """The first day from `day` on that ends with so few."""
        if key not in self._days:
            return day
        start = bisect_right(self._days[key], day)
        at = self._levels[key].index(self._least[key][start], start)
        return self._days[key][at - 1] if at > start else day


def sound_rows(rows: Iterable[Row], changes: Changes) -> tuple[list[Row], list[Row]]:
    """Rows that the stores can bear together with `changes`, which they are added to, and the rows that they cannot.

    What is left over is tried again until nothing more fits: a receipt of a later day may make an earlier
    issue sound when the ledger already holds an issue between them. So a second run takes nothing new.
    """
    taken: list[Row] = []
    left = sorted(rows, key=attrgetter("day", "line"))
    while left:
        fits, left = _pass(left, Levels(changes))
        if not fits:
            break
        for row in fits:
            for key, vials in moves(row):
                changes.setdefault(key, Counter())[row.day] += vials
        taken += fits
    return taken, left


def moves(row: Row) -> list[tuple[Key, int]]:
    """The closed vials that a row moves, by whose they are."""
    if row.is_receipt:
        return [(row.key, row.vials)]
    target = [((row.target.id, row.vaccine, row.doses_per_vial), row.vials)] if row.target else []
    return [(row.key, -row.vials), *target]


def _pass(rows: list[Row], levels: Levels) -> tuple[list[Row], list[Row]]:
    """Once through the days, oldest first; what was taken so far counts from its day on."""
    taken: list[Row] = []
    refused: list[Row] = []
    so_far: Counter[Key] = Counter()
    for day, some in groupby(rows, key=attrgetter("day")):
        # Receipts first; then round and round, because a day's chain may stand in the file in any order.
        waiting = sorted(some, key=lambda row: not row.is_receipt)
        while waiting:
            still = []
            for row in waiting:
                if row.is_receipt or levels.least(row.key, day) + so_far[row.key] >= row.vials:
                    taken.append(row)
                    for key, vials in moves(row):
                        so_far[key] += vials
                else:
                    still.append(row)
            if len(still) == len(waiting):
                break
            waiting = still
        refused += waiting
    return taken, refused
