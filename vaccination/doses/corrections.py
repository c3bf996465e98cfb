"""Corrections of doses. Nothing is deleted: the history keeps the version before, and the ledger follows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from logistics.models import Batch
from logistics.stock.ledger import EntryContext
from vaccination.models import Dose, HealthWorker, VialSession

# Staff of the site correct for so long after the dose was recorded; the ministry at any time.
STAFF_CORRECT_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Correction:
    """What is to be different; None leaves it as it is. A `batch` without a `vial` finds the vial of that day."""

    number: int | None = None
    vial: VialSession | None = None
    batch: Batch | None = None
    given_at: datetime | None = None
    where: str | None = None
    is_dominant_side: bool | None = None
    given_by: HealthWorker | None = None
    doctor: HealthWorker | None = None


def may_correct(*, user: User, dose: Dose, now: datetime) -> bool:
    """Whether the user may correct or annul the dose now."""
    raise NotImplementedError


def correct(*, dose: Dose, change: Correction, reason: str, context: EntryContext) -> Dose:
    """Correct the record of a dose; returns it as it is then."""
    raise NotImplementedError


def annul(*, dose: Dose, error: str, reason: str, context: EntryContext) -> Dose:
    """Take back the record of a dose that was entered in error (`Dose.Error`)."""
    raise NotImplementedError
