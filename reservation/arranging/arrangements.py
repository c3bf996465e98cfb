"""What staff arrange: a seat of today, another time, the next dose, and what came of an appointment.

Everything here runs in the caller's transaction, one arrangement in each: a second one may want slots of lower keys
than the first one has locked (docs/locking.md). Citizens reserve in `booking`. docs/adr/0020-staff-arrange-times.md
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from crs import history
from logistics.models import VaccinationSite, Vaccine
from registration.models import Registration
from reservation import errors
from reservation.arranging import arrangement_messages, seating
from reservation.models import Appointment, Reservation, Slot
from reservation.operations import Operation

# A slot that is made for somebody who came begins with the quarter of an hour.
QUARTER = 15
# Whoever comes today leaves the seats to others that others can still book.
_FILLED_FIRST: list[str] = [Slot.Doses.SUBSTITUTE, Slot.Doses.FIRST, Slot.Doses.SECOND, Slot.Doses.ANY]

_FULFIL = """
WITH reservation AS MATERIALIZED (
    SELECT r.id, r.state FROM reservation_reservation r
    WHERE r.id = (SELECT a.reservation_id FROM reservation_appointment a WHERE a.id = %(appointment)s)
    FOR NO KEY UPDATE OF r
)
UPDATE reservation_appointment a SET state = %(fulfilled)s FROM reservation r
WHERE a.id = %(appointment)s AND a.reservation_id = r.id
  AND r.state = ANY (%(open)s) AND a.state = ANY (%(movable)s)
