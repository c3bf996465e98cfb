"""What the ministry's capacity files say: the seats of each site, day and calendar, and how many of them were taken."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from logistics.open_data import reader
from logistics.open_data.past_sites import PastSite
from logistics.open_data.reader import BadValue, Problem
from reservation.replay.errors import NothingToReplay
from reservation.slots import capacity_import

COLUMNS = capacity_import.COLUMNS | {"volna_kapacita", "kraj_nuts_kod"}
_FILE = re.compile(r"reservation-capacity-([0-9]{4}-[0-9]{2})\.csv(\.gz)?", re.ASCII | re.IGNORECASE)


class Place(NamedTuple):
    """A site's calendar on a day."""

    site_id: UUID
    day: date
    for_doses: str  # Slot.Doses


@dataclass
class SeatsTaken:
    """The seats of the files, those of them that were taken, and the rows that say neither."""

    seats: dict[Place, int] = field(default_factory=dict)
    taken: dict[Place, int] = field(default_factory=dict)
    sites: dict[UUID, PastSite] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def days(self) -> list[date]:
        """Those on which a seat was taken, in order."""
        return sorted({place.day for place, seats in self.taken.items() if seats})


def files(folder: Path, months: Collection[str] = ()) -> list[Path]:
    """The capacity files of the folder by month, of all months or of those (YYYY-MM). Raises NothingToReplay."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        match = _FILE.fullmatch(path.name)
        if match and (not months or match[1] in months):
            found[match[1]] = path  # packed or not, a month is one file
    if not found or set(months) - set(found):
        raise NothingToReplay
    return [found[month] for month in sorted(found)]


def read(paths: Sequence[Path], *, share: float = 1) -> SeatsTaken:
    """The seats of the files; of those taken so large a `share`, evenly over sites and days. Raises UnreadableFile.

    As the import of slots does, it takes the first of two rows of one site, day and calendar.
    """
    told = SeatsTaken()
    so_far = 0
    for path in paths:
        for line in reader.read(path, COLUMNS):
            if isinstance(line, Problem):
                told.problems.append(line)
                continue
            try:
                row = capacity_import.parsed(path.name, line)
                taken = _taken(told, row, line)
            except BadValue as reason:
                told.problems.append(Problem(path.name, line.number, str(reason)))
                continue
            place = Place(row.site_id, row.day, row.for_doses)
            told.sites.setdefault(row.site_id, PastSite(row.site_name, line.values["kraj_nuts_kod"]))
            told.seats[place] = row.seats
            told.taken[place] = int((so_far + taken) * share) - int(so_far * share)
            so_far += taken
    return told


def _taken(told: SeatsTaken, row: capacity_import.Row, line: reader.FileLine) -> int:
    """How many seats of a row were taken. Raises BadValue."""
    if Place(row.site_id, row.day, row.for_doses) in told.seats:
        raise BadValue("the same site, day and calendar stand in the files a second time")
    taken = row.seats - reader.whole_number(line.values["volna_kapacita"])
    if taken < 0:
        raise BadValue("more seats are free than there are")
    return taken
