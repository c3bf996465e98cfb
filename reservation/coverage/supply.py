"""Vaccine for the seats of the next days: doses that a site holds or was promised, against people who come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

DAYS_AHEAD = 7

# A vaccine (its code) on a day at one site.
VaccineDay = tuple[str, date]


@dataclass(frozen=True)
class DayCoverage:
    """The seats of a vaccine on a day at a site, and those of them for which there is no vaccine."""

    day: date
    booked: int
    free: int
    uncovered_booked: int
    uncovered_free: int


def coverage_of(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, dict[str, list[DayCoverage]]]:
    """By site and vaccine the coverage of each day, today and the next seven."""
    return {}


def held_back(site_id: UUID, planned: Mapping[VaccineDay, int], *, now: datetime) -> dict[VaccineDay, int]:
    """How many of the seats that rules plan on a day have no vaccine and nobody in them, where that is any.

    `planned` is all seats of a vaccine on a day by the rules tied to stock, the booked ones included, whatever is held
    back now: so a second look finds what the first did. People who are booked come first, then earlier days.
    """
    return {}
