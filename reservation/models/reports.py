"""What the public report of free capacity shows, summed up once for everybody who reads it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written


class FreeCapacity(models.Model):
    """The free seats of all districts, as the report shows them: one row (docs/adr/0051-public-report.md)."""

    figures: Any = models.JSONField(_("figures"), help_text=_("By district, vaccine, ages and step-free access."))
    version = models.CharField(_("version"), max_length=32, help_text=_("Another one whenever any page differs."))
    changed_at = models.DateTimeField(_("changed at"), help_text=_("When the version was made."))
    checked_at = models.DateTimeField(_("checked at"), help_text=_("All changes of seats up to then are in it."))

    class Meta:
        verbose_name = _("free capacity")
        verbose_name_plural = _("free capacities")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_one_free_capacity")]

    def __str__(self) -> str:
        return written(self.changed_at)
