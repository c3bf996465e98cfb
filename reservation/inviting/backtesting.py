"""Holds the estimate of the wait against what happened: whether it would have been right in each week of the past."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from pathlib import Path

from logistics.open_data import reader as open_data
from logistics.open_data.reader import Problem
from reservation.inviting.wait import WEEKS, Pace, rounded

COLUMNS = frozenset({"datum", "kraj_nuts_kod", "maximalni_kapacita", "volna_kapacita", "kalendar_ockovani"})
_FIRST_DOSES = "V1"
# So many weeks of people, at the pace of that time, come before somebody who asks.
LINES = (0.5, 1, 2, 3, 4, 6, 8)


@dataclass
class Verdict:
    """How often the range was asked for, and how often the turn came within it, sooner, or later."""

    asked: int = 0
    within: int = 0
    sooner: int = 0
    later: int = 0
    weeks_wide: int = 0

    @property
    def share_within(self) -> float:
        """Of all that were asked."""
        return self.within / self.asked if self.asked else 0.0

    @property
    def share_later(self) -> float:
        """Those whom the estimate would have disappointed."""
        return self.later / self.asked if self.asked else 0.0


def judge(weeks: Sequence[int]) -> Verdict:
    """Ask for the range in each week of one region, with lines of different lengths before the person.

    `weeks` are the people who were served in each. Left out is whom the weeks that are known did not reach, unless the
    range ended within them, and a range without an end, which cannot be wrong.
    """
    verdict = Verdict()
    for week in range(WEEKS, len(weeks)):
        last = weeks[week - WEEKS : week]
        pace = Pace.of(last)
        if pace is None:
            continue
        for line in LINES:
            ahead = round(line * sum(last) / WEEKS)
            known = weeks[week:]
            came = _weeks_until(ahead, known)
            told = rounded(*pace.weeks(ahead, ahead))
            if told.high is None or (came is None and len(known) < told.high):
                continue
            if came is None:
                came = inf  # some time after the weeks that are known
            verdict.asked += 1
            verdict.sooner += came < told.low
            verdict.later += came > told.high
            verdict.within += told.low <= came <= told.high
            verdict.weeks_wide += told.high - told.low
    return verdict


def _weeks_until(ahead: int, weeks: Iterable[int]) -> float | None:
    """When so many people were served, a week being served evenly; None where the weeks do not reach so far."""
    for number, people in enumerate(weeks):
        if people >= ahead:
            return number + (ahead / people if people else 0)
        ahead -= people
    return None


def weeks_of_files(paths: Iterable[Path], problems: list[Problem]) -> dict[str, list[int]]:
    """The seats for first doses that were taken in each region and week, by the ministry's capacity files.

    Whole weeks from the first Monday to the last Sunday. Rows that cannot be used are added to `problems`. Raises
    UnreadableFile.
    """
    taken: Counter[tuple[str, date]] = Counter()
    for path in paths:
        for found in _taken(path):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                region, day, seats = found
                taken[region, day] += seats
    days = [day for _region, day in taken]
    if not days:
        return {}
    first = min(days).toordinal()
    first += -(first - 1) % 7  # the first day of the calendar was a Monday
    count = (max(days).toordinal() + 1 - first) // 7
    weeks: dict[str, list[int]] = {region: [0] * count for region, _day in sorted(taken)}
    for (region, day), seats in taken.items():
        week = (day.toordinal() - first) // 7
        if 0 <= week < count:
            weeks[region][week] += seats
    return weeks


def _taken(path: Path) -> Iterator[tuple[str, date, int] | Problem]:
    for line in open_data.read(path, COLUMNS):
        if isinstance(line, Problem):
            yield line
            continue
        said = line.values
        if said["kalendar_ockovani"] != _FIRST_DOSES or not said["kraj_nuts_kod"]:
            continue
        try:
            seats = open_data.whole_number(said["maximalni_kapacita"]) - open_data.whole_number(said["volna_kapacita"])
            yield said["kraj_nuts_kod"], date.fromisoformat(said["datum"]), max(seats, 0)
        except ValueError as reason:  # a BadValue, or no date
            yield Problem(path.name, line.number, str(reason))


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Added up."""
    found = Verdict()
    for one in verdicts:
        for name, value in vars(one).items():
            setattr(found, name, getattr(found, name) + value)
    return found


def by_region(weeks: Mapping[str, Sequence[int]]) -> dict[str, Verdict]:
    """The verdict for each region."""
    return {region: judge(of_region) for region, of_region in weeks.items()}
