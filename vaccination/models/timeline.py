"""Openings of timelines; the person may read who looked."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed_moment import written
from logistics.models import VaccinationSite
from registration.models import Person


class TimelineOpening(models.Model):
    """A member of staff opened a person's timeline. Never edited or deleted."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="timeline_openings", verbose_name=_("person"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("opened by"))
    site = models.ForeignKey(
        VaccinationSite,
        models.PROTECT,
        related_name="+",
        verbose_name=_("vaccination site"),
        null=True,
        blank=True,
        help_text=_("For which the user worked; empty: for the ministry."),
    )
    opened_at = models.DateTimeField(pgettext_lazy("timeline", "opened at"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("opening of a timeline")
        verbose_name_plural = _("openings of timelines")
        ordering = ("-opened_at",)
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="opening_has_a_reason")]
        triggers = [pgtrigger.Protect(name="never_edited", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return written(self.opened_at)
