"""What became of confirmed times: how often they changed, since when they are as they are, what moved, what went."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crs.prepared_queries import Given, Prepared
from reservation.models import AffectedAppointment, Appointment, Reservation, Slot

CHANGE = 100
_DOUBTS = Prepared(lambda: AffectedAppointment.objects.filter(appointment__reservation_id=Given("reservation")))


@dataclass(frozen=True)
class GivenBack:
    """A dose whose appointment is no more."""

    dose_number: int
    slot: Slot


@dataclass(frozen=True)
class PastChanges:
    """See above; empty of a reservation that is as it was confirmed."""

    # It only ever rises: of two calendar files a diary keeps the one with the higher number.
    sequence: int = 0
    changed_at: datetime | None = None
    moved: frozenset[int] = frozenset()  # keys of appointments
    given_back: tuple[GivenBack, ...] = field(default=())


def of(reservation: Reservation) -> PastChanges:
    """The changes of the reservation; three queries, one where no time changed.

    A time that becomes doubtful, or certain again, counts as one and a change of times as a hundred: the affected rows
    of an appointment go with it, and then its change outweighs them. So nobody who hands people over wants a lock of
    their reservations, after those of slots.
    """
    doubts = _DOUBTS.all(reservation=reservation.pk)
    moments = [moment for one in doubts for moment in (one.made_at, one.kept_at) if moment is not None]
    sequence = reservation.changes * CHANGE + min(len(moments), CHANGE - 1)
    if not reservation.changes:
        return PastChanges(sequence, max(moments, default=None))
    versions: Any = Reservation.pgh_event_model  # type: ignore[attr-defined]  # made by pghistory
    counted = versions.objects.filter(pgh_obj=reservation.pk, changes=reservation.changes)
    events: Any = Appointment.pgh_event_model  # type: ignore[attr-defined]
    # A slot that was deleted since names no time any more; whose seat it was keeps the slot.
    of_it = events.objects.filter(reservation=reservation.pk).select_related("slot__site", "slot__vaccine")
    rows = list(of_it.order_by("pgh_obj_id", "pgh_id"))
    changed_at = counted.order_by("pgh_id").values_list("pgh_created_at", flat=True).first()
    return PastChanges(
        sequence=sequence,
        changed_at=max([*moments, *([changed_at] if changed_at else [])], default=None),
        moved=frozenset(_moved(rows)),
        given_back=tuple(GivenBack(row.dose_number, row.slot) for row in rows if row.pgh_label == "delete"),
    )


def _moved(rows: Iterable[Any]) -> Iterable[int]:
    """Appointments that got another slot. They begin as booked, so a first version that is booked had another one."""
    before: Any = None
    for row in rows:
        is_first = before is None or before.pgh_obj_id != row.pgh_obj_id
        is_other = row.state == Appointment.State.BOOKED if is_first else row.slot_id != before.slot_id
        if is_other and row.pgh_label == "update":
            yield row.pgh_obj_id
        before = row
