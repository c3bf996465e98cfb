"""Recording a dose: one entry with all its effects, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from logistics.models import StockItem, VaccinationSite
from logistics.stock.ledger import EntryContext
from registration.models import Person, Registration
from reservation.models import Appointment
from vaccination.doses.guards import Finding
from vaccination.models import Dose, HealthWorker, VialSession, Visit


@dataclass(frozen=True)
class DoseEntry:
    """A dose as it is typed. `overrides` are reasons by the code of the rule (`Finding.rule`).

    `item` is needed only where no vial session is named, as by another system.
    """

    registration: Registration
    site: VaccinationSite
    visit: Visit | None
    vial: VialSession | None
    number: int
    given_at: datetime
    where: str
    is_dominant_side: bool | None
    given_by: HealthWorker | None
    doctor: HealthWorker | None
    overrides: Mapping[str, str] = field(default_factory=dict)
    item: StockItem | None = None


class Fit(StrEnum):
    """How the next appointment fits the interval valid on the day of the dose."""

    COMPLETE = "COMPLETE"  # no further dose of the series
    FITS = "FITS"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    OTHER_VACCINE = "OTHER_VACCINE"
    NONE = "NONE"  # there is no appointment


@dataclass(frozen=True)
class NextAppointment:
    """The next dose: its number, its appointment if any, and the days between which it should be given."""

    fit: Fit
    number: int
    appointment: Appointment | None = None
    first_on: date | None = None
    ideal_on: date | None = None
    last_on: date | None = None


def next_number(person: Person) -> int:
    """The number of the person's next dose."""
    return Dose.objects.filter(person=person).valid().count() + 1


def findings(*, entry: DoseEntry, now: datetime) -> list[Finding]:
    """What the rules say about the entry now, for the screen; `record` asks them again under its locks."""
    raise NotImplementedError


def record(*, entry: DoseEntry, context: EntryContext) -> Dose:
    """Record a dose with all its effects. Raises DoseRefused, the refusals of vials and of the stock, FormChanged."""
    raise NotImplementedError


def next_appointment(*, dose: Dose, now: datetime) -> NextAppointment:
    """The next appointment after `dose`, and whether it fits the interval valid on the day of the dose."""
    raise NotImplementedError
