"""What substitutes are told of their answer, at once and by the ways of a call; diaries get the times that hold now."""

from dataclasses import replace
from datetime import datetime

from crs.messaging import outbox
from registration.models import Registration
from registration.people import telling
from reservation.affected import affected_messages
from reservation.links import links
from reservation.models import Appointment, Reservation, Slot, SubstituteCall
from reservation.substitutes import asking

COMES, BACK = "reservation/substitute_comes", "reservation/substitute_back"
OFF, LOST = "reservation/substitute_off", "reservation/substitute_lost"


def tell_comes(seated: Appointment, call: SubstituteCall, earlier: Slot | None, *, now: datetime) -> None:
    """Tell the person that a dose is kept for them today; `earlier` is the time that they had before."""
    person = seated.reservation.registration
    # The reminder of the day before names the time that has moved.
    affected_messages.withdraw_reminders([seated])
    affected_messages.withdraw(BACK, [seated.reservation])
    context: dict[str, object] = {
        "registration": person,
        "site": call.site,
        "come_by": call.come_by,
        "earlier": earlier.starts_at if earlier and earlier.starts_at > now else None,
    }
    _tell(COMES, seated.reservation, context)


def tell_back(seated: Appointment) -> None:
    """Tell the person, who cannot come today after all, that the time of before holds again."""
    reservation, slot = seated.reservation, seated.slot
    affected_messages.withdraw(COMES, [reservation])
    context: dict[str, object] = {
        "registration": reservation.registration,
        "site": slot.site,
        "dose": seated.dose_number,
        "time": slot.starts_at,
    }
    _tell(BACK, reservation, context)


def tell_off(reservation: Reservation) -> None:
    """Let the diary of the person, who had no other time, lose the one of today. They said so: no SMS repeats it."""
    affected_messages.withdraw(COMES, [reservation])
    person = reservation.registration
    reach = replace(telling.reach_of(person), phone="", postal_address="")
    telling.tell(reach, OFF, {"registration": person}, reference=str(reservation.pk))


def tell_lost(reservation: Reservation) -> None:
    """Tell the person that somebody else has the time of before, and how they choose another one."""
    affected_messages.withdraw(COMES, [reservation])
    _tell(LOST, reservation, {"address": links.address_of("reservation:log_in")})


def _tell(template: str, reservation: Reservation, context: dict[str, object]) -> None:
    person: Registration = reservation.registration
    outbox.queue_all(asking.tell_at_once(person, template, context, reference=str(reservation.pk)))
