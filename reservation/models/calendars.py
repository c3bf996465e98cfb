"""How a site opens: rules, closures, and the appointments that a change of them affects."""

from datetime import date, time, timedelta
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed_moment import written, written_day
from logistics.models import VaccinationSite, Vaccine, WeekdayHours
from reservation.models.reservations import Appointment, Reservation
from reservation.models.slots import OLDEST, YOUNGEST, Slot

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 240


class OpeningRuleQuerySet(models.QuerySet["OpeningRule"]):
    """Questions about opening rules."""

    def standing(self) -> "OpeningRuleQuerySet":
        """Rules that were not withdrawn."""
        return self.filter(withdrawn_at=None)


@pghistory.track()
class OpeningRule(models.Model):
    """By what rule a site opens for a vaccine: seats in each interval of its hours, from a day on, until a day.

    A site has several at once, such as two vaccines, or an hour for children. Slots follow from them
    (reservation/opening/).
    """

    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="opening_rules", verbose_name=_("vaccination site")
    )
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="opening_rules", verbose_name=_("vaccine"))
    valid_from = models.DateField(_("from"), help_text=_("The first day on which the site opens by this rule."))
    valid_until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The last day; empty: until another rule says otherwise.")
    )
    minutes = models.PositiveSmallIntegerField(_("interval"), default=15, help_text=_("Minutes."))
    seats = models.PositiveIntegerField(_("seats in an interval"), help_text=_("People who come in each interval."))
    first_percent = models.PositiveSmallIntegerField(
        _("kept for first doses (%)"),
        default=0,
        help_text=_("The rest is for first and later doses."),
    )
    second_percent = models.PositiveSmallIntegerField(_("kept for second and later doses (%)"), default=0)
    substitute_percent = models.PositiveSmallIntegerField(
        _("kept for substitutes (%)"), default=0, help_text=_("Seats that the site gives itself; nobody books them.")
    )
    youngest_age = models.PositiveSmallIntegerField(_("from the age of"), default=YOUNGEST)
    oldest_age = models.PositiveSmallIntegerField(_("up to the age of"), default=OLDEST)
    opens_on_holidays = models.BooleanField(_("open on public holidays"), default=False)
    is_tied_to_stock = models.BooleanField(
        _("only with vaccine"),
        default=False,
        help_text=_("In the next week it offers only seats for which the site holds or was promised vaccine."),
    )
    made_at = models.DateTimeField(pgettext_lazy("opening rule", "made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("opening rule", "made by"),
        null=True,
        blank=True,
        help_text=_("Empty: a command."),
    )
    withdrawn_at = models.DateTimeField(
        _("withdrawn at"), null=True, blank=True, help_text=_("It opens no day any more.")
    )

    objects = OpeningRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("opening rule")
        verbose_name_plural = _("opening rules")
        ordering = ("site", "vaccine", "valid_from", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="opening_rule_has_days"
            ),
            models.CheckConstraint(condition=Q(seats__gt=0), name="opening_rule_has_seats"),
            models.CheckConstraint(
                condition=Q(minutes__gte=SHORTEST_MINUTES, minutes__lte=LONGEST_MINUTES),
                name="opening_rule_has_an_interval",
            ),
            models.CheckConstraint(
                condition=Q(first_percent__lte=100 - F("second_percent") - F("substitute_percent")),
                name="opening_rule_shares_no_more_than_all",
            ),
            models.CheckConstraint(condition=Q(youngest_age__lte=F("oldest_age")), name="opening_rule_has_ages"),
        ]

    def __str__(self) -> str:
        until = written_day(self.valid_until) if self.valid_until else ""
        return f"{self.vaccine_id} {written_day(self.valid_from)}–{until}"


