"""Two people who reserve together: all doses of both side by side, or nothing (docs/adr/0060-two-together.md).

What they hold is confirmed as one by `booking.confirm`. From then on each has a reservation of their own.
"""

from datetime import datetime
from uuid import UUID

from django.db import DatabaseError

from registration.models import Registration
from reservation import errors
from reservation.models import Appointment, Invitation, Reservation, new_check_in_code
from reservation.reserving import booking, seat_calls


def require_fitting(*, registration: Registration, companion: Invitation) -> None:
    """Ask whether the two can reserve together, before they look for a time; `hold` asks again.

    Raises OwnPin2, CompanionCannotReserve, DifferentDoses.
    """
    theirs = companion.registration
    if theirs == registration:
        raise errors.OwnPin2
    if Appointment.objects.to_come(theirs).exists():
        raise errors.CompanionCannotReserve
    if _doses_had(theirs) != _doses_had(registration):
        raise errors.DifferentDoses


def hold(*, invitation_id: int, companion_id: int, slot_id: int, now: datetime) -> UUID:
    """Keep the seat in `slot_id`, one in it or beside it for the companion's invitation, and those of all later doses.

    It is one database call, and all or none; earlier holds of both are given back in it. Returns the party, which both
    holds share. Raises what `booking.hold` does, about the first person, and NoSeatsTogether, DifferentDoses,
    CompanionCannotReserve, NotForCompanion.
    """
    people = [invitation_id, companion_id]
    codes = [new_check_in_code(), new_check_in_code()]
    arguments = (people, slot_id, now, now + booking.HOLD_FOR, codes)
    try:
        party: tuple[UUID] = seat_calls.call_until_seated(
            "SELECT reservation_hold_together(%s, %s, %s, %s, %s::varchar[])", arguments
        )
    except DatabaseError as error:
        if seat_calls.invitation_of(error) == companion_id:
            is_time = seat_calls.sqlstate(error) == seat_calls.NOT_FOR_THIS_PERSON
            raise (errors.NotForCompanion if is_time else errors.CompanionCannotReserve) from None
        raise seat_calls.refusal_of(error, invitation_id=invitation_id, slot_id=slot_id, now=now) from None
    return party[0]


def is_whole(hold: Reservation) -> bool:
    """Whether the other one of two people still holds the times beside it; they may have chosen others since."""
    if hold.party is None:
        return True
    held = Reservation.objects.filter(party=hold.party, state=Reservation.State.HELD)
    return held.exclude(pk=hold.pk).exists()


def release(*, party: UUID) -> None:
    """Give the seats of both back, as far as they are held."""
    for one in Reservation.objects.filter(party=party):
        booking.release(reservation_id=one.pk, registration_id=one.registration_id)


def _doses_had(registration: Registration) -> tuple[int, bool]:
    return registration.doses_received, registration.state == Registration.State.COMPLETED
