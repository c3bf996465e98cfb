"""What people are told when their times change or are given back, and the day before a dose."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from crs.messaging import quiet_hours
from crs.messaging.models import Message
from registration.people import telling
from reservation.affected import affected_messages
from reservation.links import links
from reservation.models import Appointment, Reservation

MOVED, CANCELLED = "reservation/moved", "reservation/cancelled"


def tell_moved(moved: Sequence[Appointment]) -> None:
    """Tell the person the new times of these doses, all at one site."""
    reservation, slot = moved[0].reservation, moved[0].slot
    context = {
        "registration": reservation.registration,
        "site": slot.site,
        "doses": [(one.dose_number, one.slot.starts_at) for one in moved],
    }
    affected_messages.withdraw_reminders(moved)
    telling.tell(reservation.registration, MOVED, context, reference=str(reservation.pk))


def tell_cancelled(reservation: Reservation, times: Sequence[Appointment]) -> None:
    """Tell the person that they gave these times back, and how they choose again."""
    registration = reservation.registration
    context = {
        "registration": registration,
        "site": times[0].slot.site,
        "doses": [(one.dose_number, one.slot.starts_at) for one in times],
        "moments": affected_messages.moments((one.slot for one in times), registration.language),
        "address": links.address_of("reservation:log_in"),
    }
    affected_messages.withdraw_reminders(times)
    telling.tell(registration, CANCELLED, context, reference=str(reservation.pk))


def reminders(appointment: Appointment, *, phone_link: str, email_link: str, now: datetime) -> Iterator[Message]:
    """The SMS and the e-mail of the day before; the SMS has a link of its own, and is erased once it has served.

    Nothing goes by post: a letter would come too late.
    """
    registration, slot = appointment.reservation.registration, appointment.slot
    context: dict[str, object] = {
        "registration": registration,
        "dose": appointment.dose_number,
        "time": slot.starts_at,
        "site": slot.site,
        "link": email_link,
        "now": now,
    }
    reach = replace(telling.reach_of(registration), postal_address="")
    return telling.messages(
        reach,
        affected_messages.REMINDER,
        context,
        secret={"link": phone_link},
        lane=Message.Lane.BULK,
        reference=str(appointment.pk),
        due_at=quiet_hours.next_waking_time(now),
    )
