"""Closing a site for an hour, a day, a week, and opening it again."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from crs.sent_forms import NO_FORM, Sending
from logistics.models import VaccinationSite, Vaccine
from reservation.models import Appointment, Closure


@dataclass(frozen=True)
class ClosureDraft:
    """What somebody means to close; `vaccine` None: all."""

    site: VaccinationSite
    starts_at: datetime
    ends_at: datetime
    reason: str
    vaccine: Vaccine | None = None


@dataclass(frozen=True)
class ClosurePlan:
    """What the closure would do: the seats that nobody could book any more, and whose appointments are affected.

    `fingerprint` changes with them.
    """

    free_seats: int
    appointments: list[Appointment]
    holds: int
    fingerprint: str


def plan_closure(draft: ClosureDraft, *, now: datetime) -> ClosurePlan:
    """What closing would do; it changes nothing. Raises ClosurePast, ClosureTooLong."""
    raise NotImplementedError


def close(*, draft: ClosureDraft, shown: str | None, by: User, now: datetime, form: Sending = NO_FORM) -> Closure:
    """Close the slots of the draft at once, and hand over whoever is booked in them.

    `shown` is the fingerprint of the plan that was shown; None: nobody was asked. Raises ClosurePast, ClosureChanged.
    """
    raise NotImplementedError


def lift(*, closure_id: int, by: User, now: datetime, form: Sending = NO_FORM) -> None:
    """Open the slots again and tell those who are still booked in them that their time holds. Raises ClosureLifted."""
    raise NotImplementedError
