"""Signers: the certificates of those who sign, ours and other states', and our private keys."""

import base64
import hashlib
from datetime import datetime
from typing import Any

import pghistory
from cryptography import x509
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from certificates.errors import SealedKey
from certificates.hcert.trusted import country_of, kid_of
from crs.encryption import EncryptedTextField
from crs.typed_moment import written


class EncryptedKeyField(EncryptedTextField):
    """A private key, encrypted with the first of `SIGNING_KEY_ENCRYPTION_KEYS`, read with any of them."""

    @property
    def keys(self) -> list[bytes]:
        """The Fernet keys, the encrypting one first."""
        return [key.encode() for key in settings.SIGNING_KEY_ENCRYPTION_KEYS]

    @property
    def f(self) -> MultiFernet:
        """What encrypts and decrypts. Raises SealedKey in a process that is shown no key."""
        if not self.keys:
            raise SealedKey
        return MultiFernet([Fernet(key) for key in self.keys])

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        """The key, decrypted. Raises SealedKey; the library would hand out the encrypted text as if it were the key."""
        try:
            return None if value is None else self.f.decrypt(value.encode()).decode()
        except InvalidToken:
            raise SealedKey from None


class SignerCertificateQuerySet(models.QuerySet["SignerCertificate"]):
    """Questions about signers."""

    def trusted(self, now: datetime) -> "SignerCertificateQuerySet":
        """The document signers on the trust list, ours and others'. Their own dates are the verifier's affair."""
        return self.filter(self.is_listed(now)).order_by("id")

    @staticmethod
    def is_listed(now: datetime) -> Q:
        """Whether a row is that of a document signer on the trust list."""
        return Q(is_authority=False) & (Q(withdrawn_at=None) | Q(withdrawn_at__gt=now))

    def own(self) -> "SignerCertificateQuerySet":
        """Ours."""
        return self.filter(origin=SignerCertificate.Origin.OWN)


@pghistory.track()
class SignerCertificate(models.Model):
    """The certificate of a document signer (DSC) or of the authority above it (CSCA). Its key is the resume token."""

    class Origin(models.TextChoices):
        """Whose it is."""

        OWN = "OWN", _("ours")
        IMPORTED = "IMPORTED", _("from an imported trust list")

    # The reason of a withdrawal that the next list may take back; any other one is somebody's decision.
    NOT_LISTED = "not on the imported list any more"

    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    is_authority = models.BooleanField(_("authority (CSCA)"), default=False)
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        help_text=_("Two letters of ISO 3166; empty where neither the certificate nor its list says."),
    )
    kid = models.CharField(
        "kid", max_length=12, help_text=_("First 8 bytes of SHA-256 over the certificate, base64. Not unique.")
    )
    der = models.BinaryField(_("certificate (DER)"))
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    source = models.CharField(_("source"), max_length=200, blank=True, help_text=_("The list it was imported from."))
    added_at = models.DateTimeField(_("added at"))
    withdrawn_at = models.DateTimeField(
        _("withdrawn at"), null=True, blank=True, help_text=_("Since then nothing that it signed is genuine.")
    )
    withdrawal_reason = models.CharField(_("reason of the withdrawal"), max_length=300, blank=True)

    objects = SignerCertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("signer")
        verbose_name_plural = _("signers")
        ordering = ("id",)
        indexes = [models.Index(fields=["kid"], name="signer_by_kid")]
        constraints = [
            models.CheckConstraint(condition=Q(not_before__lt=F("not_after")), name="signer_has_a_period"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="withdrawal_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.kid}"

    @classmethod
    def of(cls, certificate: x509.Certificate, **fields: Any) -> "SignerCertificate":
        """A row of the certificate, not saved; `fields` are those that do not stand in it, or go before it."""
        der = certificate.public_bytes(Encoding.DER)
        values = {
            "country": country_of(certificate),
            "kid": base64.b64encode(kid_of(certificate)).decode(),
            "der": der,
            "sha256": hashlib.sha256(der).hexdigest(),
            "not_before": certificate.not_valid_before_utc,
            "not_after": certificate.not_valid_after_utc,
        }
        return cls(**(values | fields))

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate itself, read anew each time."""
        return x509.load_der_x509_certificate(bytes(self.der))


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    """Questions about our keys. What is asked without need of the private key does not decrypt it."""

    def of_signers(self) -> "SigningKeyQuerySet":
        """Those of document signers on the trust list, the one that began last first."""
        listed = self.filter(signer__is_authority=False, signer__withdrawn_at=None).defer("private_key")
        return listed.select_related("signer").order_by("-signs_from", "-pk")

    def signing(self, now: datetime) -> "SigningKeyQuerySet":
        """Keys of document signers that may sign now, the one that began last first."""
        return self.of_signers().filter(
            signer__not_before__lte=now, signer__not_after__gt=now, signs_from__lte=now, signs_until__gt=now
        )

    def delete_private_keys(self) -> int:
        """Delete those that are here; the rows stay and say so. Returns how many these were."""
        return self.exclude(private_key=None).update(private_key=None, kept_by=SigningKey.DELETED)


@pghistory.track(exclude=["private_key"])
class SigningKey(models.Model):
    """The private key of a signer of ours, and the time in which it signs; it goes on verifying after that."""

    # Who keeps a private key that was here and signs no more.
    DELETED = "nobody (deleted)"

    signer = models.OneToOneField(
        SignerCertificate, models.PROTECT, related_name="signing_key", verbose_name=_("signer")
    )
    private_key: Any = EncryptedKeyField(
        _("private key"),
        null=True,
        blank=True,
        help_text=_("Encrypted. Empty: it is kept elsewhere (an HSM), or deleted."),
    )
    kept_by = models.CharField(
        _("kept by"), max_length=40, default="database", help_text=_("Who signs with it (certificates/keys/).")
    )
    signs_from = models.DateTimeField(_("signs from"))
    signs_until = models.DateTimeField(_("signs until"))
    created_at = models.DateTimeField(_("created at"))

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        ordering = ("-signs_from",)
        constraints = [
            models.CheckConstraint(condition=Q(signs_from__lte=F("signs_until")), name="signing_key_has_a_period")
        ]

    def __str__(self) -> str:
        return str(self.signer)


class KeyRequest(models.Model):
    """A private key made here that waits for its certificate: an authority elsewhere has the request (CSR) for it."""

    subject = models.CharField(_("subject of the certificate"), max_length=200)
    public_key_sha256 = models.CharField(_("SHA-256 of the public key"), max_length=64, unique=True)
    private_key: Any = EncryptedKeyField(_("private key"), help_text=_("Encrypted."))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("request for a signer's certificate")
        verbose_name_plural = _("requests for signers' certificates")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.subject


class ListReading(models.Model):
    """That a list of another authority was read: how old our knowledge is."""

    class Kind(models.TextChoices):
        """What it lists."""

        TRUST = "TRUST", _("trusted signers")
        REVOCATION = "REVOCATION", _("revoked certificates")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    source = models.CharField(_("source"), max_length=200)
    issued_at = models.DateTimeField(_("date of the list"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"))
    entries = models.PositiveIntegerField(_("entries"))

    class Meta:
        verbose_name = _("reading of a list")
        verbose_name_plural = _("readings of lists")
        ordering = ("-read_at",)
        indexes = [models.Index(fields=["kind", "source", "-read_at"], name="last_reading")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {written(self.issued_at)}"
