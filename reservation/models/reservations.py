"""Reservations of all doses of a person, and their appointments."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.prepared_queries import Given
from crs.typed_moment import written
from registration.models import Registration
from reservation.models.slots import Slot


def new_check_in_code() -> str:
    """A random code for the QR of the confirmation: 80 bits, no personal datum in it."""
    return secrets.token_hex(10).upper()


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Questions about reservations."""

    def holding_seats(self) -> "ReservationQuerySet":
        """Reservations whose seats were not given back, also holds that ran out; a registration has one at most.

        One that `is_finished` keeps its seats of the past, and counts no more where its person goes on.
        """
        return self.filter(state__in=Reservation.HOLDING_SEATS, is_finished=False)

    def confirmed(self) -> "ReservationQuerySet":
        """Confirmed reservations whose person has not gone on to the next dose; a registration has one at most."""
        return self.filter(state=Reservation.State.CONFIRMED, is_finished=False)

    def valid_at(self, moment: datetime | Given) -> "ReservationQuerySet":
        """Reservations that a person can count on at `moment`: confirmed, or held and not run out."""
        return self.filter(
            Q(state=Reservation.State.CONFIRMED) | Q(state=Reservation.State.HELD, held_until__gt=moment),
            is_finished=False,
        )

    def change(self, **values: Any) -> int:
        """Write `values` and count one change of times, so that diaries take the newer file; returns how many rows."""
        return self.update(changes=F("changes") + 1, **values)


@pghistory.track()
class Reservation(models.Model):
    """The doses of one person: the series, the rest of it, or a booster. It has all of them or does not exist."""

    class State(models.TextChoices):
        """docs/states.md, 'Reservation'."""

        HELD = "HELD", pgettext_lazy("reservation", "held")
        CONFIRMED = "CONFIRMED", pgettext_lazy("reservation", "confirmed")
        EXPIRED = "EXPIRED", pgettext_lazy("reservation", "ran out")
        CANCELLED = "CANCELLED", pgettext_lazy("reservation", "cancelled")
        MISSED = "MISSED", pgettext_lazy("reservation", "missed")

    class Pairing(models.TextChoices):
        """How well the later doses fit the wish 'the ideal interval later at the same time': as the worst of them."""

        EXACT = "EXACT", _("the ideal day, the same time")
        SAME_DAY = "SAME_DAY", _("the ideal day, another time")
        OTHER_DAY = "OTHER_DAY", _("another day within the allowed interval")

    HOLDING_SEATS = (State.HELD, State.CONFIRMED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registration = models.ForeignKey(
        Registration, models.PROTECT, related_name="reservations", verbose_name=_("registration")
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    pairing = models.CharField(_("pairing"), max_length=10, choices=Pairing)
    held_until = models.DateTimeField(_("held until"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    is_by_staff = models.BooleanField(
        _("arranged by staff"),
        db_default=False,
        help_text=_("A site made it or changed a time: the doses may lie apart, the second may not be found yet."),
    )
    is_finished = models.BooleanField(
        _("finished"),
        db_default=False,
        default=False,
        help_text=_("All its times are over, and the person has gone on to reserve the next dose."),
    )
    changes = models.PositiveSmallIntegerField(
        _("changes"), db_default=0, default=0, help_text=_("Of its times since it was confirmed: SEQUENCE in a diary.")
    )
    party = models.UUIDField(
        _("party"), null=True, blank=True, help_text=_("Two people who reserved together share it; empty: alone.")
    )
    check_in_code = models.CharField(_("check-in code"), max_length=20, unique=True, default=new_check_in_code)

    objects = ReservationQuerySet.as_manager()

    @property
    def is_offered(self) -> bool:
        """Whether the hold lasts for hours, as one that is offered from the waiting list does."""
        return self.held_until - self.created_at > timedelta(hours=1)

    def has_run_out(self, *, now: datetime) -> bool:
        """Whether it is a hold that was given back, perhaps by a worker whose clock is ahead, or waits to be."""
        is_over = self.state == Reservation.State.HELD and self.held_until <= now
        return is_over or self.state == Reservation.State.EXPIRED

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                "registration",
                condition=Q(state__in=("HELD", "CONFIRMED"), is_finished=False),
                name="registration_has_one_reservation_holding_seats",
            ),
            models.CheckConstraint(
                condition=~Q(state="CONFIRMED") | Q(confirmed_at__isnull=False),
                name="confirmed_reservation_has_its_time",
            ),
        ]
        indexes = [
            models.Index(F("held_until"), name="reservation_held", condition=Q(state="HELD")),
            # Hardly any row stands in it, so those who reserve alone pay nothing.
            models.Index("party", name="reservation_party", condition=Q(party__isnull=False)),
        ]

    def __str__(self) -> str:
        first = self.appointments.select_related("slot").order_by("dose_number").first()
        name = str(self.registration.person)
        return f"{name}, {written(first.slot.starts_at)}" if first else name


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Questions about appointments."""

    def affected(self) -> "AppointmentQuerySet":
        """Those whose time cannot stay, by an `AffectedAppointment` that nobody settled."""
        is_standing = Q(affected__closure=None) | Q(affected__closure__lifted_at=None)
        return self.filter(is_standing, affected__kept_at=None, affected__slot=F("slot"))

    def to_come(self, registration: Registration | int | None, *, dose: int | None = None) -> "AppointmentQuerySet":
        """The booked appointments of the person's confirmed reservation by dose, or the one of `dose` alone."""
        booked = self.filter(
            reservation__registration=registration,
            reservation__state=Reservation.State.CONFIRMED,
            state=Appointment.State.BOOKED,
        )
        return (booked if dose is None else booked.filter(dose_number=dose)).order_by("dose_number")


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Appointment(models.Model):
    """One dose of a reservation in one slot."""

    class State(models.TextChoices):
        """docs/states.md, 'Appointment'."""

        BOOKED = "BOOKED", pgettext_lazy("appointment", "booked")
        FULFILLED = "FULFILLED", pgettext_lazy("appointment", "dose given")
        MISSED = "MISSED", pgettext_lazy("appointment", "missed")

    # No index of its own: `appointment_is_unique` begins with it.
    reservation = models.ForeignKey(
        Reservation, models.CASCADE, related_name="appointments", verbose_name=_("reservation"), db_index=False
    )
    dose_number = models.PositiveSmallIntegerField(_("dose"))
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="appointments", verbose_name=_("slot"))
    state = models.CharField(_("state"), max_length=10, choices=State, db_default=State.BOOKED)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ("dose_number",)
        constraints = [
            models.UniqueConstraint("reservation", "dose_number", name="appointment_is_unique"),
            models.CheckConstraint(
                condition=Q(dose_number__gte=1, dose_number__lte=9), name="appointment_dose_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reservation.registration.person}, {self.dose_number}: {self.slot}"
