"""Networks from which staff logged in, and codes for a new password; the accounts themselves are Django's.

Names, addresses and codes stand here only as keyed hashes.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written


class KnownNetwork(models.Model):
    """A network from which an account logged in with both factors."""

    key = models.CharField(
        _("key"), max_length=64, primary_key=True, help_text=_("Keyed hash of the account and the network.")
    )
    seen_at = models.DateTimeField(_("seen at"), db_index=True)

    class Meta:
        verbose_name = _("known network")
        verbose_name_plural = _("known networks")

    def __str__(self) -> str:
        return written(self.seen_at)


class PasswordReset(models.Model):
    """A request for a new password, and later its code; one row for each e-mail."""

    key = models.CharField(_("key"), max_length=64, primary_key=True, help_text=_("Keyed hash of the e-mail."))
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("Until the code is made."))
    language = models.CharField(_("language"), max_length=5)
    asked_at = models.DateTimeField(_("asked at"), db_index=True)
    code_hash = models.CharField(
        _("hash of the code"), max_length=64, blank=True, help_text=_("Empty until the code is made.")
    )
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
        null=True,
        blank=True,
        help_text=_("Empty where nobody of staff has the e-mail; nothing is sent then."),
    )

    class Meta:
        verbose_name = _("forgotten password")
        verbose_name_plural = _("forgotten passwords")

    def __str__(self) -> str:
        return written(self.asked_at)
