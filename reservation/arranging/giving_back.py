"""Giving back what a person has: the whole reservation, or where a dose was given the times to come."""

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from reservation.arranging import seating
from reservation.models import Appointment, Reservation


def give_up(reservation: Reservation, now: datetime) -> bool:
    """End the reservation and give its seats back; whether its person counted on times that are gone now.

    A dose that was given keeps the reservation, and only the times to come go. The caller holds the lock of the
    reservation, and their operation stands in the history.
    """
    appointments = Appointment.objects.filter(reservation=reservation)
    if appointments.filter(state=Appointment.State.FULFILLED).exists():
        return bool(give_up_later_doses(reservation, now))
    was_counted_on = reservation.state == Reservation.State.CONFIRMED or reservation.held_until > now
    ended = Reservation.State.CANCELLED if was_counted_on else Reservation.State.EXPIRED
    Reservation.objects.filter(pk=reservation.pk).change(state=ended)
    seating.exchange(give=appointments.values_list("slot_id", flat=True))
    return was_counted_on


def give_up_later_doses(reservation: Reservation, now: datetime) -> int:
    """Give back the times to come; the reservation of a dose that was given stays confirmed for good."""
    to_come = Appointment.objects.filter(
        reservation=reservation, state=Appointment.State.BOOKED, slot__starts_at__gt=now
    )
    # Before the appointments, because the database then no longer asks for both doses.
    Reservation.objects.filter(pk=reservation.pk).change(is_by_staff=True)
    given_back = []
    for appointment in to_come.order_by("slot_id"):
        try:
            with transaction.atomic():
                appointment.delete()
        except ProtectedError:
            continue  # the person has come to the site for it and waits there
        given_back.append(appointment.slot_id)
    seating.exchange(give=given_back)
    return len(given_back)
