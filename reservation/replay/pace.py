"""How fast people reserve while a campaign grows: by the clock, and by the processor time of those who work for it."""

from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple


class Rate(NamedTuple):
    """People a second on the clock, and for a second of processor time."""

    by_clock: float
    by_cpu: float


class _Mark(NamedTuple):
    people: int
    clock: float
    cpu: float


@dataclass
class Pace:
    """What was done so far, noted again and again."""

    people: int = 0
    cpu: float = 0.0
    _marks: list[_Mark] = field(default_factory=lambda: [_Mark(0, monotonic(), 0.0)])

    def note(self, *, people: int, cpu: float) -> None:
        """So many more people are done, for so many more processor seconds."""
        self.people += people
        self.cpu += cpu
        self._marks.append(_Mark(self.people, monotonic(), self.cpu))

    @property
    def whole(self) -> Rate:
        """From the beginning to the last note."""
        return self._rate(0.0, 1.0)

    @property
    def first_tenth(self) -> Rate:
        """Of the first tenth of the people."""
        return self._rate(0.0, 0.1)

    @property
    def last_tenth(self) -> Rate:
        """Of the last tenth of the people."""
        return self._rate(0.9, 1.0)

    def _rate(self, begin: float, end: float) -> Rate:
        # Whole portions: what was begun in this part, or ended in it, counts with it.
        first = next(mark for mark in reversed(self._marks) if mark.people <= begin * self.people)
        last = next(mark for mark in self._marks if mark.people >= end * self.people)
        people = last.people - first.people
        return Rate(people / max(last.clock - first.clock, 1e-6), people / max(last.cpu - first.cpu, 1e-6))
