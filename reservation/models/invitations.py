"""Invitations (PIN2), and when the people who wait for one were last counted."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed_moment import written
from registration.models import Registration


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Questions about invitations."""

    def valid(self, now: datetime) -> "InvitationQuerySet":
        """Those with which their people can reserve now."""
        return self.filter(revoked_at=None, expires_at__gt=now)

    def last_key(self) -> int:
        """The key of the latest of them, 0 where there is none: another one tells that somebody was invited since."""
        key: int = self.aggregate(last=Max("pk"))["last"] or 0
        return key


class Invitation(models.Model):
    """A person's turn has come: PIN2, with which they log in to reserve.

    A person keeps their place when PIN2 runs out: a new invitation is issued, the old one is history.
    """

    class Kind(models.TextChoices):
        """How the person came to PIN2."""

        TURN = "TURN", _("the turn came")
        STRAIGHT_ON = "STRAIGHT_ON", _("straight after registering")
        OFFER = "OFFER", _("a time was offered from the waiting list")
        RESENT = "RESENT", _("sent once more")
        GAVE_BACK = "GAVE_BACK", _("the person gave times back")

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="invitations", verbose_name=_("registration")
    )
    kind = models.CharField(
        pgettext_lazy("invitation", "kind"), max_length=15, choices=Kind, default=Kind.TURN, db_default=Kind.TURN
    )
    pin_hash = models.CharField(_("keyed hash of PIN2"), max_length=64)
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(
        _("revoked at"), null=True, blank=True, help_text=_("Replaced by a newer PIN2, or cancelled.")
    )
    used_at = models.DateTimeField(
        _("used at"), null=True, blank=True, help_text=_("When the person first logged in with it.")
    )
    reminded_at = models.DateTimeField(
        _("reminded at"), null=True, blank=True, help_text=_("When the person was told that it ends soon.")
    )
    unused_before = models.PositiveSmallIntegerField(
        _("unused before"),
        default=0,
        db_default=0,
        help_text=_("How many PIN2 before this one, one after another, ran out without a log-in."),
    )
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("issued by"),
        null=True,
        blank=True,
        help_text=_("Staff who had it sent once more. Empty: the system, or the person themselves."),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-issued_at",)
        constraints = [
            models.UniqueConstraint(
                "registration", condition=Q(revoked_at=None), name="registration_has_one_valid_pin2"
            ),
        ]
        indexes = [
            # What ends soon, and what ended lately.
            models.Index("expires_at", name="invitation_expires"),
            # Few rows: the third PIN2 that nobody uses.
            models.Index(
                "expires_at",
                name="invitation_last_unused",
                condition=Q(revoked_at=None, used_at=None, unused_before__gte=2),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration} {written(self.issued_at)}"


class InvitationPause(models.Model):
    """A person who left three PIN2 unused: no further one is sent until they, or staff, ask for one."""

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="invitation_pauses", verbose_name=_("registration")
    )
    paused_at = models.DateTimeField(_("paused at"), default=timezone.now)
    resumed_at = models.DateTimeField(_("resumed at"), null=True, blank=True)
    resumed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("resumed by"),
        null=True,
        blank=True,
        help_text=_("Empty: the person themselves."),
    )

    class Meta:
        verbose_name = _("pause of invitations")
        verbose_name_plural = _("pauses of invitations")
        ordering = ("-paused_at",)
        constraints = [
            models.UniqueConstraint("registration", condition=Q(resumed_at=None), name="invitations_pause_once"),
        ]

    def __str__(self) -> str:
        return f"{self.registration} {written(self.paused_at)}"


class WaitingSummary(models.Model):
    """When the people who wait were last counted (`sql/waiting.sql`), and the room that there was then: one row."""

    computed_at = models.DateTimeField(_("computed at"))
    free_pairs: Any = models.JSONField(_("free pairs"), help_text=_("Pairs of seats promised to nobody, by region."))
    served: Any = models.JSONField(
        pgettext_lazy("waiting", "served"),
        default=dict,
        help_text=_("By region, how many people reserved a first dose in each of the last weeks, and the day of it."),
    )
    share_who_come = models.FloatField(
        _("share who come"), default=1, help_text=_("Of people with PIN2, as those did whose PIN2 ended lately.")
    )

    class Meta:
        verbose_name = _("summary of the waiting")
        verbose_name_plural = _("summaries of the waiting")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_one_summary_of_the_waiting")]

    def __str__(self) -> str:
        return written(self.computed_at)
