"""The end of a site's day."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from logistics.models import VaccinationSite


class DayClosingQuerySet(models.QuerySet["DayClosing"]):
    """Questions about closings."""

    def standing(self) -> "DayClosingQuerySet":
        """Closings that were not reopened."""
        return self.filter(reopened_at=None)

    def is_closed(self, site: VaccinationSite, day: date) -> bool:
        """Whether the day is closed at the site."""
        return self.standing().filter(site=site, day=day).exists()


class DayClosing(models.Model):
    """A closed day of a site: doses given against doses taken from the ledger, and who says so."""

    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="closings", verbose_name=_("vaccination site")
    )
    day = models.DateField(_("day"))
    closed_at = models.DateTimeField(_("closed at"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("closed by"), null=True
    )
    expected = models.PositiveIntegerField(_("people expected"))
    vaccinated = models.PositiveIntegerField(_("people vaccinated"))
    missed = models.PositiveIntegerField(_("people who did not come"))
    doses_given = models.PositiveIntegerField(_("doses given"))
    doses_consumed = models.PositiveIntegerField(_("doses taken from the stock"))
    doses_wasted = models.PositiveIntegerField(_("doses thrown away"))
    explanation = models.CharField(_("explanation of the difference"), max_length=300, blank=True)
    reopened_at = models.DateTimeField(_("reopened at"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reopened by"), null=True, blank=True
    )
    reopening_reason = models.CharField(_("why it was reopened"), max_length=300, blank=True)

    objects = DayClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("closing of a day")
        verbose_name_plural = _("closings of days")
        ordering = ("-day", "-closed_at")
        constraints = [
            models.UniqueConstraint("site", "day", name="day_is_closed_once", condition=Q(reopened_at=None)),
            models.CheckConstraint(
                condition=Q(doses_given=F("doses_consumed")) | ~Q(explanation=""), name="difference_is_explained"
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopening_reason="")
                | (Q(reopened_at__isnull=False) & ~Q(reopening_reason="")),
                name="reopening_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"
