"""A day of a site: every time with its vaccine, doses, seats and booked seats."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone

from logistics.models import VaccinationSite
from reservation.free_seats.fill import Fill
from reservation.models import OLDEST, YOUNGEST, Slot
from reservation.site_calendar import days
from reservation.site_calendar.days import DayNote

# With more slots than this an hour is opened by whoever wants to see it.
MOST_SHOWN = 24


@dataclass(frozen=True)
class SlotLine:
    """A slot as the page shows it."""

    pk: int
    starts_at: datetime
    vaccine: str
    for_doses: str
    youngest_age: int | None
    oldest_age: int | None
    fill: Fill
    is_closed: bool
    is_by_hand: bool


@dataclass(frozen=True)
class Time:
    """All slots that begin at one time."""

    starts_at: datetime
    slots: tuple[SlotLine, ...]

    @property
    def fill(self) -> Fill:
        """How full the time is."""
        return sum((one.fill for one in self.slots), Fill())

    @property
    def is_closed(self) -> bool:
        """Whether all its slots are closed."""
        return all(one.is_closed for one in self.slots)


@dataclass(frozen=True)
class HourTimes(Time):
    """All times that begin in one hour; the page shows the first one at once."""

    times: tuple[Time, ...]
    is_first: bool


@dataclass(frozen=True)
class Day:
    """A day with its times in their order."""

    day: date
    times: tuple[Time, ...]
    note: DayNote
    is_today: bool
    is_past: bool

    @property
    def fill(self) -> Fill:
        """How full the whole day is."""
        return sum((one.fill for one in self.times), Fill())

    @property
    def is_closed(self) -> bool:
        """Whether no time of the day can be booked because it is closed."""
        return self.note.is_closed or (bool(self.times) and all(one.is_closed for one in self.times))

    @property
    def is_short(self) -> bool:
        """Whether all its slots are shown at once."""
        return sum(len(one.slots) for one in self.times) <= MOST_SHOWN

    def hours(self) -> list[HourTimes]:
        """Its times by the hour."""
        found: list[HourTimes] = []
        for _hour, group in groupby(self.times, key=lambda one: timezone.localtime(one.starts_at).hour):
            times = tuple(group)
            slots = tuple(slot for time in times for slot in time.slots)
            found.append(HourTimes(times[0].starts_at, slots, times, is_first=not found))
        return found

    def sums(self) -> list[tuple[str, str, Fill]]:
        """How full the day is for each vaccine and what its slots are for."""
        found: defaultdict[tuple[str, str], Fill] = defaultdict(Fill)
        for time in self.times:
            for slot in time.slots:
                found[slot.vaccine, slot.for_doses] += slot.fill
        return [(vaccine, doses, fill) for (vaccine, doses), fill in sorted(found.items())]


def day(site: VaccinationSite, on: date, *, today: date) -> Day:
    """The day `on`. Two queries."""
    rows: Any = (
        Slot.objects.filter(site=site, day=on)
        .order_by("starts_at", "vaccine__name__czech", "for_doses", "pk")
        .values_list(
            *("pk", "starts_at", "vaccine__name", "for_doses", "youngest_age", "oldest_age"),
            *("capacity", "booked", "is_closed", "is_by_hand"),
            named=True,
        )
    )
    labels = {code: str(label) for code, label in Slot.Doses.choices}
    times: defaultdict[datetime, list[SlotLine]] = defaultdict(list)
    for row in rows:
        line = SlotLine(
            pk=row.pk,
            starts_at=row.starts_at,
            vaccine=row.vaccine__name,
            for_doses=labels[row.for_doses],
            youngest_age=row.youngest_age if row.youngest_age > YOUNGEST else None,
            oldest_age=row.oldest_age if row.oldest_age < OLDEST else None,
            fill=Fill(row.capacity, row.booked),
            is_closed=row.is_closed,
            is_by_hand=row.is_by_hand,
        )
        times[row.starts_at].append(line)
    return Day(
        day=on,
        times=tuple(Time(starts_at, tuple(lines)) for starts_at, lines in times.items()),
        note=days.note_of(on, days.closures_of(site.pk, first=on, last=on)),
        is_today=on == today,
        is_past=on < today,
    )
