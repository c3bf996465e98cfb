"""What one person holds, has reserved or lost, as plain data for pages, the PDF and the calendar files."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from crs.prepared_queries import Given, Prepared, keep
from registration.groups import proofs
from registration.models import PriorityGroup
from registration.number import grouped
from registration.people.short_name import short_name
from reservation.models import AffectedAppointment, Appointment, Reservation, ReservationQuerySet
from reservation.papers import affected_times, past_changes, to_bring
from reservation.papers.past_changes import GivenBack


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
    # The reservation ended, or the site gave the seat of this dose back.
    is_cancelled: bool = False
    # Staff changed the time since it was confirmed.
    is_moved: bool = False
    # Why the time cannot stay, a Cause; "" where it can.
    affected: str = ""
    closure_reason: str = ""

    @property
    def is_given(self) -> bool:
        """Whether the dose was given."""
        return self.state == Appointment.State.FULFILLED

    @property
    def is_missed(self) -> bool:
        """Whether the person did not come."""
        return self.state == Appointment.State.MISSED

    def is_cancelled_before(self, moment: datetime) -> bool:
        """Whether it is cancelled and its time has passed."""
        return self.is_cancelled and self.starts_at <= moment

    @property
    def is_affected(self) -> bool:
        """Whether the time cannot stay: the person gets another one."""
        return bool(self.affected)

    @property
    def why_affected(self) -> str:
        """Why the time will not hold, for the person."""
        return affected_times.why(self.affected, self.closure_reason)

    @property
    def what_to_do(self) -> str:
        """What somebody does whose time will not hold."""
        return affected_times.what_to_do()

    @property
    def ends_at(self) -> datetime:
        """When the appointment ends by the calendar of the site."""
        return self.starts_at.astimezone(UTC) + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Confirmation:
    """A confirmed reservation as it is printed: nothing in it but what the person needs at the site."""

    reservation_id: UUID
    number: str
    name: str
    # The name on what others may see: the title in a diary that a family shares.
    whom: str
    confirmed_at: datetime
    check_in_code: str
    appointments: tuple[AppointmentSummary, ...]
    changed_at: datetime
    is_insured: bool = True
    # Of which reasons the person brings a confirmation.
    reasons: tuple[PriorityGroup, ...] = ()
    sequence: int = 0
    is_by_staff: bool = False
    has_ended: bool = False

    @property
    def to_come(self) -> tuple[AppointmentSummary, ...]:
        """The doses that are neither given nor missed nor cancelled; also those whose time will not hold."""
        return tuple(one for one in self.appointments if not (one.is_given or one.is_missed or one.is_cancelled))

    @property
    def missed(self) -> tuple[AppointmentSummary, ...]:
        """The doses for which the person did not come."""
        return tuple(one for one in self.appointments if one.is_missed)

    @property
    def cancelled(self) -> tuple[AppointmentSummary, ...]:
        """The doses that are not to come any more, and whose time has not passed."""
        return tuple(one for one in self.appointments if one.is_cancelled)

    @property
    def affected(self) -> tuple[AppointmentSummary, ...]:
        """The doses to come whose time will not hold."""
        return tuple(one for one in self.to_come if one.is_affected)

    @property
    def things_to_bring(self) -> tuple[str, ...]:
        """What the person brings."""
        return tuple(to_bring.things(is_insured=self.is_insured, reasons=self.reasons))

    @property
    def how_to_come(self) -> str:
        """How the person comes."""
        return to_bring.how_to_come()

    @property
    def grouped_number(self) -> str:
        """The registration number in threes, as the page that first showed it."""
        return grouped(self.number)


def valid_reservation(*, registration_id: int, now: datetime) -> Reservation | None:
    """The confirmed reservation or the hold that has not run out by `now`, with its appointments; two queries."""
    valid = _VALID.first(registration=registration_id, now=now)
    return _with_appointments(valid) if valid else None


def with_appointments(reservation_id: UUID) -> Reservation:
    """A reservation in any state, with its appointments; two queries."""
    return _with_appointments(Reservation.objects.get(pk=reservation_id))


def latest_lost_hold(*, registration_id: int, now: datetime) -> Reservation | None:
    """The person's newest reservation, if it is a hold that ran out, for the page that tells them what it was."""
    newest = Reservation.objects.filter(registration_id=registration_id).order_by("-created_at").first()
    return _with_appointments(newest) if newest and newest.has_run_out(now=now) else None


def of_party(party: UUID) -> list[Reservation]:
    """The holds of two people who reserve together, also those that ran out, with their people and appointments."""
    holds = Reservation.objects.select_related("registration__person").filter(
        party=party, state__in=("HELD", "EXPIRED")
    )
    return list(holds.prefetch_related(Prefetch("appointments", _appointments())))


def appointments_of(reservation: Reservation) -> tuple[AppointmentSummary, ...]:
    """The doses in their order; all of the series, unless staff arranged them."""
    return tuple(_summary(one, state=one.state) for one in reservation.appointments.all())


