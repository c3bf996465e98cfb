"""Tells the room below whether somebody stands at a site for an appointment (`reservation.arranging.presence`)."""

from collections.abc import Collection

from vaccination.models import Visit


def is_anybody(appointment_ids: Collection[int]) -> bool:
    """Whether the person of one of these appointments is checked in and waits, or is observed."""
    return Visit.objects.present().filter(appointment__in=appointment_ids).exists()
