"""Invitations (PIN2), and when the people who wait for one were last counted."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registration.models import Registration


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
