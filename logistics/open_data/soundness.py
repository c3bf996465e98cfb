"""The soundness of published rows: with a sound row no day of a store ends below zero.

docs/adr/0010-stock-imports.md says why this is the rule.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import accumulate, groupby
from operator import attrgetter
from uuid import UUID

from logistics.open_data.stock_rows import Row

# A site, a vaccine and the doses a vial: one stock of closed vials.
Key = tuple[UUID, str, int]
# The vials that come to a stock or leave it, by day.
Changes = dict[Key, Counter[date]]


class Levels:
    """The closed vials of each stock at the end of each day."""

    def __init__(self, changes: Mapping[Key, Mapping[date, int]]) -> None:
        self._days = {key: sorted(days) for key, days in changes.items()}
        self._levels = {
            key: list(accumulate((days[day] for day in self._days[key]), initial=0)) for key, days in changes.items()
        }
        # The least level of a day and of all later ones.
        self._least = {key: list(accumulate(reversed(some), min))[::-1] for key, some in self._levels.items()}

    def least(self, key: Key, day: date) -> int:
        """The most vials that may go out on `day` so that neither it nor a later day ends below zero."""
        return self._least[key][bisect_right(self._days[key], day)] if key in self._days else 0

    def lowest_day(self, key: Key, day: date) -> date:
        """The first day from `day` on that ends with the `least` level."""
        if key not in self._days:
            return day
        start = bisect_right(self._days[key], day)
        at = self._levels[key].index(self._least[key][start], start)
        return self._days[key][at - 1] if at > start else day


def sound_rows(rows: Iterable[Row], changes: Changes) -> tuple[list[Row], list[Row]]:
    """The sound rows and the others; the movements of the sound ones are added to `changes`.

    Rows that did not fit are tried again until no more of them fit: a receipt of a later day may make an earlier issue
    sound when the ledger already holds an issue between them. So a second run takes nothing new.
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
    """The closed vials that a row moves, by the stock to which they belong."""
    if row.is_receipt:
        return [(row.key, row.vials)]
    target = [((row.target.id, row.vaccine, row.doses_per_vial), row.vials)] if row.target else []
    return [(row.key, -row.vials), *target]


def _pass(rows: list[Row], levels: Levels) -> tuple[list[Row], list[Row]]:
    """Go through the days once, oldest first. A row that was taken counts from its day on."""
    taken: list[Row] = []
    refused: list[Row] = []
    so_far: Counter[Key] = Counter()
    for day, some in groupby(rows, key=attrgetter("day")):
        # Receipts come first. Then the others in rounds, because a day's chain of sites may stand in any order.
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
