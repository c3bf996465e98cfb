"""Rows of the ministry's anonymous registrations for which somebody was made up."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registration.models.registrations import Registration


class ReplayedRow(models.Model):
    """A row of open data that was replayed: it is not replayed again."""

    key = models.CharField(
        _("what the row says"), max_length=64, primary_key=True, help_text=_("A hash, with its place among equal rows.")
    )
    registration = models.OneToOneField(
        Registration, models.CASCADE, related_name="replayed_row", verbose_name=_("registration")
    )

    class Meta:
        verbose_name = _("replayed row")
        verbose_name_plural = _("replayed rows")

    def __str__(self) -> str:
        return self.key[:8]