class OpeningHours(models.Model):
    """When a rule opens on a weekday; a day with a break at noon has two."""

    rule = models.ForeignKey(OpeningRule, models.CASCADE, related_name="hours", verbose_name=_("opening rule"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WeekdayHours.Weekday)
    opens_at = models.TimeField(_("opens at"))
    closes_at = models.TimeField(_("closes at"))

    class Meta:
        verbose_name = _("hours of an opening rule")
        verbose_name_plural = _("hours of opening rules")
        ordering = ("rule", "weekday", "opens_at")
        constraints = [
            models.UniqueConstraint("rule", "weekday", "opens_at", name="rule_opens_once_at_a_time"),
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="rule_opens_before_it_closes"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="rule_opens_on_a_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"


class ClosureQuerySet(models.QuerySet["Closure"]):
    """Questions about closures."""

    def standing(self) -> "ClosureQuerySet":
        """Closures that were not lifted."""
        return self.filter(lifted_at=None)

    def over(self, slot: Slot) -> "ClosureQuerySet":
        """Closures into which some minute of the slot falls."""
        ends_at = slot.starts_at + timedelta(minutes=slot.minutes)
        return self.over_time(site=slot.site_id, vaccine=slot.vaccine_id, starts_at=slot.starts_at, ends_at=ends_at)

    def over_time(self, *, site: Any, vaccine: Any, starts_at: Any, ends_at: Any) -> "ClosureQuerySet":
        """As `over`, of a slot of which each value may be an `OuterRef`."""
        in_time = self.filter(site=site, starts_at__lt=ends_at, ends_at__gt=starts_at)
        return in_time.filter(Q(vaccine=None) | Q(vaccine=vaccine))


@pghistory.track()
class Closure(models.Model):
    """A time in which a site is closed, whatever its rules say: an hour, a day, a week.

    The slots that reach into it and had not begun when it was made are closed.
    """

    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="closures", verbose_name=_("vaccination site")
    )
    vaccine = models.ForeignKey(
        Vaccine,
        models.PROTECT,
        related_name="+",
        verbose_name=_("vaccine"),
        null=True,
        blank=True,
        help_text=_("Only the seats of this vaccine; empty: all."),
    )
    starts_at = models.DateTimeField(_("closed from"))
    ends_at = models.DateTimeField(_("closed until"))
    reason = models.CharField(
        _("reason"), max_length=200, help_text=_("People read it in the message about their appointment.")
    )
    made_at = models.DateTimeField(pgettext_lazy("closure", "made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("closure", "made by")
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("lifted by"),
        null=True,
        blank=True,
    )

    done_at = models.DateTimeField(
        _("done at"),
        null=True,
        blank=True,
        help_text=_("When its slots were closed, or opened again, and all its people told."),
    )

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ("site", "starts_at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="closure_has_a_length"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="closure_is_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site} {written(self.starts_at)}–{written(self.ends_at)}"

    @property
    def last_day(self) -> date:
        """The last day of which something is closed, in Prague."""
        return timezone.localdate(self.ends_at - timedelta(microseconds=1))

    @property
    def end_of_last_day(self) -> str:
        """The time at which it ends on its last day: '12:00', at midnight '24:00'."""
        end = timezone.localtime(self.ends_at)
        return "24:00" if end.time() == time.min else f"{end.hour}:{end:%M}"

    @property
    def is_of_whole_days(self) -> bool:
        """Whether it begins and ends at midnight in Prague."""
        return all(timezone.localtime(at).time() == time.min for at in (self.starts_at, self.ends_at))


class AffectedAppointmentQuerySet(models.QuerySet["AffectedAppointment"]):
    """Questions about affected appointments."""

    def there(self) -> "AffectedAppointmentQuerySet":
        """Those of people who are still booked in that slot, whatever was decided."""
        return self.filter(
            appointment__slot=F("slot"),
            appointment__state=Appointment.State.BOOKED,
            appointment__reservation__state=Reservation.State.CONFIRMED,
        )

    def unsettled(self) -> "AffectedAppointmentQuerySet":
        """Those that were neither kept nor moved, missed, given or given back, and whose slot was not opened again."""
        return self.there().filter(Q(closure=None) | Q(closure__lifted_at=None), kept_at=None)


class AffectedAppointment(models.Model):
    """An appointment whose time cannot stay as it is. The person keeps it until another time is found for them.

    It is open while the appointment is booked in that slot and nobody decided that it stays (`affected.open_at`).
    """

    class Cause(models.TextChoices):
        """Why the time cannot stay."""

        CLOSURE = "CLOSURE", pgettext_lazy("affected appointment", "the site closes")
        HOURS = "HOURS", pgettext_lazy("affected appointment", "the opening hours change")
        INTERVAL = "INTERVAL", pgettext_lazy("affected appointment", "the interval between doses changed")
        MOVED = "MOVED", pgettext_lazy("affected appointment", "the dose before was moved")
        POSTPONED = "POSTPONED", pgettext_lazy("affected appointment", "the person was ill")

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="affected", verbose_name=_("appointment"))
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="+", verbose_name=_("slot"))
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    closure = models.ForeignKey(
        Closure, models.PROTECT, related_name="affected", verbose_name=_("closure"), null=True, blank=True
    )
    made_at = models.DateTimeField(pgettext_lazy("affected appointment", "made at"), default=timezone.now)
    kept_at = models.DateTimeField(
        _("kept at"), null=True, blank=True, help_text=_("When it was decided that the person comes as booked.")
    )
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("affected appointment", "kept by"),
        null=True,
        blank=True,
    )

    objects = AffectedAppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("affected appointment")
        verbose_name_plural = _("affected appointments")
        ordering = ("made_at", "pk")
        constraints = [
            models.UniqueConstraint(
                "appointment", "slot", condition=Q(kept_at=None), name="appointment_is_affected_once"
            ),
            models.CheckConstraint(
                condition=Q(cause="CLOSURE", closure__isnull=False) | ~Q(cause="CLOSURE") & Q(closure=None),
                name="affected_by_a_closure_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment} {self.cause}"


class AffectedCall(models.Model):
    """A call of a site to somebody whose appointment is affected."""

    class Outcome(models.TextChoices):
        """What came of the call."""

        REACHED = "REACHED", _("reached")
        NO_ANSWER = "NO_ANSWER", _("no answer")
        WRONG_NUMBER = "WRONG_NUMBER", _("wrong number")

    affected = models.ForeignKey(
        AffectedAppointment, models.CASCADE, related_name="calls", verbose_name=_("affected appointment")
    )
    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome)
    called_at = models.DateTimeField(_("called at"), default=timezone.now)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("called by")
    )

    class Meta:
        verbose_name = _("call about an appointment")
        verbose_name_plural = _("calls about appointments")
        ordering = ("called_at", "pk")

    def __str__(self) -> str:
        return f"{self.affected} {self.outcome}"
