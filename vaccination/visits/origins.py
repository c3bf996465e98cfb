"""Where an appointment was before a check-in moved it; the history of the check-in keeps it, so that it can go back."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps

from reservation.models import Appointment
from vaccination.models import Visit


@dataclass(frozen=True)
class Origin:
    """The slot in which the check-in seated the person, and the one before; None where it made the appointment."""

    seat_id: int
    slot_id: int | None
    was_missed: bool


def told(appointment: Appointment, before: Appointment | None) -> dict[str, Any]:
    """What the history keeps of an appointment that was seated; `before` is how it stood until then."""
    came_from = {} if before is None else {"slot_before": before.slot_id, "state_before": str(before.state)}
    return {"seated": appointment.pk, "seat": appointment.slot_id, **came_from}


def of(visit: Visit) -> Origin | None:
    """Where the appointment of the visit came from; None where it was here before, or was seated by no check-in."""
    versions: Any = apps.get_model("vaccination", "VisitEvent")
    first = versions.objects.filter(pgh_obj=visit.pk, pgh_label="insert").select_related("pgh_context").first()
    kept = (first.pgh_context.metadata if first is not None and first.pgh_context else None) or {}
    # Several check-ins of one request share what the history keeps; it then tells of the last one alone.
    if kept.get("seated") != visit.appointment_id or kept.get("slot_before") == kept["seat"]:
        return None
    return Origin(kept["seat"], kept.get("slot_before"), kept.get("state_before") == Appointment.State.MISSED)
