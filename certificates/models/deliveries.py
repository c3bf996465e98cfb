"""Deliveries: a certificate sent by e-mail as an encrypted PDF, its password by another way."""

import uuid
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from certificates.models.certificates import Certificate
from crs.encryption import EncryptedTextField
from crs.messaging.models import Message
from crs.typed_moment import written


@pghistory.track(exclude=["password"])
class Delivery(models.Model):
    """One sending of a certificate. Each has a password of its own, forgotten when it has served."""

    class PasswordWay(models.TextChoices):
        """How the person gets the password."""

        SMS = "SMS", _("by SMS")
        PAPER = "PAPER", _("on paper at the site")
        NONE = "NONE", _("none: no e-mail is sent")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    certificate = models.ForeignKey(
        Certificate, models.PROTECT, related_name="deliveries", verbose_name=_("certificate")
    )
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("asked by"),
        null=True,
        blank=True,
        help_text=_("Empty: by itself, or the person."),
    )
    language = models.CharField(_("language"), max_length=5)
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("Where it was sent; empty: the person has none."))
    phone = PhoneNumberField(_("telephone"), blank=True)
    password_way = models.CharField(_("password"), max_length=10, choices=PasswordWay)
    password: Any = EncryptedTextField(
        _("password of the PDF"), null=True, blank=True, help_text=_("Encrypted. Empty once it has served.")
    )
    password_printed_at = models.DateTimeField(
        _("password printed at"), null=True, blank=True, help_text=_("First printed on paper; soon forgotten after it.")
    )
    email_message = models.ForeignKey(
        Message, models.SET_NULL, related_name="+", verbose_name=_("e-mail message"), null=True, blank=True
    )
    sms_message = models.ForeignKey(
        Message, models.SET_NULL, related_name="+", verbose_name=_("SMS message"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("delivery of a certificate")
        verbose_name_plural = _("deliveries of certificates")
        ordering = ("-asked_at",)
        indexes = [
            # Only those that still have to be forgotten.
            models.Index(fields=["asked_at"], name="passwords_kept", condition=Q(password__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.certificate} {written(self.asked_at)}"
