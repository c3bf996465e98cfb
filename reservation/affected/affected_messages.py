"""What people are told of times that cannot stay, and of those that hold after all: once for each reservation."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import F

from crs.messaging import outbox
from crs.messaging.models import Message
from registration.people import telling
from reservation.models import AffectedAppointment, Appointment, Reservation

AFFECTED, KEPT = "reservation/affected", "reservation/kept"


def tell_affected(rows: Sequence[AffectedAppointment]) -> None:
    """Tell each person which of their times cannot stay and why, which hold, and what to do; `rows` by reservation."""
    others = _others(rows)
    outbox.queue_all(
        message
        for reservation, theirs in _by_reservation(rows)
        for message in _messages(AFFECTED, reservation, theirs, others.get(reservation.pk, []))
    )


def tell_kept(rows: Sequence[AffectedAppointment], *, now: datetime) -> None:
    """Tell each person that these times to come hold after all; `rows` by reservation."""
    to_come = [row for row in rows if row.slot.starts_at > now and _is_booked(row)]
    outbox.queue_all(
        message
        for reservation, theirs in _by_reservation(to_come)
        for message in _messages(KEPT, reservation, theirs, [])
    )


def _is_booked(row: AffectedAppointment) -> bool:
    appointment = row.appointment
    is_confirmed = appointment.reservation.state == Reservation.State.CONFIRMED
    return is_confirmed and appointment.state == Appointment.State.BOOKED


def _by_reservation(
    rows: Iterable[AffectedAppointment],
) -> Iterator[tuple[Reservation, list[AffectedAppointment]]]:
    for _key, theirs in groupby(rows, lambda row: row.appointment.reservation_id):
        found = list(theirs)
        yield found[0].appointment.reservation, found


def _others(rows: Sequence[AffectedAppointment]) -> dict[UUID, list[Appointment]]:
    """The other booked times of these people, by reservation, with none that is affected itself."""
    mine = {row.appointment.reservation_id for row in rows}
    booked = Appointment.objects.filter(reservation__in=mine, state=Appointment.State.BOOKED)
    affected = AffectedAppointment.objects.filter(
        kept_at=None, slot=F("appointment__slot"), appointment__reservation__in=mine
    )
    free = booked.exclude(pk__in=affected.values("appointment"))
    found: dict[UUID, list[Appointment]] = {}
    for one in free.select_related("slot__site").order_by("dose_number"):
        found.setdefault(one.reservation_id, []).append(one)
    return found


def _messages(
    template: str, reservation: Reservation, rows: list[AffectedAppointment], others: list[Appointment]
) -> Iterator[Message]:
    registration = reservation.registration
    context: dict[str, Any] = {
        "registration": registration,
        "site": rows[0].slot.site,
        "doses": [(row.appointment.dose_number, row.slot.starts_at) for row in rows],
        "and_then": ", " if len(rows) > 1 else "",
        "others": [(one.dose_number, one.slot.starts_at, one.slot.site) for one in others],
        # Whoever still comes for the dose before is told so; a later one may have to move, too.
        "comes_first": bool(others) and others[0].dose_number < rows[0].appointment.dose_number,
        "cause": rows[0].cause,
        "reason": rows[0].closure.reason if rows[0].closure else "",
    }
    yield from telling.messages(registration, template, context, reference=str(reservation.pk))
