"""The locks and the counters under what staff arrange: a person's standing, and seats exchanged in one pass.

The order of locks is in docs/locking.md: registration, reservation, appointment, slots by rising key.
"""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet, Subquery
from django.db.models.functions import Greatest

from logistics.models import region_of_site
from registration.models import Registration
from reservation import errors
from reservation.models import Appointment, Reservation, ReservationGrounds, Slot

MOVABLE = (Appointment.State.BOOKED, Appointment.State.MISSED)


@dataclass(frozen=True)
class Standing:
    """What a person has, locked: the confirmed reservation, its appointment of the dose, seats of a hold given up."""

    registration_id: int
    reservation: Reservation | None
    appointment: Appointment | None
    given_up: tuple[int, ...] = ()

    @property
    def own_slots(self) -> list[int]:
        """Slots in which the person gives a seat back when another one is taken: they count as free for them."""
        return [*self.given_up, *([self.appointment.slot_id] if self.appointment else [])]


def standing_of(*, registration_id: int, dose_number: int, now: datetime) -> Standing:
    """Lock the person's registration and reservation, end a hold, and return what stands.

    The seats of the hold are given back when `sit` takes another one. Raises RegistrationEnded, DoseAlreadyGiven.
    """
    # Here the person's own choice of a time, another desk and the issue of a PIN2 wait for each other.
    person = Registration.objects.standing().select_for_update(of=("self",), no_key=True).filter(pk=registration_id)
    if person.first() is None:
        raise errors.RegistrationEnded
    holding = Reservation.objects.holding_seats().filter(registration=registration_id)
    reservation = holding.select_for_update(of=("self",), no_key=True).first()
    if reservation is None:
        return Standing(registration_id, None, None)
    if reservation.state == Reservation.State.HELD:
        ended = Reservation.State.CANCELLED if reservation.held_until > now else Reservation.State.EXPIRED
        Reservation.objects.filter(pk=reservation.pk).update(state=ended)
        seats = Appointment.objects.filter(reservation=reservation).values_list("slot_id", flat=True)
        return Standing(registration_id, None, None, tuple(seats))
    appointment = _with_slot().filter(reservation=reservation, dose_number=dose_number).first()
    if appointment is not None and appointment.state == Appointment.State.FULFILLED:
        raise errors.DoseAlreadyGiven
    return Standing(registration_id, reservation, appointment)


def lock_appointment(appointment_id: int) -> Appointment:
    """Lock the registration and the reservation of an appointment and return it as it stands now."""
    found = Appointment.objects.select_related("reservation").get(pk=appointment_id)
    people = Registration.objects.select_for_update(of=("self",), no_key=True)
    people.get(pk=found.reservation.registration_id)
    Reservation.objects.select_for_update(of=("self",), no_key=True).get(pk=found.reservation_id)
    # Read only now: what was true before the locks may not be any more.
    return _with_slot().get(pk=appointment_id)


def sit(*, standing: Standing, dose_number: int, slot_id: int, now: datetime, is_over: bool = False) -> Appointment:
    """Take a seat for the dose and give back the one it replaces; without a reservation one by staff is made.

    With `is_over` a full slot gets one more seat. A refusal undoes everything here, the locks of the slots too, so that
    another slot may be tried in any order. Raises SlotFull, DoseAlreadyGiven.
    """
    with transaction.atomic():
        appointment = _write(standing, dose_number, slot_id, now)
        exchange(give=standing.own_slots, take=[slot_id], over=[slot_id] if is_over else ())
    return appointment


def exchange(*, give: Iterable[int] = (), take: Iterable[int] = (), over: Container[int] = ()) -> None:
    """Move the counters of slots in one pass by rising key. Raises SlotFull, then nothing may be kept.

    A slot that is both given and taken is not touched. The capacity of a full slot of `over` rises with its counter.
    """
    change = Counter(take)
    change.subtract(give)
    for slot_id in sorted(change):
        seats = change[slot_id]
        slot = Slot.objects.filter(pk=slot_id)
        if seats < 0:
            slot.update(booked=F("booked") + seats)
        elif seats > 0 and slot_id in over:
            slot.update(booked=F("booked") + seats, capacity=Greatest(F("capacity"), F("booked") + seats))
        # The WHERE clause is the check: of two people and one seat the second finds no row.
        elif seats > 0 and not slot.free().update(booked=F("booked") + seats):
            raise errors.SlotFull


def _write(standing: Standing, dose_number: int, slot_id: int, now: datetime) -> Appointment:
    reservation, appointment = standing.reservation, standing.appointment
    if reservation is None:
        reservation = Reservation.objects.create(
            registration_id=standing.registration_id,
            state=Reservation.State.CONFIRMED,
            pairing=Reservation.Pairing.EXACT,
            held_until=now,
            created_at=now,
            confirmed_at=now,
            is_by_staff=True,
        )
    else:
        # Before the appointment, because the database then no longer asks for the doses to fit.
        Reservation.objects.filter(pk=reservation.pk).change(is_by_staff=True)
    if appointment is None:
        appointment = Appointment.objects.create(reservation=reservation, dose_number=dose_number, slot_id=slot_id)
        if standing.reservation is None:
            there = Slot.objects.filter(pk=slot_id).values(region_code=region_of_site("site__"))
            ReservationGrounds.objects.filter(reservation=reservation).update(region=Subquery(there))
    else:
        movable = Appointment.objects.filter(pk=appointment.pk, state__in=MOVABLE)
        if not movable.update(slot=slot_id, state=Appointment.State.BOOKED):
            raise errors.DoseAlreadyGiven
    return _with_slot().get(pk=appointment.pk)


def _with_slot() -> QuerySet[Appointment]:
    return Appointment.objects.select_related("reservation__registration__person", "slot__site")
