"""The people of a day at a site: who is expected, who came, where each of them stands."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from logistics.models import VaccinationSite


class Standing(StrEnum):
    """Where a person of the day stands. Computed from the appointment and its last visit."""

    EXPECTED = "ocekavani"
    ARRIVED = "prisli"
    OBSERVED = "pozorovani"
    GONE = "odesli"
    SENT_AWAY = "bez-davky"
    NO_SHOW = "neprisli"


@dataclass(frozen=True, slots=True)
class Row:
    """A person of the day. `number` is that of the printed list; who came without being planned stands at its end."""

    number: int
    at: datetime
    first_name: str
    last_name: str
    latin_name: str
    birth_year: int
    registration_id: int
    registration_number: str
    dose_number: int
    vaccine: str
    appointment_id: int
    visit_id: UUID | None
    standing: Standing
    came_as: str
    arrived_at: datetime | None
    observe_until: datetime | None
    is_late: bool


@dataclass(frozen=True)
class DayList:
    """The people of `day` at `site` as they stood at `read_at`."""

    site: VaccinationSite
    day: date
    read_at: datetime
    rows: tuple[Row, ...]

    def counts(self) -> Counter[Standing]:
        """How many people stand where."""
        return Counter(row.standing for row in self.rows)


def day_list(site: VaccinationSite, day: date, now: datetime) -> DayList:
    """The list of the day, in one order: planned people by time, surname and registration number, then the others."""
    raise NotImplementedError
