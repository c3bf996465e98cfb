"""Generates slots from the ministry's capacity files (open data, `ockovani-rezervace`).

A row is one site, one day and one calendar: V1 for first doses, V2 for second ones, VX not told apart.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from crs.shortened_text import shortened
from logistics.models import VaccinationSite, Vaccine
from logistics.open_data import reader as open_data
from logistics.open_data.reader import BadValue, Problem
from logistics.sites.opening_hours import Hours, Week, week_of
from reservation.models import Slot
from reservation.slots import generation
from reservation.slots.generation import DayCapacity, GeneratedSlots

COLUMNS = frozenset({"datum", "ockovaci_misto_id", "ockovaci_misto_nazev", "maximalni_kapacita", "kalendar_ockovani"})
CALENDARS: dict[str, str] = {"V1": Slot.Doses.FIRST, "V2": Slot.Doses.SECOND, "VX": Slot.Doses.ANY}
# The first day on which anybody in the country was vaccinated was 27 December 2020: an earlier date is a slip.
FIRST_DAY, LAST_DAY = date(2020, 12, 27), date(2099, 12, 31)
# The most in five months of 2021 was 29,250; ten times a large site's day can only be a slip.
MOST_SEATS = 100_000

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One row whose values are sound; `day` is as published."""

    file: str
    line: int
    site_id: UUID
    site_name: str
    day: date
    for_doses: str
    seats: int


@dataclass
class Skipped:
    """Rows that generate nothing, by reason; unknown and closed sites with the number of their rows."""

    problems: list[Problem] = field(default_factory=list)
    unknown_sites: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    closed_sites: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    seats_lost: int = 0
    without_seats: int = 0
    past: int = 0
    not_asked_for: int = 0


@dataclass
class CapacityImport:
    """What an import read in the files and made of it."""

    rows: int
    first_day: date | None
    last_day: date | None
    shift: timedelta
    slots: GeneratedSlots
    skipped: Skipped


@dataclass(frozen=True)
class ImportPlan:
    """How the files are to be read: `shift_to` moves the earliest day to that day or up to six days later."""

    paths: Sequence[Path]
    vaccine: Vaccine
    minutes: int = generation.DEFAULT_MINUTES
    shift_to: date | None = None
    only_site: UUID | None = None
    is_dry_run: bool = False


def import_capacity(
    *, plan: ImportPlan, now: datetime, progress: Callable[[int, int, GeneratedSlots], None] | None = None
) -> CapacityImport:
    """Generate the slots of the files; a second run changes nothing.

    The files are read twice: first to know that they can be read to the end and which day is the
    earliest. `progress` is told the rows read, all the rows, and what is done. Raises UnreadableFile.
    """
    sites = VaccinationSite.objects.prefetch_related("weekday_hours").in_bulk()
    skipped = Skipped()
    rows, earliest, latest = _survey(plan, sites)
    shift = whole_weeks(earliest, plan.shift_to) if earliest and plan.shift_to else timedelta()
    reader = _Reader(plan, sites, shift, timezone.localdate(now), skipped)
    done = generation.generate_slots(
        days=reader.days(),
        vaccine=plan.vaccine,
        minutes=plan.minutes,
        is_dry_run=plan.is_dry_run,
        progress=(lambda done: progress(reader.rows, rows, done)) if progress else None,
    )
    return CapacityImport(
        rows=rows,
        first_day=earliest and earliest + shift,
        last_day=latest and latest + shift,
        shift=shift,
        slots=done,
        skipped=skipped,
    )


