"""Slots, invitations (PIN2), reservations of two doses and their appointments."""

import secrets
import uuid
from datetime import datetime
from typing import Any

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from logistics.models import VaccinationSite, Vaccine
from registration.models import Registration


class PragueDate(models.Func):
    """The calendar day in Prague of a UTC timestamp."""

    template = "(timezone('Europe/Prague', %(expressions)s))::date"
    output_field = models.DateField()


class PragueTime(models.Func):
    """The wall-clock time in Prague of a UTC timestamp."""

    template = "(timezone('Europe/Prague', %(expressions)s))::time"
    output_field = models.TimeField()


class SlotQuerySet(models.QuerySet["Slot"]):
    """Questions about slots."""

    def free(self) -> "SlotQuerySet":
        """Slots with room for at least one more person."""
        return self.filter(booked__lt=F("capacity"))

    def for_dose(self, number: int) -> "SlotQuerySet":
        """Slots in which dose `number` (1 or 2) may be given."""
        own = Slot.Doses.FIRST if number == 1 else Slot.Doses.SECOND
        return self.filter(for_doses__in=(own, Slot.Doses.ANY))

    def upcoming(self, now: datetime) -> "SlotQuerySet":
        """Slots that have not begun."""
        return self.filter(starts_at__gt=now)


class Slot(models.Model):
    """A window of time at one site with room for `capacity` people."""

    class Doses(models.TextChoices):
        """Which doses it is for (the ministry's calendars V1, V2 and VX)."""

        FIRST = "FIRST", _("first doses")
        SECOND = "SECOND", _("second doses")
        ANY = "ANY", _("first and second doses")

    # No index of their own: `slot_is_unique` begins with them, and every booking would have to write each index.
    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="slots", verbose_name=_("vaccination site"), db_index=False
    )
    vaccine = models.ForeignKey(
        Vaccine, models.PROTECT, related_name="slots", verbose_name=_("vaccine"), db_index=False
    )
    for_doses = models.CharField(_("for"), max_length=6, choices=Doses, default=Doses.ANY)
    starts_at = models.DateTimeField(_("starts at"))
    minutes = models.PositiveSmallIntegerField(_("length"), default=15, help_text=_("Minutes."))
    capacity = models.PositiveIntegerField(_("capacity"), help_text=_("People."))
    booked = models.PositiveIntegerField(_("booked"), default=0, help_text=_("Held and confirmed appointments."))
    # '+21 days, same time' means the same wall-clock time in Prague, so the database keeps both parts.
    day: Any = models.GeneratedField(
        expression=PragueDate("starts_at"), output_field=models.DateField(_("day")), db_persist=True
    )
    wall_time: Any = models.GeneratedField(
        expression=PragueTime("starts_at"), output_field=models.TimeField(_("time")), db_persist=True
    )

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ("starts_at",)
        constraints = [
            models.UniqueConstraint("site", "vaccine", "day", "wall_time", "for_doses", name="slot_is_unique"),
            models.CheckConstraint(condition=Q(booked__gte=0, booked__lte=F("capacity")), name="slot_not_overbooked"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="slot_has_length"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.starts_at:%Y-%m-%d %H:%M}"


class Invitation(models.Model):
    """A person's turn has come: PIN2, with which they log in to reserve.

    A person keeps their place when PIN2 runs out: a new invitation is issued, the old one is history.
    """

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="invitations", verbose_name=_("registration")
    )
    pin_hash = models.CharField(_("keyed hash of PIN2"), max_length=64)
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(
        _("revoked at"), null=True, blank=True, help_text=_("Replaced by a newer PIN2, or cancelled.")
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-issued_at",)
        constraints = [
            models.UniqueConstraint(
                "registration", condition=Q(revoked_at=None), name="registration_has_one_valid_pin2"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.issued_at:%Y-%m-%d}"


class WaitingSummary(models.Model):
    """When the people who wait were last counted (`sql/waiting.sql`), and the room that there was then: one row."""

    computed_at = models.DateTimeField(_("computed at"))
    free_pairs: Any = models.JSONField(_("free pairs"), help_text=_("Pairs of seats promised to nobody, by region."))

    class Meta:
        verbose_name = _("summary of the waiting")
        verbose_name_plural = _("summaries of the waiting")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_one_summary_of_the_waiting")]

    def __str__(self) -> str:
        return f"{self.computed_at:%Y-%m-%d %H:%M}"


def new_check_in_code() -> str:
    """A random code for the QR of the confirmation: 80 bits, no personal datum in it."""
    return secrets.token_hex(10).upper()


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Questions about reservations."""

    def holding_seats(self) -> "ReservationQuerySet":
        """Reservations whose seats were not given back, also holds that ran out; a registration has one at most."""
        return self.filter(state__in=Reservation.HOLDING_SEATS)

    def valid_at(self, moment: datetime) -> "ReservationQuerySet":
        """Reservations that a person can count on at `moment`: confirmed, or held and not run out."""
        return self.filter(
            Q(state=Reservation.State.CONFIRMED) | Q(state=Reservation.State.HELD, held_until__gt=moment)
        )


@pghistory.track()
class Reservation(models.Model):
    """Both doses of one person: it has its two appointments or does not exist."""

    class State(models.TextChoices):
        """docs/states.md, 'Reservation'."""

        HELD = "HELD", pgettext_lazy("reservation", "held")
        CONFIRMED = "CONFIRMED", pgettext_lazy("reservation", "confirmed")
        EXPIRED = "EXPIRED", pgettext_lazy("reservation", "ran out")
        CANCELLED = "CANCELLED", pgettext_lazy("reservation", "cancelled")
        MISSED = "MISSED", pgettext_lazy("reservation", "missed")

    class Pairing(models.TextChoices):
        """How well the second dose fits the wish 'the ideal interval later at the same time'."""

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
    check_in_code = models.CharField(_("check-in code"), max_length=20, unique=True, default=new_check_in_code)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                "registration",
                condition=Q(state__in=("HELD", "CONFIRMED")),
                name="registration_has_one_reservation_holding_seats",
            ),
            models.CheckConstraint(
                condition=~Q(state="CONFIRMED") | Q(confirmed_at__isnull=False),
                name="confirmed_reservation_has_its_time",
            ),
        ]
        indexes = [models.Index(F("held_until"), name="reservation_held", condition=Q(state="HELD"))]

    def __str__(self) -> str:
        return f"{self.pk}"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Questions about appointments."""

    def to_come(self, registration: Registration | int | None, *, dose: int | None = None) -> "AppointmentQuerySet":
        """The booked appointments of the person's confirmed reservation by dose, or the one of `dose` alone."""
        booked = self.filter(
            reservation__registration=registration,
            reservation__state=Reservation.State.CONFIRMED,
            state=Appointment.State.BOOKED,
        )
        return (booked if dose is None else booked.filter(dose_number=dose)).order_by("dose_number")


@pghistory.track(pghistory.UpdateEvent())
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
        return f"{self.reservation_id}/{self.dose_number}"
