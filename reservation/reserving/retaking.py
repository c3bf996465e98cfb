"""Taking the times of a hold that ran out once more: people are slow, and as a rule nobody took their seats."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from reservation import errors
from reservation.models import Appointment, Invitation, Reservation
from reservation.reserving import booking, together


@dataclass(frozen=True)
class Retaken:
    """A new hold; `is_same` unless a later dose, or the companion, got another time than before."""

    reservation_id: UUID
    is_same: bool


def take_again(*, reservation_id: UUID, registration_id: int, invitation_id: int, now: datetime) -> Retaken:
    """Hold the times of the person's hold that ran out once more; with those of whom they reserve together with.

    Raises HoldExpired where it is no such hold of theirs, and what `booking.hold` and `together.hold` do.
    """
    mine = Reservation.objects.filter(registration_id=registration_id)
    lost = mine.filter(pk=reservation_id, state=Reservation.State.EXPIRED).first()
    if lost is None:
        raise errors.HoldExpired
    before = _times(lost)
    first = first_slot(lost)
    # By its key: another window may change or confirm what is held as soon as this is done.
    if lost.party is None:
        new = mine.get(pk=booking.hold(invitation_id=invitation_id, slot_id=first, now=now).reservation_id)
    else:
        companion = _companion(lost, now)
        party = together.hold(invitation_id=invitation_id, companion_id=companion.pk, slot_id=first, now=now)
        new = mine.get(party=party)
    return Retaken(new.pk, is_same=_times(new) == before)


def is_free(lost: Reservation, *, now: datetime) -> bool:
    """Whether all seats of a hold that ran out are still there, as far as a look without locks can tell."""
    if lost.state == Reservation.State.HELD:  # nobody has given them back yet
        return True
    times = Appointment.objects.filter(reservation__in=_holds(lost))
    return not times.exclude(slot__starts_at__gt=now, slot__booked__lt=F("slot__capacity")).exists()


def first_slot(lost: Reservation) -> int:
    """The slot that the person chose."""
    return Appointment.objects.filter(reservation=lost).order_by("dose_number").values_list("slot_id", flat=True)[0]


def _companion(lost: Reservation, now: datetime) -> Invitation:
    other = Reservation.objects.filter(party=lost.party).exclude(pk=lost.pk).values("registration")
    found = Invitation.objects.valid(now).filter(registration__in=other).first()
    if found is None:
        raise errors.CompanionCannotReserve
    return found


def _holds(one: Reservation) -> list[Reservation]:
    return [one] if one.party is None else list(Reservation.objects.filter(party=one.party))


def _times(one: Reservation) -> set[tuple[int, int, int]]:
    times = Appointment.objects.filter(reservation__in=_holds(one))
    return set(times.values_list("reservation__registration_id", "dose_number", "slot_id"))
