"""What one person holds or has reserved, as plain data for pages, the PDF and the calendar file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch

from registration.number import grouped
from reservation.models import Appointment, Reservation, ReservationQuerySet


@dataclass(frozen=True)
class AppointmentSummary:
    """One dose: when and where."""

    dose: int
    starts_at: datetime
    minutes: int
    site_name: str
    site_address: str
    site_notes: str
    vaccine: str
    state: str = Appointment.State.BOOKED

    @property
    def is_given(self) -> bool:
        """Whether the dose was given."""
        return self.state == Appointment.State.FULFILLED

    @property
    def is_missed(self) -> bool:
        """Whether the person did not come."""
        return self.state == Appointment.State.MISSED

    @property
    def ends_at(self) -> datetime:
        """When the appointment ends by the calendar of the site."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Confirmation:
    """A confirmed reservation as it is printed: nothing in it but what the person needs at the site."""

    reservation_id: UUID
    number: str
    name: str
    confirmed_at: datetime
    check_in_code: str
    appointments: tuple[AppointmentSummary, ...]
    is_by_staff: bool = False

    @property
    def to_come(self) -> tuple[AppointmentSummary, ...]:
        """The doses that were neither given nor missed."""
        return tuple(one for one in self.appointments if not one.is_given and not one.is_missed)

    @property
    def grouped_number(self) -> str:
        """The registration number in threes, as the page that first showed it."""
        return grouped(self.number)


def valid_reservation(*, registration_id: int, now: datetime) -> Reservation | None:
    """The confirmed reservation or the hold that has not run out by `now`, with its appointments; two queries."""
    return _with_appointments().valid_at(now).filter(registration_id=registration_id).first()


def latest_lost_hold(*, registration_id: int, now: datetime) -> Reservation | None:
    """The person's newest reservation, if it is a hold that ran out, for the page that tells them what it was."""
    newest = _with_appointments().filter(registration_id=registration_id).order_by("-created_at").first()
    if newest is None:
        return None
    ran_out = newest.state == Reservation.State.HELD and newest.held_until <= now
    return newest if ran_out or newest.state == Reservation.State.EXPIRED else None


def appointments_of(reservation: Reservation) -> tuple[AppointmentSummary, ...]:
    """The doses in their order."""
    appointments: Sequence[Appointment] = sorted(reservation.appointments.all(), key=lambda one: one.dose_number)
    return tuple(
        AppointmentSummary(
            dose=appointment.dose_number,
            starts_at=appointment.slot.starts_at,
            minutes=appointment.slot.minutes,
            site_name=appointment.slot.site.name,
            site_address=appointment.slot.site.address,
            site_notes=appointment.slot.site.notes,
            vaccine=appointment.slot.vaccine.name,
            state=appointment.state,
        )
        for appointment in appointments
    )


def confirmed(*, registration_id: int) -> Confirmation | None:
    """The person's confirmed reservation as plain data, if there is one; two queries."""
    return _confirmation(_confirmed().filter(registration_id=registration_id).first())


def confirmed_by_id(reservation_id: str) -> Confirmation | None:
    """The confirmed reservation with this key as plain data, if there is one; two queries."""
    return _confirmation(_confirmed().filter(pk=reservation_id).first())


def _confirmation(reservation: Reservation | None) -> Confirmation | None:
    if reservation is None or reservation.confirmed_at is None:
        return None
    return Confirmation(
        reservation_id=reservation.pk,
        number=reservation.registration.number,
        name=str(reservation.registration.person),
        confirmed_at=reservation.confirmed_at,
        check_in_code=reservation.check_in_code,
        is_by_staff=reservation.is_by_staff,
        appointments=appointments_of(reservation),
    )


def _confirmed() -> ReservationQuerySet:
    confirmed = _with_appointments().filter(state=Reservation.State.CONFIRMED)
    return confirmed.select_related("registration__person")


def _with_appointments() -> ReservationQuerySet:
    appointments = Appointment.objects.select_related("slot__site", "slot__vaccine")
    return Reservation.objects.prefetch_related(Prefetch("appointments", appointments))
