"""What people are told about times that staff arrange and about those that they missed."""

from collections.abc import Iterable, Iterator

from crs.messaging import outbox
from crs.messaging.models import Message
from registration.people import telling
from reservation.links import links
from reservation.models import Appointment

MISSED_FIRST, MISSED_LATER, ARRANGED = "missed_first", "missed_later", "arranged"
NOT_NEEDED, TAKEN_BACK_FIRST, TAKEN_BACK_LATER = "not_needed", "taken_back_first", "taken_back_later"


def tell_missed(appointments: Iterable[Appointment]) -> None:
    """Tell the people how to go on: to choose again with PIN2, or to call."""
    outbox.queue_all(
        message
        for one in appointments
        for message in _messages(MISSED_FIRST if one.dose_number == 1 else MISSED_LATER, one)
    )


def tell_time(appointment: Appointment) -> None:
    """Tell the person the time that was arranged for them."""
    outbox.queue_all(_messages(ARRANGED, appointment))


def tell_not_needed(appointments: Iterable[Appointment]) -> None:
    """Tell the person that their vaccination is complete and that they need not come for these doses."""
    outbox.queue_all(message for one in appointments for message in _messages(NOT_NEEDED, one))


def tell_taken_back(appointment: Appointment, *, has_ended: bool) -> None:
    """Tell the person that the record of their dose was a mistake, and how they get a time.

    They choose again with PIN2 where the reservation `has_ended`; else they call the site.
    """
    outbox.queue_all(_messages(TAKEN_BACK_FIRST if has_ended else TAKEN_BACK_LATER, appointment))


def _messages(template: str, appointment: Appointment) -> Iterator[Message]:
    registration, slot = appointment.reservation.registration, appointment.slot
    context: dict[str, object] = {
        "registration": registration,
        "dose": appointment.dose_number,
        "time": slot.starts_at,
        "site": slot.site,
        "address": links.address_of("reservation:log_in"),
    }
    return telling.messages(registration, f"reservation/{template}", context, reference=str(appointment.reservation_id))
