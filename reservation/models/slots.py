"""Slots: windows of time at a site with room for people."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.functions import Cast, Greatest, Least
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written
from logistics.models import VaccinationSite, Vaccine

# The ages of a slot that serves everybody.
YOUNGEST, OLDEST = 0, 150


class PragueDate(models.Func):
    """The calendar day in Prague of a UTC timestamp."""

    template = "(timezone('Europe/Prague', %(expressions)s))::date"
    output_field = models.DateField()


class PragueTime(models.Func):
    """The wall-clock time in Prague of a UTC timestamp."""

    template = "(timezone('Europe/Prague', %(expressions)s))::time"
    output_field = models.TimeField()


class HasAge(models.Func):
    """Whether somebody born on a day has one of the ages from a youngest to an oldest one on another day."""

    function = "reservation_has_age"
    output_field = models.BooleanField()


class SlotQuerySet(models.QuerySet["Slot"]):
    """Questions about slots."""

    def free(self) -> "SlotQuerySet":
        """Slots with room for at least one more person."""
        return self.filter(booked__lt=F("capacity"))

    def for_dose(self, number: int) -> "SlotQuerySet":
        """Slots in which dose `number` (1 or 2) may be given."""
        own = Slot.Doses.FIRST if number == 1 else Slot.Doses.SECOND
        return self.filter(for_doses__in=(own, Slot.Doses.ANY))

    def for_birth_date(self, born: date) -> "SlotQuerySet":
        """Slots that serve, at sites that serve, somebody of the age that they have on its day."""
        # Of a site without ages NULL, which `greatest` and `least` of PostgreSQL leave out.
        youngest = Greatest("youngest_age", "site__youngest_age", output_field=models.IntegerField())
        oldest = Least("oldest_age", "site__oldest_age", output_field=models.IntegerField())
        return self.filter(HasAge(Value(born), F("day"), youngest, oldest))

    def with_end(self) -> "SlotQuerySet":
        """Each slot with the moment at which it ends."""
        length = ExpressionWrapper(F("minutes") * Value(timedelta(minutes=1)), models.DurationField())
        return self.annotate(ends_at=ExpressionWrapper(F("starts_at") + length, models.DateTimeField()))

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
        SUBSTITUTE = "SUBSTITUTE", _("substitutes")

    # No index of their own: `slot_is_unique` begins with them, and every booking would have to write each index.
    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="slots", verbose_name=_("vaccination site"), db_index=False
    )
    vaccine = models.ForeignKey(
        Vaccine, models.PROTECT, related_name="slots", verbose_name=_("vaccine"), db_index=False
    )
    for_doses = models.CharField(_("for"), max_length=10, choices=Doses, default=Doses.ANY)
    starts_at = models.DateTimeField(_("starts at"))
    minutes = models.PositiveSmallIntegerField(_("length"), default=15, help_text=_("Minutes."))
    capacity = models.PositiveIntegerField(_("capacity"), help_text=_("People."))
    booked = models.PositiveIntegerField(_("booked"), default=0, help_text=_("Held and confirmed appointments."))
    youngest_age = models.PositiveSmallIntegerField(_("from the age of"), default=YOUNGEST, db_default=YOUNGEST)
    oldest_age = models.PositiveSmallIntegerField(_("up to the age of"), default=OLDEST, db_default=OLDEST)
    is_closed = models.BooleanField(
        _("closed"),
        default=False,
        db_default=False,
        help_text=_("Nobody else can book it: its capacity goes down with the people who leave it."),
    )
    capacity_when_open = models.PositiveIntegerField(
        _("capacity when open"),
        null=True,
        blank=True,
        help_text=_("Of a closed slot: what it took before, and takes again."),
    )
    is_by_hand = models.BooleanField(
        _("set by hand"), default=False, db_default=False, help_text=_("Opening rules leave its capacity alone.")
    )
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
            # With the cast no other table could refer to it. `day` and `wall_time` would else belong to a key, and as
            # the trigger of sql/closed_slots.sql lets PostgreSQL compute them in every change of a counter, each would
            # lock the slot against appointments that refer to it (docs/locking.md).
            models.UniqueConstraint(
                "site", "vaccine", "day", "wall_time", Cast("for_doses", models.TextField()), name="slot_is_unique"
            ),
            models.CheckConstraint(condition=Q(booked__gte=0, booked__lte=F("capacity")), name="slot_not_overbooked"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="slot_has_length"),
            models.CheckConstraint(condition=Q(youngest_age__lte=F("oldest_age")), name="slot_has_ages"),
            # The trigger of sql/closed_slots.sql lowers the capacity before this is asked.
            models.CheckConstraint(condition=Q(is_closed=False) | Q(capacity=F("booked")), name="closed_slot_is_full"),
        ]

    def __str__(self) -> str:
        return f"{self.site} {written(self.starts_at)}"