def confirmed(*, registration_id: int, now: datetime) -> Confirmation | None:
    """The person's confirmed reservation as plain data, if there is one; four queries, more after a change."""
    return _confirmation(_STANDING.first(registration=registration_id), now)


def ever_confirmed(*, reservation_id: UUID, now: datetime) -> Confirmation | None:
    """A reservation as it is at `now`, if it was ever confirmed, also one that ended."""
    return _confirmation(_EVER_CONFIRMED.first(reservation=reservation_id), now)


def latest_confirmed(*, number: str, now: datetime) -> Confirmation | None:
    """The newest reservation that was confirmed under a registration number, as `ever_confirmed`."""
    theirs = _ever_confirmed().filter(registration__number=number)
    return _confirmation(theirs.order_by("-confirmed_at").first(), now)


def _confirmation(reservation: Reservation | None, now: datetime) -> Confirmation | None:
    if reservation is None or reservation.confirmed_at is None:
        return None
    has_ended = reservation.state != Reservation.State.CONFIRMED
    past = past_changes.of(reservation)
    appointments = _APPOINTMENTS.all(reservation=reservation.pk)
    # Of several that stand open the first counts.
    affected = {one.appointment_id: one for one in reversed(_AFFECTED.all(reservation=reservation.pk))}
    standing = [_standing(one, affected.get(one.pk), has_ended=has_ended, moved=past.moved) for one in appointments]
    # A dose that got a time again is not cancelled; of one that was given back twice the last time counts.
    gone = {one.dose_number: _summary(one, is_cancelled=True) for one in past.given_back}
    told = gone | {one.dose: one for one in standing}
    return Confirmation(
        reservation_id=reservation.pk,
        number=reservation.registration.number,
        name=str(reservation.registration.person),
        whom=short_name(reservation.registration.person).own,
        is_insured=bool(reservation.registration.person.insured_number_hash),
        reasons=tuple(proofs.confirmed_at_site(reservation.registration, now=now)),
        confirmed_at=reservation.confirmed_at,
        sequence=past.sequence,
        changed_at=past.changed_at or reservation.confirmed_at,
        check_in_code=reservation.check_in_code,
        is_by_staff=reservation.is_by_staff,
        has_ended=has_ended,
        # A cancelled time that has passed misleads nobody any more.
        appointments=tuple(told[dose] for dose in sorted(told) if not told[dose].is_cancelled_before(now)),
    )


def _standing(
    appointment: Appointment, affected: AffectedAppointment | None, *, has_ended: bool, moved: Container[int]
) -> AppointmentSummary:
    is_booked = appointment.state == Appointment.State.BOOKED
    return _summary(
        appointment,
        state=appointment.state,
        is_cancelled=has_ended and is_booked,
        is_moved=is_booked and not has_ended and appointment.pk in moved,
        affected=affected.cause if affected else "",
        closure_reason=affected_times.reason_of(affected) if affected else "",
    )


def _summary(dose: Appointment | GivenBack, **facts: Any) -> AppointmentSummary:
    slot = dose.slot
    return AppointmentSummary(
        dose=dose.dose_number,
        starts_at=slot.starts_at,
        minutes=slot.minutes,
        site_name=slot.site.name,
        site_address=slot.site.address,
        site_notes=slot.site.notes,
        vaccine=slot.vaccine.name,
        **facts,
    )


def _ever_confirmed() -> ReservationQuerySet:
    """Reservations that were confirmed, with their people."""
    return Reservation.objects.filter(confirmed_at__isnull=False).select_related("registration__person")


def _appointments() -> QuerySet[Appointment]:
    """In the order of the doses, with where they are given and what."""
    return Appointment.objects.select_related("slot__site", "slot__vaccine").order_by("dose_number")


def _with_appointments(reservation: Reservation) -> Reservation:
    keep(reservation, "appointments", _APPOINTMENTS.all(reservation=reservation.pk))
    return reservation


# Prepared, because every page asks that a person sees who chooses times or has some.
_VALID = Prepared(
    lambda: Reservation.objects.valid_at(Given("now")).filter(registration_id=Given("registration")).order_by("pk")[:1]
)
# Times of the past only where the person has no others.
_STANDING = Prepared(
    lambda: (
        _ever_confirmed()
        .filter(registration_id=Given("registration"), state=Reservation.State.CONFIRMED)
        .order_by("is_finished", "-confirmed_at")[:1]
    )
)
# Of every e-mail with the paper.
_EVER_CONFIRMED = Prepared(lambda: _ever_confirmed().filter(pk=Given("reservation")))
_APPOINTMENTS = Prepared(lambda: _appointments().filter(reservation_id=Given("reservation")))
_AFFECTED = Prepared(lambda: affected_times.unsettled().filter(appointment__reservation_id=Given("reservation")))
