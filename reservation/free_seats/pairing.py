"""How many people can have all their doses in the free seats of a site: chains of days, an interval apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from reservation.dose_intervals import Interval

# The youngest and the oldest age that seats are for.
Ages = tuple[int, int]


@dataclass
class Seats:
    """Free seats by day, counted from some first day: for first doses, for later ones, for either."""

    first: list[int]
    later: list[int]
    either: list[int]

    @classmethod
    def none(cls, days: int) -> "Seats":
        """Of `days` days on which nothing is free."""
        return cls([0] * days, [0] * days, [0] * days)

    def add(self, for_doses: str, day: int, seats: int) -> None:
        """Add free seats of slots that are `for_doses` (Slot.Doses)."""
        kind = self.first if for_doses == "FIRST" else self.later if for_doses == "SECOND" else self.either
        kind[day] += seats

    def for_dose(self, number: int) -> list[int]:
        """Seats in which dose `number` may be given."""
        return [
            own + either for own, either in zip(self.first if number == 1 else self.later, self.either, strict=True)
        ]


def bookable(begins: Sequence[int], goes_on: Sequence[int], intervals: Sequence[Interval]) -> list[int]:
    """Of `begins`, seats by day for the next dose, those that have seats for all doses after it.

    `intervals` are those after that dose, one for each further dose, whose seats are `goes_on`. On each day at most as
    many are counted as there are seats in the window after it.
    """
    if not intervals:
        return list(begins)
    # From the last dose backwards: a day without a day to go on to is of no use.
    possible = list(goes_on)
    for interval in reversed(intervals[1:]):
        within = _within(possible, interval)
        possible = [seats and min(seats, after) for seats, after in zip(goes_on, within, strict=True)]
    within = _within(possible, intervals[0])
    return [seats and min(seats, after) for seats, after in zip(begins, within, strict=True)]


def _within(seats: Sequence[int], interval: Interval) -> list[int]:
    """By day, the seats of all days that lie an interval later."""
    days = len(seats)
    until = [0, *accumulate(seats)]
    return [
        until[min(day + interval.max_days + 1, days)] - until[min(day + interval.min_days, days)] for day in range(days)
    ]


def around(by_ages: Mapping[Ages, Seats]) -> dict[Ages, list[Seats]]:
    """The seats that serve the same ages and more, by ages in the order in which to take chains.

    The fewer ages a slot is for, the fewer people can use it: those people take theirs first.
    """
    narrowest_first = sorted(by_ages, key=lambda ages: (ages[1] - ages[0], ages))
    return {
        ages: [by_ages[other] for other in narrowest_first if other != ages and _contains(other, ages)]
        for ages in narrowest_first
    }


def take_chains(own: Seats, others: Sequence[Seats], intervals: Sequence[Interval]) -> list[int]:
    """Take the seats of as many people as fit with all their doses; return how many, by the day of the first one.

    Their first doses come from `own`, later ones from `own` and then from `others`. The earliest first dose takes the
    earliest seats in its windows; of a day's seats, those for one dose are taken before those for either. Every
    counted person can really have all doses. A cleverer search could find a few more where seats are for either dose,
    so this promises too little rather than too much.
    """
    if not intervals:
        people = own.for_dose(1)
        own.first, own.either = [0] * len(own.first), [0] * len(own.either)
        return people
    search = _Search([own, *others], intervals)
    people = [0] * len(own.first)
    for day in range(len(own.first)):
        while wanted := own.first[day] + own.either[day]:
            chain = search.chain(day)
            if not chain:
                break
            taken = min(wanted, *(search.left[later] for later in chain))
            of_first = min(taken, own.first[day])
            own.first[day] -= of_first
            own.either[day] -= taken - of_first
            search.left[day] -= taken - of_first
            for later in chain:
                search.take(later, taken)
            people[day] += taken
    return people


def _contains(one: Ages, other: Ages) -> bool:
    return one[0] <= other[0] and one[1] >= other[1]


class _Search:
    """The seats that are left for later doses, and the days on which it is no use to look for one any more."""

    def __init__(self, pools: Sequence[Seats], intervals: Sequence[Interval]) -> None:
        self._pools = pools
        self._intervals = intervals
        self.left = [sum(of_day) for of_day in zip(*(pool.for_dose(2) for pool in pools), strict=True)]
        # For each later dose: from a day, the nearest day not before it that is still of use.
        self._next = [list(range(len(self.left) + 1)) for _ in intervals]

    def chain(self, day: int, step: int = 0) -> list[int] | None:
        """The earliest days of the doses after one on `day`; seats only become fewer, so no dead end is tried twice."""
        interval = self._intervals[step]
        end = min(day + interval.max_days + 1, len(self.left))
        later = self._use(step, day + interval.min_days)
        while later < end:
            if self.left[later]:
                if step + 1 == len(self._intervals):
                    return [later]
                if rest := self.chain(later, step + 1):
                    return [later, *rest]
            self._next[step][later] = later + 1
            later = self._use(step, later)
        return None

    def take(self, day: int, seats: int) -> None:
        """Take seats of a day for a later dose; as many must be left."""
        self.left[day] -= seats
        for pool in self._pools:
            of_later = min(seats, pool.later[day])
            of_either = min(seats - of_later, pool.either[day])
            pool.later[day] -= of_later
            pool.either[day] -= of_either
            seats -= of_later + of_either

    def _use(self, step: int, day: int) -> int:
        following = self._next[step]
        if day >= len(following):
            return len(following)
        passed = [day]
        while following[passed[-1]] != passed[-1]:
            passed.append(following[passed[-1]])
        for one, _ in pairwise(passed):
            following[one] = passed[-1]
        return passed[-1]
