"""Re-planning: a coordinator moves many appointments at once, looks first, and can undo until people have acted."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed_moment import written
from logistics.models import Region, VaccinationSite, Vaccine
from reservation.models.calendars import AffectedAppointment, Closure
from reservation.models.reservations import Appointment
from reservation.models.slots import Slot


class Replan(models.Model):
    """Which appointments are to move, and how far that has come."""

    class Scope(models.TextChoices):
        """Whose appointments it moves."""

        AFFECTED = "AFFECTED", _("appointments that cannot stay")
        DAYS = "DAYS", _("all appointments of some days, such as before a late delivery")

    class State(models.TextChoices):
        """docs/states.md, 'Re-planning'."""

        PLANNING = "PLANNING", pgettext_lazy("re-planning", "being planned")
        PLANNED = "PLANNED", pgettext_lazy("re-planning", "planned")
        PUBLISHING = "PUBLISHING", pgettext_lazy("re-planning", "being published")
        PUBLISHED = "PUBLISHED", pgettext_lazy("re-planning", "published")
        UNDOING = "UNDOING", pgettext_lazy("re-planning", "being undone")
        UNDONE = "UNDONE", pgettext_lazy("re-planning", "undone")
        DISCARDED = "DISCARDED", pgettext_lazy("re-planning", "discarded")

    # While it is in one of these states no other re-planning moves its appointments or counts on its seats.
    OPEN = (State.PLANNING, State.PLANNED, State.PUBLISHING)
    # The task works on it.
    AT_WORK = (State.PLANNING, State.PUBLISHING, State.UNDOING)

    scope = models.CharField(_("what moves"), max_length=10, choices=Scope)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name=_("region"), null=True, blank=True
    )
    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="+", verbose_name=_("vaccination site"), null=True, blank=True
    )
    vaccine = models.ForeignKey(
        Vaccine, models.PROTECT, related_name="+", verbose_name=_("vaccine"), null=True, blank=True
    )
    closure = models.ForeignKey(
        Closure,
        models.PROTECT,
        related_name="+",
        verbose_name=_("closure"),
        null=True,
        blank=True,
        help_text=_("The one whose appointments move, or the one that publishing made for the days."),
    )
    cause = models.CharField(
        _("cause"),
        max_length=10,
        choices=AffectedAppointment.Cause,
        blank=True,
        help_text=_("Only appointments that cannot stay for this cause; empty: all."),
    )
    first_day = models.DateField(_("from"), null=True, blank=True)
    last_day = models.DateField(_("until"), null=True, blank=True)
    not_before = models.DateField(
        _("new times not before"), null=True, blank=True, help_text=_("Such as the day of the delivery.")
    )
    reason = models.CharField(
        _("reason"), max_length=200, help_text=_("People read it in the message about their new time.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNING)
    made_at = models.DateTimeField(pgettext_lazy("re-planning", "made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("re-planning", "made by")
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("published by"),
        null=True,
        blank=True,
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("undone by"), null=True, blank=True
    )
    discarded_at = models.DateTimeField(_("discarded at"), null=True, blank=True)
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("discarded by"),
        null=True,
        blank=True,
        help_text=_("Nobody, where the plan was forgotten."),
    )

    class Meta:
        verbose_name = _("re-planning")
        verbose_name_plural = _("re-plannings")
        ordering = ("-made_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="AFFECTED", first_day=None, last_day=None)
                | Q(scope="DAYS", site__isnull=False, first_day__isnull=False, last_day__gte=F("first_day")),
                name="replan_has_its_scope",
            ),
        ]

    @property
    def is_at_work(self) -> bool:
        """Whether the task is working on it."""
        return self.state in self.AT_WORK

    def __str__(self) -> str:
        return f"{self.scope} {written(self.made_at)}"


class PlannedMove(models.Model):
    """Where one appointment goes by a re-planning."""

    class State(models.TextChoices):
        """docs/states.md, 'Planned move'."""

        PLANNED = "PLANNED", pgettext_lazy("planned move", "planned")
        NO_TIME = "NO_TIME", pgettext_lazy("planned move", "no time was found")
        MOVED = "MOVED", pgettext_lazy("planned move", "moved")
        FAILED = "FAILED", pgettext_lazy("planned move", "the time was gone")
        SETTLED = "SETTLED", pgettext_lazy("planned move", "left as it is")
        UNDONE = "UNDONE", pgettext_lazy("planned move", "moved back")

    # No index of its own: `replan_moves_an_appointment_once` begins with it.
    replan = models.ForeignKey(
        Replan, models.CASCADE, related_name="moves", verbose_name=_("re-planning"), db_index=False
    )
    appointment = models.ForeignKey(
        Appointment, models.CASCADE, related_name="planned_moves", verbose_name=_("appointment")
    )
    from_slot = models.ForeignKey(
        Slot, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("planned move", "from"), db_index=False
    )
    to_slot = models.ForeignKey(
        Slot,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("planned move", "to"),
        null=True,
        blank=True,
        db_index=False,
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    answered_at = models.DateTimeField(
        _("answered at"),
        null=True,
        blank=True,
        help_text=_("When the person said that the new time suits, or staff reached them. It is not undone then."),
    )

    class Meta:
        verbose_name = _("planned move")
        verbose_name_plural = _("planned moves")
        ordering = ("replan", "pk")
        constraints = [
            models.UniqueConstraint("replan", "appointment", name="replan_moves_an_appointment_once"),
            models.CheckConstraint(
                condition=Q(state="NO_TIME", to_slot=None) | ~Q(state="NO_TIME") & Q(to_slot__isnull=False),
                name="planned_move_has_a_slot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.replan} {self.appointment}"
