"""Which seats a site has doses for: booked people first, then free seats, each day's before the next day's."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from logistics.stock.doses_ahead import Doses


@dataclass(frozen=True)
class Covered:
    """On each day the booked people and the free seats for which there is a dose."""

    booked: list[int]
    free: list[int]


def cover(doses: Iterable[Doses], days: Sequence[date], *, booked: Sequence[int], free: Sequence[int]) -> Covered:
    """Give the doses to the people and the free seats of the `days`, which rise.

    As many of a group are covered as can be beside all groups before it, whichever doses that takes: so no free seat
    takes the dose of somebody who is booked, on whatever day.
    """
    known = sorted(doses, key=lambda one: one.since)
    everybody = [people + seats for people, seats in zip(booked, free, strict=True)]
    if _used(known, days, everybody) == sum(everybody):
        return Covered(list(booked), list(free))
    accepted = [0] * len(days)
    covered = Covered([], [])
    for wanted, got in ((booked, covered.booked), (free, covered.free)):
        for day, seats in enumerate(wanted):
            more = [*accepted[:day], accepted[day] + seats, *accepted[day + 1 :]]
            got.append(_used(known, days, more) - sum(accepted))
            accepted[day] += got[-1]
    return covered


def _used(doses: Sequence[Doses], days: Sequence[date], wanted: Sequence[int]) -> int:
    """The most of the wanted doses that can be given; each day those go first that run out first."""
    used, coming = 0, 0
    at_hand: list[tuple[date, int]] = []
    for day, left in zip(days, wanted, strict=True):
        while coming < len(doses) and doses[coming].since <= day:
            heapq.heappush(at_hand, (doses[coming].until, doses[coming].number))
            coming += 1
        while at_hand and (left or at_hand[0][0] < day):
            until, number = heapq.heappop(at_hand)
            if until < day:
                continue
            taken = min(number, left)
            used, left = used + taken, left - taken
            if number > taken:
                heapq.heappush(at_hand, (until, number - taken))
    return used