def whole_weeks(earliest: date, shift_to: date) -> timedelta:
    """The shift that brings `earliest` to `shift_to` or the next day of the same weekday after it."""
    return timedelta(weeks=-((earliest - shift_to).days // 7))


def _survey(plan: ImportPlan, sites: dict[UUID, VaccinationSite]) -> tuple[int, date | None, date | None]:
    """How many rows there are, and the earliest and latest day on which a known site has seats."""
    rows = 0
    days: set[date] = set()
    for row in _rows(plan.paths):
        rows += 1
        if isinstance(row, Row) and row.seats and row.site_id in sites:
            days.add(row.day)
    return rows, min(days, default=None), max(days, default=None)


@dataclass
class _Reader:
    """Goes through the files and sorts out what cannot be used; `rows` is how far it came."""

    plan: ImportPlan
    sites: dict[UUID, VaccinationSite]
    shift: timedelta
    today: date
    skipped: Skipped
    rows: int = 0
    _weeks: dict[UUID, Week] = field(default_factory=dict)

    def days(self) -> Iterator[DayCapacity]:
        """The days that can be used. A day without seats is among them: it takes back the seats of an earlier file."""
        seen: set[tuple[UUID, date, str]] = set()
        for row in _rows(self.plan.paths):
            self.rows += 1
            if isinstance(row, Problem):
                self.skipped.problems.append(row)
                continue
            site = self._site(row)
            if site is None:
                continue
            day = row.day + self.shift
            key = (row.site_id, day, row.for_doses)
            hours = self._hours(site, day)
            if key in seen:
                self._report(row, "the same site, day and calendar stand in the files a second time")
            elif day < self.today:
                self.skipped.past += 1
            elif row.seats and not generation.windows_of(day, hours.opens_at, hours.closes_at, self.plan.minutes):
                self._report(row, "the site is not open long enough for one slot")
            else:
                seen.add(key)
                self.skipped.without_seats += not row.seats
                yield DayCapacity(row.site_id, day, row.for_doses, row.seats, hours.opens_at, hours.closes_at)

    def _hours(self, site: VaccinationSite, day: date) -> Hours:
        """The weekday's hours; the usual ones where people are to come on a day on which the site is closed."""
        week = self._weeks.get(site.pk)
        if week is None:
            week = self._weeks[site.pk] = week_of(site)
        return week[day.weekday()] or Hours(site.opens_at, site.closes_at)

    def _site(self, row: Row) -> VaccinationSite | None:
        site = self.sites.get(row.site_id)
        if self.plan.only_site not in (None, row.site_id):
            self.skipped.not_asked_for += 1
            return None
        if site is None:
            self._lose(self.skipped.unknown_sites, row)
            return None
        if site.state != VaccinationSite.State.OPEN:
            self._lose(self.skipped.closed_sites, row)
            return None
        return site

    def _lose(self, sites: Counter[tuple[UUID, str]], row: Row) -> None:
        sites[row.site_id, row.site_name] += 1
        self.skipped.seats_lost += row.seats

    def _report(self, row: Row, reason: str) -> None:
        self.skipped.problems.append(Problem(row.file, row.line, reason))


def _rows(paths: Sequence[Path]) -> Iterator[Row | Problem]:
    for path in paths:
        for line in open_data.read(path, COLUMNS):
            if isinstance(line, Problem):
                yield line
                continue
            try:
                yield parsed(path.name, line)
            except BadValue as reason:
                yield Problem(path.name, line.number, str(reason))


def parsed(file: str, line: open_data.FileLine) -> Row:
    """What a line says of the seats of a site, a day and a calendar. Raises BadValue."""
    values = line.values
    calendar, seats = values["kalendar_ockovani"], open_data.whole_number(values["maximalni_kapacita"])
    if calendar not in CALENDARS:
        raise BadValue(f"there is no calendar “{shortened(calendar)}”; V1, V2 and VX are known")
    if seats > MOST_SEATS:
        raise BadValue(f"{seats:,} seats are more than any site has in a day")
    return Row(
        file=file,
        line=line.number,
        site_id=open_data.identifier(values["ockovaci_misto_id"]),
        site_name=shortened(values["ockovaci_misto_nazev"]),
        day=_day(values["datum"]),
        for_doses=CALENDARS[calendar],
        seats=seats,
    )


def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise BadValue(f"“{shortened(text)}” is not a date (YYYY-MM-DD)")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadValue(f"there is no day {text}") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadValue(f"{text} is not a day of the campaign")
    return day
