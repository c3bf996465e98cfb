"""Appointments whose time cannot stay: handed over once, open until they move or are kept, called about."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from crs.sent_forms import NO_FORM, Sending
from reservation.models import AffectedAppointment, AffectedCall, Closure


def hand_over(
    *, appointment_ids: Iterable[int], cause: AffectedAppointment.Cause, closure: Closure | None = None, now: datetime
) -> list[int]:
    """Note the booked appointments as affected and tell their people, once; returns the keys of the new rows.

    The appointments stay booked. One that is open already is left as it is, and so is one that is not booked in a
    confirmed reservation any more. It runs in the caller's transaction, who has locked what makes them affected.
    """
    raise NotImplementedError


def open_at(now: datetime, *, site_id: UUID | None = None) -> QuerySet[AffectedAppointment]:
    """Affected appointments that nobody settled: still booked in that slot, to come, and not kept."""
    raise NotImplementedError


def keep(*, affected_ids: Iterable[int], by: User | None, now: datetime) -> int:
    """Decide that open appointments hold after all and tell their people; returns how many."""
    raise NotImplementedError


def record_call(
    *, affected_id: int, outcome: AffectedCall.Outcome, by: User, now: datetime, form: Sending = NO_FORM
) -> None:
    """Write down that the site called the person of an affected appointment."""
    raise NotImplementedError
