"""Known problems."""

from datetime import datetime
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs import languages
from crs.typed_moment import written


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Questions about known problems."""

    def open(self) -> Self:
        """Those that last."""
        return self.filter(ended_at=None)

    def for_citizens(self) -> Self:
        """Those that everybody may know of."""
        return self.filter(is_for_citizens=True)

    def standing_after(self, moment: datetime) -> Self:
        """Those that last, or ended after `moment`."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=moment))


@pghistory.track()
class Incident(models.Model):
    """A problem that many people meet: said once to all of them."""

    class Severity(models.TextChoices):
        """How much of CRS it takes away."""

        NOTICE = "NOTICE", pgettext_lazy("known problem", "notice")
        DEGRADED = "DEGRADED", pgettext_lazy("known problem", "works with faults")
        OUTAGE = "OUTAGE", pgettext_lazy("known problem", "does not work")

    title_cs = models.CharField(_("title in Czech"), max_length=160)
    title_en = models.CharField(_("title in English"), max_length=160)
    text_cs = models.TextField(_("text in Czech"), max_length=2000)
    text_en = models.TextField(_("text in English"), max_length=2000)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity, default=Severity.DEGRADED)
    is_for_citizens = models.BooleanField(
        _("shown to citizens"), default=True, help_text=_("On the portal; the staff's pages always show it.")
    )
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("declared by")
    )
    declared_at = models.DateTimeField(_("declared at"))

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("known problem")
        verbose_name_plural = _("known problems")
        ordering = ("-began_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("began_at")), name="incident_ends_after_it_began"
            ),
        ]
        indexes = [models.Index(fields=["began_at"], name="incidents_open", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """In the language of the page."""
        return self.title_cs if languages.of_two() == "cs" else self.title_en

    @property
    def text(self) -> str:
        """In the language of the page."""
        return self.text_cs if languages.of_two() == "cs" else self.text_en


class IncidentUpdate(models.Model):
    """What was found meanwhile, for everybody."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="updates", verbose_name=_("known problem"))
    text_cs = models.TextField(_("text in Czech"), max_length=2000)
    text_en = models.TextField(_("text in English"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("news of a known problem")
        verbose_name_plural = _("news of known problems")
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.incident_id} {written(self.at)}"

    @property
    def text(self) -> str:
        """In the language of the page."""
        return self.text_cs if languages.of_two() == "cs" else self.text_en
