"""Proven telephones, and the SMS that prove them."""

import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from crs.typed_moment import written

PIN_VALIDITY = timedelta(minutes=15)


class PhoneVerification(models.Model):
    """One browser's attempt to prove a telephone number; it counts the wrong tries."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, help_text=_("Kept in the browser's session only."))
    phone = PhoneNumberField(_("telephone"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    asked_at = models.DateTimeField(
        _("last asked at"),
        default=timezone.now,
        help_text=_("When a PIN was last asked for, whether or not a limit let it be sent; 60 seconds count from it."),
    )
    resends = models.PositiveSmallIntegerField(
        _("asked again"), default=0, help_text=_("How often since the last check question; every third costs one.")
    )
    stopped_until = models.DateTimeField(
        _("stopped until"), null=True, blank=True, help_text=_("Until when a limit keeps the last PIN from being sent.")
    )
    wrong_tries = models.PositiveSmallIntegerField(_("wrong tries"), default=0)
    verified_at = models.DateTimeField(
        _("verified at"), null=True, blank=True, help_text=_("Empty again once the person has finished.")
    )

    class Meta:
        verbose_name = _("telephone verification")
        verbose_name_plural = _("telephone verifications")
        indexes = [models.Index(fields=["phone", "created_at"], name="verification_by_phone")]

    def __str__(self) -> str:
        return written(self.created_at)


class PhonePin(models.Model):
    """A PIN sent to a telephone; only its keyed hash is kept."""

    verification = models.ForeignKey(
        PhoneVerification, models.CASCADE, related_name="pins", verbose_name=_("telephone verification")
    )
    phone = PhoneNumberField(_("telephone"))
    pin_hash = models.CharField(_("keyed hash of the PIN"), max_length=64)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    used_by = models.ForeignKey(
        PhoneVerification,
        models.SET_NULL,
        related_name="used_pins",
        verbose_name=_("used by"),
        null=True,
        blank=True,
        help_text=_("The verification that it proved; a double click there is no second use."),
    )

    class Meta:
        verbose_name = _("PIN")
        verbose_name_plural = _("PINs")
        indexes = [models.Index(fields=["phone", "sent_at"], name="pin_by_phone")]

    def __str__(self) -> str:
        return written(self.sent_at)


class SmsAlarm(models.Model):
    """When a cap on SMS (`telephones.sms_caps`) was last found reached: the alarm is raised once in its period."""

    cap = models.CharField(_("cap"), max_length=80, primary_key=True, help_text=_("What was capped, and the rate."))
    raised_at = models.DateTimeField(_("raised at"))

    class Meta:
        verbose_name = _("alarm about SMS")
        verbose_name_plural = _("alarms about SMS")

    def __str__(self) -> str:
        return self.cap
