"""Taking the times of a hold that ran out once more: people are slow, and as a rule nobody took their seats."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q

from reservation import errors
from reservation.models import Appointment, Invitation, Reservation
from reservation.reserving import booking, together

# From the end of the hold: long enough for whoever is slow, too short for somebody who comes back another day.
AGAIN_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Retaken:
    """A new hold, or two; `is_same` unless a later dose, or the companion, got another time than before."""

    reservation_id: UUID
    is_same: bool
    is_of_two: bool


def take_again(*, reservation_id: UUID, registration_id: int, invitation_id: int, now: datetime) -> Retaken:
    """Hold the times of the person's hold that ran out once more; with those of whom they reserve together with.

    Raises HoldExpired where it is no such hold of theirs, ended over an hour ago, or the other person chose something
    since; and what `booking.hold` and `together.hold` do.
    """
    mine = Reservation.objects.filter(registration_id=registration_id)
    lost = mine.filter(pk=reservation_id).first()
    if lost is None or not _can_be_had(_holds(lost), lost, now):
        raise errors.HoldExpired
    before = _times(lost)
    first = first_slot(lost.pk)
    # By its key: another window may change or confirm what is held as soon as this is done.
    if lost.party is None:
        new = mine.get(pk=booking.hold(invitation_id=invitation_id, slot_id=first, now=now).reservation_id)
    else:
        companion = _companion(lost, now)
        if companion is None:
            raise errors.CompanionCannotReserve
        party = together.hold(invitation_id=invitation_id, companion_id=companion.pk, slot_id=first, now=now)
        new = mine.get(party=party)
    return Retaken(new.pk, is_same=_times(new) == before, is_of_two=lost.party is not None)


def is_free(lost: Reservation, *, now: datetime) -> bool:
    """Whether `take_again` gets the times of a hold that ran out, as far as a look without locks can tell."""
    holds = _holds(lost)
    if not _can_be_had(holds, lost, now):
        return False
    if all(one.state == Reservation.State.HELD for one in holds):  # nobody has given them back yet
        return True
    if lost.party is not None and _companion(lost, now) is None:
        return False
    lacking = Count("pk", filter=Q(reservation__state=Reservation.State.EXPIRED))
    slots = Appointment.objects.filter(reservation__in=holds).order_by().values("slot").annotate(lacking=lacking)
    free = F("slot__capacity") - F("slot__booked")
    return not slots.filter(Q(slot__starts_at__lte=now) | Q(lacking__gt=free)).exists()


def first_slot(reservation_id: UUID) -> int:
    """The slot that the person chose."""
    times = Appointment.objects.filter(reservation=reservation_id).order_by("dose_number")
    return times.values_list("slot_id", flat=True)[0]


def _can_be_had(holds: list[Reservation], mine: Reservation, now: datetime) -> bool:
    """Whether the holds ran out within the hour; and whoever reserves along has chosen nothing since."""
    if not all(one.has_run_out(now=now) and now < one.held_until + AGAIN_FOR for one in holds):
        return False
    return not any(_has_newer(one) for one in holds if one.pk != mine.pk)


def _has_newer(one: Reservation) -> bool:
    return Reservation.objects.filter(registration=one.registration_id, created_at__gt=one.created_at).exists()


def _companion(lost: Reservation, now: datetime) -> Invitation | None:
    other = Reservation.objects.filter(party=lost.party).exclude(pk=lost.pk).values("registration")
    return Invitation.objects.valid(now).filter(registration__in=other).first()


def _holds(one: Reservation) -> list[Reservation]:
    return [one] if one.party is None else list(Reservation.objects.filter(party=one.party))


def _times(one: Reservation) -> set[tuple[int, int, int]]:
    times = Appointment.objects.filter(reservation__in=_holds(one))
    return set(times.values_list("reservation__registration_id", "dose_number", "slot_id"))
