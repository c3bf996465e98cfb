"""Revoked certificates, as truncated hashes: ours and other states'."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.hcert import revocation_hashes
from certificates.models.certificates import Certificate
from certificates.models.signers import SignerCertificate
from crs.typed_moment import written


class HashType(models.TextChoices):
    """What is hashed (EU gateway; DOMAIN 1.9)."""

    UCI = revocation_hashes.UCI, _("the identifier")
    COUNTRYCODEUCI = revocation_hashes.COUNTRYCODEUCI, _("the state and the identifier")
    SIGNATURE = revocation_hashes.SIGNATURE, _("the signature")


class RevocationBatchQuerySet(models.QuerySet["RevocationBatch"]):
    """Questions about batches."""

    def own(self) -> "RevocationBatchQuerySet":
        """Ours."""
        return self.filter(origin=RevocationBatch.Origin.OWN)

    def published(self) -> "RevocationBatchQuerySet":
        """Ours that are signed; those that are not wait for their signature."""
        return self.own().filter(signed__isnull=False)

    def changed_after(self, moment: datetime) -> "RevocationBatchQuerySet":
        """Those that were signed or deleted later than that, the earliest first."""
        changes = self.annotate(changed_at=Coalesce("deleted_at", "made_at"))
        return changes.filter(changed_at__gt=moment).order_by("changed_at")

    def imported(self) -> "RevocationBatchQuerySet":
        """Those of other states."""
        return self.filter(origin=RevocationBatch.Origin.IMPORTED)


class RevocationBatch(models.Model):
    """Up to 1,000 hashes of one state, key and type, as the EU gateway carries them."""

    class Origin(models.TextChoices):
        """Who revoked them."""

        OWN = "OWN", _("ours")
        IMPORTED = "IMPORTED", _("another state's")

    batch_id = models.CharField(_("identifier"), max_length=64)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    country = models.CharField(_("country"), max_length=2)
    kid = models.CharField("kid", max_length=12, help_text=_("Base64, or UNKNOWN_KID."))
    hash_type = models.CharField(_("type of hash"), max_length=20, choices=HashType)
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)
    signed = models.BinaryField(_("signed batch (CMS)"), null=True, blank=True, help_text=_("Of ours only."))
    signer = models.ForeignKey(
        SignerCertificate,
        models.PROTECT,
        related_name="+",
        verbose_name=_("signer"),
        null=True,
        blank=True,
        help_text=_("Of ours only: whose key signed it."),
    )

    objects = RevocationBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of revocations")
        verbose_name_plural = _("batches of revocations")
        ordering = ("made_at", "id")
        constraints = [models.UniqueConstraint("origin", "batch_id", name="revocation_batch_is_unique")]

    def __str__(self) -> str:
        return self.batch_id


class RevokedHashQuerySet(models.QuerySet["RevokedHash"]):
    """Questions about revoked hashes."""

    def in_force(self, now: datetime) -> "RevokedHashQuerySet":
        """Those that count now: not expired, and not in a batch that was deleted. Their last second still counts.

        As it does for the certificate itself (hcert/verification.py).
        """
        return self.filter(Q(batch=None) | Q(batch__deleted_at=None), expires_at__gte=now)


class RevokedHash(models.Model):
    """The first 16 bytes of SHA-256 over what identifies a revoked certificate."""

    hash = models.BinaryField("hash", max_length=16)
    hash_type = models.CharField(_("type of hash"), max_length=20, choices=HashType)
    country = models.CharField(_("country"), max_length=2)
    kid = models.CharField("kid", max_length=12)
    added_at = models.DateTimeField(_("added at"))
    expires_at = models.DateTimeField(_("expires at"))
    certificate = models.ForeignKey(
        Certificate,
        models.PROTECT,
        related_name="revoked_hashes",
        verbose_name=_("certificate"),
        null=True,
        blank=True,
        help_text=_("Empty: of another state."),
    )
    batch = models.ForeignKey(
        RevocationBatch,
        models.CASCADE,
        related_name="hashes",
        verbose_name=pgettext_lazy("revocation list", "batch"),
        null=True,
        blank=True,
        help_text=_("Empty: not in a batch yet."),
    )

    objects = RevokedHashQuerySet.as_manager()

    class Meta:
        verbose_name = _("revoked hash")
        verbose_name_plural = _("revoked hashes")
        indexes = [
            models.Index(fields=["hash"], name="revoked_by_hash"),
            models.Index(fields=["id"], name="revoked_without_batch", condition=Q(batch=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                "certificate", "hash_type", name="certificate_is_revoked_once", condition=Q(certificate__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return bytes(self.hash).hex()


class RevocationList(models.Model):
    """The signed list of all revoked certificates of ours, as it is published; only the newest one counts."""

    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    entries = models.PositiveIntegerField(_("entries"))
    content_hash = models.CharField(
        _("hash of the entries"), max_length=64, help_text=_("Tells whether anything has changed.")
    )
    signer = models.ForeignKey(SignerCertificate, models.PROTECT, related_name="+", verbose_name=_("signer"))
    signed = models.TextField(_("signed list (JWS)"))

    class Meta:
        verbose_name = _("list of revocations")
        verbose_name_plural = _("lists of revocations")
        ordering = ("-id",)

    def __str__(self) -> str:
        return written(self.made_at)
