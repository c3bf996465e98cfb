"""Postponements: people who were ill wait some time before a dose (DOMAIN 10.1; dated, because the advice changed)."""

from datetime import date

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed_moment import written_day
from registration.models import Registration


class PostponementRuleQuerySet(models.QuerySet["PostponementRule"]):
    """Questions about the rules of postponement."""

    def valid_on(self, day: date) -> "PostponementRuleQuerySet":
        """The rule valid on `day`, the newest that had begun: one row or none."""
        newest = self.filter(valid_from__lte=day).order_by("-valid_from").values("pk")[:1]
        return self.filter(pk__in=newest)


class PostponementRule(models.Model):
    """How many days after the end of an infection a dose may be booked."""

    valid_from = models.DateField(_("valid from"), unique=True)
    days = models.PositiveSmallIntegerField(_("days"), help_text=_("After the end of the isolation; 0: at once."))

    objects = PostponementRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of postponement")
        verbose_name_plural = _("rules of postponement")
        ordering = ("valid_from",)

    def __str__(self) -> str:
        return f"{written_day(self.valid_from)}: {self.days}"


@pghistory.track()
class Postponement(models.Model):
    """A person said that they were ill: no dose is booked for them before `not_before`."""

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="postponements", verbose_name=_("registration")
    )
    ended_on = models.DateField(_("end of the isolation"))
    not_before = models.DateField(_("not before"))
    made_at = models.DateTimeField(pgettext_lazy("postponement", "made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("postponement", "made by"),
        null=True,
        blank=True,
        help_text=_("Empty: the person themselves."),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("postponement")
        verbose_name_plural = _("postponements")
        ordering = ("-made_at",)
        constraints = [
            models.UniqueConstraint(
                "registration", condition=Q(withdrawn_at=None), name="registration_has_one_postponement"
            ),
            models.CheckConstraint(condition=Q(not_before__gte=F("ended_on")), name="postponement_goes_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.registration} {written_day(self.not_before)}"

    @property
    def days(self) -> int:
        """How many days were counted from the end of the isolation."""
        return (self.not_before - self.ended_on).days
