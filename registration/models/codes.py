"""Codes with which employers and doctors confirm a profession or a chronic condition."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written
from registration.models.groups import PriorityGroup
from registration.models.registrations import PriorityClaim, RegistrationClaim


class Revocable(models.Model):
    """What somebody can take out of use, for a reason."""

    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("revoked by"),
        null=True,
        blank=True,
        help_text=_("Empty: whoever has the batch's key."),
    )
    revocation_reason = models.CharField(_("why it was revoked"), max_length=300, blank=True, db_default="")

    class Meta:
        abstract = True


class CodeBatch(Revocable):
    """Codes given out together to one employer or doctor. Whoever revokes it revokes each of its codes."""

    group = models.ForeignKey(PriorityGroup, models.PROTECT, related_name="+", verbose_name=_("priority group"))
    issued_to = models.CharField(_("given to"), max_length=200, help_text=_("The employer, the doctor, the facility."))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    key_hash = models.CharField(
        _("keyed hash of the batch's key"), max_length=64, unique=True, help_text=_("Shows its holder the use.")
    )

    class Meta:
        verbose_name = _("batch of registration codes")
        verbose_name_plural = _("batches of registration codes")
        ordering = ("-issued_at", "-pk")

    def __str__(self) -> str:
        return f"{self.issued_to}, {written(self.issued_at)}"


class RegistrationCode(Revocable):
    """A code that proves a claim, once or a counted number of times; only its keyed hash is kept."""

    batch = models.ForeignKey(CodeBatch, models.PROTECT, related_name="codes", verbose_name=_("batch"))
    code_hash = models.CharField(_("keyed hash of the code"), max_length=64, unique=True)
    ending = models.CharField(_("last signs"), max_length=4, help_text=_("So that its holder and we mean one code."))
    allowed = models.PositiveIntegerField(_("uses allowed"), default=1, help_text=_("1: for one person."))
    used = models.PositiveIntegerField(_("uses"), default=0)

    class Meta:
        verbose_name = _("registration code")
        verbose_name_plural = _("registration codes")
        constraints = [models.CheckConstraint(condition=Q(used__lte=F("allowed")), name="code_not_used_too_often")]

    def __str__(self) -> str:
        return f"…{self.ending}"

    @property
    def left(self) -> int:
        """How many more people can use it, unless it is revoked."""
        return self.allowed - self.used


class CodeUse(models.Model):
    """A code proved a claim to a group; or it was spent for a claim to a registration, which must look like one."""

    code = models.ForeignKey(RegistrationCode, models.PROTECT, related_name="uses", verbose_name=_("registration code"))
    claim = models.OneToOneField(
        PriorityClaim, models.CASCADE, related_name="code_use", verbose_name=_("priority claim"), null=True, blank=True
    )
    spent_for = models.ForeignKey(
        RegistrationClaim,
        models.CASCADE,
        related_name="spent_codes",
        verbose_name=_("claim to a registration"),
        null=True,
        blank=True,
    )
    used_at = models.DateTimeField(_("used at"), default=timezone.now)

    class Meta:
        verbose_name = _("use of a registration code")
        verbose_name_plural = _("uses of registration codes")
        constraints = [
            models.CheckConstraint(
                condition=Q(claim=None, spent_for__isnull=False) | Q(claim__isnull=False, spent_for=None),
                name="code_is_used_for_one_claim",
            ),
        ]

    def __str__(self) -> str:
        return written(self.used_at)
