"""How many first doses can be opened, so that each of them has its later doses."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

# The least and the most days between a dose and the one before.
Interval = tuple[int, int]
# The youngest and the oldest age that a seat is for.
Ages = tuple[int, int]


class SeatsOf(NamedTuple):
    """A day, and the ages that its seats are for."""

    day: date
    ages: Ages


def first_doses_that_fit(
    firsts: Mapping[SeatsOf, int], later: Mapping[SeatsOf, int], intervals: Sequence[Interval]
) -> dict[SeatsOf, int]:
    """Of the free seats kept for first doses those that can be opened together.

    `later` are the free seats for later doses; `intervals` one for each later dose of the series. The earliest first
    dose takes the earliest later ones whose ages are at least its own, so each that is counted can really be made.
    """
    left = Counter(dict(later))
    ranges = sorted({seats.ages for seats in later}, key=lambda ages: ages[1] - ages[0])
    fit = {}
    for first in sorted(firsts):
        serving = [ages for ages in ranges if ages[0] <= first.ages[0] and first.ages[1] <= ages[1]]
        fit[first] = _seated(first.day, firsts[first], left, serving, intervals)
    return fit


def _seated(
    day: date, people: int, left: Counter[SeatsOf], serving: Sequence[Ages], intervals: Sequence[Interval]
) -> int:
    """Seat up to `people` who have the dose before on `day`; takes the seats from `left` and returns how many."""
    if not intervals:
        return people
    (least, most), rest = intervals[0], intervals[1:]
    seated = 0
    for days in range(least, most + 1):
        for ages in serving:
            seats = SeatsOf(day + timedelta(days=days), ages)
            wanted = min(people - seated, left[seats])
            if wanted:
                found = _seated(seats.day, wanted, left, serving, rest)
                left[seats] -= found
                seated += found
        if seated == people:
            break
    return seated