RETURNING r.state
"""
_FULFILLED: dict[str, Any] = {
    "fulfilled": Appointment.State.FULFILLED.value,
    "open": [Reservation.State.CONFIRMED.value, Reservation.State.MISSED.value],
    "movable": [state.value for state in seating.MOVABLE],
}


@transaction.atomic
def seat_today(
    *,
    registration: Registration,
    site: VaccinationSite,
    vaccine: Vaccine,
    dose_number: int,
    now: datetime,
    over_reason: str = "",
    came_at: datetime | None = None,
    at_that_time: bool = False,
) -> Appointment:
    """Give the person a seat of today at the site for this dose, and return its appointment.

    Who sits there already stays. Else it is the free slot nearest to `now` that has not ended, of several at one time
    one for substitutes first; the person's appointment of the dose moves into it from wherever it was, a hold is given
    up, and without a reservation one by staff is made with this dose alone. With `over_reason` the nearest slot of
    today gets one more seat where none is free, or a slot is made; the reason stays in the history. With `came_at`, for
    what is written down later, the day and the nearest slot are those of that time; `at_that_time` only slots that run
    then count. Raises NoSeatToday, DoseAlreadyGiven, RegistrationEnded.
    """
    moment = came_at or now
    with history.recording_part(Operation.SEAT_TODAY, reason=over_reason):
        standing = seating.standing_of(registration_id=registration.pk, dose_number=dose_number, now=now)
        day = timezone.localdate(moment)
        of_day = Slot.objects.filter(site=site, vaccine=vaccine, day=day)
        slots = list(of_day.for_dose(dose_number) | of_day.filter(for_doses=Slot.Doses.SUBSTITUTE))
        if at_that_time:
            slots = [slot for slot in slots if not _distance(slot, moment) and _ends_at(slot) > moment]
        slots.sort(key=lambda slot: (_distance(slot, moment), _FILLED_FIRST.index(slot.for_doses), slot.pk))
        own = standing.own_slots
        if standing.appointment is not None and standing.appointment.slot_id in [slot.pk for slot in slots]:
            return _stay(standing.appointment)
        for slot in slots:
            if _ends_at(slot) <= moment or not (slot.booked < slot.capacity or slot.pk in own):
                continue
            try:
                return seating.sit(standing=standing, dose_number=dose_number, slot_id=slot.pk, now=now)
            except errors.SlotFull:
                continue  # another desk was faster; nothing of the try is left, so the next slot may have a lower key
        if not over_reason:
            raise errors.NoSeatToday
        slot_id = slots[0].pk if slots else _make_slot(site, vaccine, moment)
        return seating.sit(standing=standing, dose_number=dose_number, slot_id=slot_id, now=now, is_over=True)


@transaction.atomic
def move(*, appointment: Appointment, slot_id: int, now: datetime) -> Appointment:
    """Move an appointment to another slot, also one that was missed, and tell the person.

    Whether the time fits the interval is for the caller to judge: `free_times.times_for` offers those that do. Raises
    NotReserved, DoseAlreadyGiven, NoSuchSlot, SlotPast, SlotFull.
    """
    with history.recording_part(Operation.MOVE):
        found = seating.lock_appointment(appointment.pk)
        if found.reservation.state != Reservation.State.CONFIRMED:
            raise errors.NotReserved
        if found.state == Appointment.State.FULFILLED:
            raise errors.DoseAlreadyGiven
        standing = seating.Standing(found.reservation.registration_id, found.reservation, found)
        return _sit_later(standing, found.dose_number, slot_id, now)


@transaction.atomic
def book_next(*, registration: Registration, dose_number: int, slot_id: int, now: datetime) -> Appointment:
    """Give the person a seat for a dose: in their reservation, or in one by staff; and tell them.

    An appointment of the dose that they have moves there. Raises RegistrationEnded, DoseAlreadyGiven, NoSuchSlot,
    SlotPast, SlotFull.
    """
    with history.recording_part(Operation.BOOK_NEXT):
        standing = seating.standing_of(registration_id=registration.pk, dose_number=dose_number, now=now)
        return _sit_later(standing, dose_number, slot_id, now)


@transaction.atomic(savepoint=False)  # each dose comes by, and nobody goes on after a refusal
def fulfil(*, appointment_id: int) -> bool:
    """Mark that the dose of an appointment was given; False where it was marked before or nobody reserved it.

    A dose that is recorded after the person was marked as missing brings their reservation back, with the later doses
    whose seats are still free. The caller holds the lock of the registration.
    """
    with history.recording_part(Operation.FULFIL):
        # The state of the reservation is the one under its lock; that of the appointment is asked by the UPDATE.
        with connection.cursor() as cursor:
            cursor.execute(_FULFIL, {"appointment": appointment_id, **_FULFILLED})
            changed = cursor.fetchone()
        if changed is None:
            return False
        if changed[0] == Reservation.State.MISSED:
            _revive(Appointment.objects.select_related("reservation", "slot").get(pk=appointment_id))
        return True


@transaction.atomic(savepoint=False)
def release_series(*, registration_id: int, after: int, now: datetime) -> list[int]:
    """Give back the times to come of doses after dose `after` that the complete series of the person does not need.

    The person is told. Times of boosters stay: somebody arranged them. Returns the numbers of the doses. The caller
    holds the lock of the registration.
    """
    with history.recording_part(Operation.RELEASE_SERIES):
        later = Appointment.objects.to_come(registration_id).filter(
            dose_number__gt=after, dose_number__lte=F("slot__vaccine__doses"), slot__starts_at__gt=now
        )
        unneeded = list(later.select_related("reservation__registration__person", "slot__site"))
        if not unneeded:
            return []
        reservation = unneeded[0].reservation_id
        others = Appointment.objects.filter(reservation=reservation).exclude(pk__in=[one.pk for one in unneeded])
        # Where all doses were given under another record of the person, nothing of the reservation is left.
        state = Reservation.State.CONFIRMED if others.exists() else Reservation.State.CANCELLED
        # Before the appointments, because the database then no longer asks for both doses.
        Reservation.objects.filter(pk=reservation).change(is_by_staff=True, state=state)
        arrangement_messages.tell_not_needed(unneeded)
        seating.exchange(give=[one.slot_id for one in unneeded])
        Appointment.objects.filter(pk__in=[one.pk for one in unneeded]).delete()
        return [one.dose_number for one in unneeded]


@transaction.atomic
def unfulfil(*, appointment_id: int, is_over: bool) -> bool:
    """Take back that the dose was given: booked again, or missed where its day is over; False if it was not given.

    A missed first dose frees the person to choose again, as in `miss`. Whoever has no time any more is told so.
    Where the person went on to a next dose, the reservation stands again and a hold is given up; beside a confirmed one
    it is missed.
    """
    with history.recording_part(Operation.UNFULFIL):
        appointment = seating.lock_appointment(appointment_id)
        reservation = appointment.reservation
        if appointment.state != Appointment.State.FULFILLED:
            return False
        freed = _stand_again(reservation) if reservation.is_finished else []
        state = Appointment.State.MISSED if is_over or freed is None else Appointment.State.BOOKED
        Appointment.objects.filter(pk=appointment_id).update(state=state)
        if is_over and freed is not None and reservation.state == Reservation.State.CONFIRMED:
            ended = _end_missed([appointment])
            arrangement_messages.tell_taken_back(appointment, has_ended=bool(ended))
            freed += ended
        seating.exchange(give=freed or ())
        return True


@transaction.atomic
def renumber(*, appointment_id: int, dose_number: int) -> bool:
    """Make the appointment that of another dose, where the doses of its person were renumbered; False if it is so.

    The appointment that had this number in the reservation takes its number: two seats and who sat there stay.
    """
    with history.recording_part(Operation.RENUMBER):
        appointment = seating.lock_appointment(appointment_id)
        if appointment.dose_number == dose_number:
            return False
        siblings = Appointment.objects.filter(reservation=appointment.reservation_id)
        other = siblings.filter(dose_number=dose_number).first()
        # Its doses do not follow each other any more as the person chose them.
        Reservation.objects.filter(pk=appointment.reservation_id).change(is_by_staff=True)
        free = max(siblings.values_list("dose_number", flat=True)) + 1
        if other is not None:
            siblings.filter(pk=other.pk).update(dose_number=free)
        siblings.filter(pk=appointment_id).update(dose_number=dose_number)
        if other is not None:
            siblings.filter(pk=other.pk).update(dose_number=appointment.dose_number)
        return True


@transaction.atomic
def seat_back(*, appointment_id: int, slot_id: int | None, was_missed: bool = False) -> bool:
    """Take back that the appointment was seated: it returns to the slot where it was, if a seat there is still free.

    Without `slot_id` it was made then, and its seat is given up: its reservation is cancelled, or, where the
    reservation has other doses, this one counts as missed. False where the seat was taken meanwhile; then it stays.
    """
    with history.recording_part(Operation.SEAT_BACK):
        appointment = seating.lock_appointment(appointment_id)
        booked = Appointment.objects.filter(pk=appointment_id, state=Appointment.State.BOOKED)
        if appointment.reservation.state != Reservation.State.CONFIRMED or not booked.exists():
            return False  # meanwhile it was fulfilled, marked as missed or given up
        if slot_id is None:
            if Appointment.objects.filter(reservation=appointment.reservation_id).exclude(pk=appointment_id).exists():
                return bool(booked.update(state=Appointment.State.MISSED))
            Reservation.objects.filter(pk=appointment.reservation_id).change(state=Reservation.State.CANCELLED)
            seating.exchange(give=[appointment.slot_id])
            return True
        try:
            with transaction.atomic():
                state = Appointment.State.MISSED if was_missed else Appointment.State.BOOKED
                booked.update(slot=slot_id, state=state)
                Reservation.objects.filter(pk=appointment.reservation_id).change()
                # The seats of a time that is over are nobody else's.
                over = [slot_id] if was_missed else ()
                seating.exchange(give=[appointment.slot_id], take=[slot_id], over=over)
        except errors.SlotFull:
            return False
        return True


def miss(*, appointment: Appointment, now: datetime) -> bool:
    """Mark one appointment as missed, as `miss_all` does; False where it was not booked any more."""
    return bool(miss_all(appointments=[appointment], now=now))


@transaction.atomic
def miss_all(*, appointments: Iterable[Appointment], now: datetime) -> list[Appointment]:
    """Mark booked appointments, of today at the latest, as missed, tell the people, and return those that were booked.

    Who missed the first dose gives all seats back and may choose again: the reservation is MISSED. A later dose stays
    in its reservation and can be moved. Left out is who was moved since the caller read the appointment, and who was
    told not to come because the time could not stay: they wait for another one. All seats go back in one pass by rising
    key, so many at once are safe.
    """
    with history.recording_part(Operation.MISS):
        asked = {appointment.pk: appointment.slot_id for appointment in appointments}
        holders = Reservation.objects.filter(appointments__in=asked, state=Reservation.State.CONFIRMED)
        keys = sorted(holders.values_list("pk", flat=True).distinct())
        confirmed = Reservation.objects.filter(pk__in=keys).select_for_update(of=("self",), no_key=True).order_by("pk")
        still = [one.pk for one in confirmed if one.state == Reservation.State.CONFIRMED]
        booked = Appointment.objects.filter(
            pk__in=asked,
            reservation__in=still,
            state=Appointment.State.BOOKED,
            slot__day__lte=timezone.localdate(now),
        ).exclude(pk__in=Appointment.objects.filter(pk__in=asked).affected().values("pk"))
        # Who was moved since the caller looked is somebody else's: they have just come elsewhere.
        wanted = [pk for pk, slot in booked.order_by("pk").values_list("pk", "slot_id") if asked[pk] == slot]
        # Every other change of an appointment locks its reservation too, so nobody comes between.
        Appointment.objects.filter(pk__in=wanted).update(state=Appointment.State.MISSED)
        missed = list(
            Appointment.objects.filter(pk__in=wanted)
            .select_related("slot__site", "reservation__registration__person")
            .order_by("pk")
        )
        seating.exchange(give=_end_missed(missed))
        arrangement_messages.tell_missed(missed)
        return missed


def _end_missed(missed: Sequence[Appointment]) -> list[int]:
    """End the reservations whose first dose was missed; return the slots in which their seats are to be given back."""
    first = [one.reservation_id for one in missed if one.dose_number == 1]
    # A dose that was given stays where it is, whatever became of the others.
    kept = Appointment.objects.filter(reservation__in=first, state=Appointment.State.FULFILLED)
    ending = set(first) - set(kept.values_list("reservation_id", flat=True))
    Reservation.objects.filter(pk__in=ending).change(state=Reservation.State.MISSED)
    return list(Appointment.objects.filter(reservation__in=ending).values_list("slot_id", flat=True))


def _stand_again(finished: Reservation) -> list[int] | None:
    """Let a reservation count again whose person went on; return the seats of a hold, None beside a confirmed one.

    The caller holds the lock of the registration.
    """
    holding = Reservation.objects.holding_seats().filter(registration=finished.registration_id)
    later = holding.select_for_update(of=("self",), no_key=True).first()
    freed: list[int] = []
    if later is not None:
        if later.state == Reservation.State.CONFIRMED:
            return None
        Reservation.objects.filter(pk=later.pk).update(state=Reservation.State.CANCELLED)
        freed += Appointment.objects.filter(reservation=later).values_list("slot_id", flat=True)
    Reservation.objects.filter(pk=finished.pk).update(is_finished=False)
    return freed


def _revive(appointment: Appointment) -> None:
    """Bring a missed reservation back with the dose that was given after all."""
    reservation = appointment.reservation
    others = Reservation.objects.holding_seats().filter(registration=reservation.registration_id)
    if others.exists():
        return  # the person has chosen again: that reservation counts, this dose stays with the old one
    Reservation.objects.filter(pk=reservation.pk).change(state=Reservation.State.CONFIRMED, is_by_staff=True)
    # Slots of the past have seats for nobody else; what was given or missed there stays.
    own = appointment.slot
    others_of_it = Appointment.objects.filter(reservation=reservation).exclude(pk=appointment.pk)
    past = [own.pk, *others_of_it.filter(slot__starts_at__lte=own.starts_at).values_list("slot_id", flat=True)]
    later = others_of_it.filter(slot__starts_at__gt=own.starts_at)
    try:
        with transaction.atomic():
            seating.exchange(take=[*past, *later.values_list("slot_id", flat=True)], over=past)
            for one in later.select_related("reservation__registration__person", "slot__site"):
                arrangement_messages.tell_time(one)  # they were told that it was lost
    except errors.SlotFull:
        later.delete()  # their seats went to other people; staff find new times
        seating.exchange(take=past, over=past)


def _stay(appointment: Appointment) -> Appointment:
    """The seat of today that the person has; one that was marked as missed counts again."""
    missed = Appointment.objects.filter(pk=appointment.pk, state=Appointment.State.MISSED)
    if missed.update(state=Appointment.State.BOOKED):
        appointment.state = Appointment.State.BOOKED
    return appointment


def _sit_later(standing: seating.Standing, dose_number: int, slot_id: int, now: datetime) -> Appointment:
    slot = Slot.objects.filter(pk=slot_id).for_dose(dose_number).first()
    if slot is None:
        raise errors.NoSuchSlot
    if slot.starts_at <= now:
        raise errors.SlotPast
    old = standing.appointment
    if old is not None and old.slot_id == slot_id and old.state == Appointment.State.BOOKED:
        return old
    appointment = seating.sit(standing=standing, dose_number=dose_number, slot_id=slot_id, now=now)
    arrangement_messages.tell_time(appointment)
    return appointment


def _make_slot(site: VaccinationSite, vaccine: Vaccine, now: datetime) -> int:
    """The slot of this quarter of an hour, without a seat; of two desks that make it the second waits for the first."""
    begins = now.replace(minute=now.minute // QUARTER * QUARTER, second=0, microsecond=0)
    slot = Slot(site=site, vaccine=vaccine, for_doses=Slot.Doses.ANY, starts_at=begins, minutes=QUARTER, capacity=0)
    Slot.objects.bulk_create([slot], ignore_conflicts=True)
    return Slot.objects.get(site=site, vaccine=vaccine, for_doses=Slot.Doses.ANY, starts_at=begins).pk


def _ends_at(slot: Slot) -> datetime:
    return slot.starts_at + timedelta(minutes=slot.minutes)


def _distance(slot: Slot, now: datetime) -> timedelta:
    """How far the slot is from `now`; nothing while it runs."""
    return max(slot.starts_at - now, now - _ends_at(slot), timedelta(0))
