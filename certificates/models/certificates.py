"""Certificates, and the requests for them."""

import uuid
from datetime import datetime
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.models.signers import SignerCertificate
from crs.encryption import EncryptedTextField
from crs.typed_moment import written
from logistics.models import VaccinationSite
from registration.models import Person
from registration.people.persons import rows_of
from vaccination.models import Dose


class Cause(models.TextChoices):
    """Why a certificate is issued."""

    SERIES = "SERIES", _("the last dose of the series")
    BOOSTER = "BOOSTER", _("a booster")
    REQUESTED = "REQUESTED", _("the person asked for it")
    CORRECTED = "CORRECTED", _("the record was corrected")
    RENEWED = "RENEWED", _("issued anew")


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Questions about certificates."""

    def living(self) -> "CertificateQuerySet":
        """Those that were not revoked; they may have expired."""
        return self.filter(state=Certificate.State.VALID)

    def of(self, person: Person) -> "CertificateQuerySet":
        """The certificates of the person, with those of rows that were joined into theirs."""
        return self.filter(person__in=rows_of(person).values("pk"))


@pghistory.track(exclude=["text"])
class Certificate(models.Model):
    """An EU certificate of one dose, as it was signed. It tells of one version of the dose and is never changed."""

    class State(models.TextChoices):
        """docs/states.md, 'Certificate'."""

        VALID = "VALID", pgettext_lazy("certificate", "valid")
        REVOKED = "REVOKED", pgettext_lazy("certificate", "revoked")

    class Revocation(models.TextChoices):
        """Why it was revoked."""

        DOSE_CORRECTED = "DOSE_CORRECTED", _("the dose was corrected")
        DOSE_ANNULLED = "DOSE_ANNULLED", _("the dose was entered in error")
        PERSON_CORRECTED = "PERSON_CORRECTED", _("the name or the date of birth was corrected")
        REPLACED = "REPLACED", _("another one was issued instead")
        KEY = "KEY", _("the signer's key")
        BATCH = "BATCH", _("the batch of the vaccine")
        FRAUD = "FRAUD", _("fraud")
        OTHER = "OTHER", pgettext_lazy("reason", "another reason")

    # Revoked because somebody decided that the person shall not have it: nothing but another decision gives one back.
    BY_HAND = (Revocation.BATCH, Revocation.FRAUD, Revocation.OTHER)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    dose = models.ForeignKey(Dose, models.PROTECT, related_name="certificates", verbose_name=_("dose"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates", verbose_name=_("person"))
    dose_number = models.PositiveSmallIntegerField(_("dose as written"))
    total_doses = models.PositiveSmallIntegerField(_("doses as written"))
    uvci = models.CharField("UVCI", max_length=80, unique=True, help_text=_("Never used again."))
    ean = models.CharField(
        _("evidence number"), max_length=13, unique=True, help_text=_("EAN-13 of the internal range, prefix 2.")
    )
    text: Any = EncryptedTextField(_("text of the QR code"), help_text=_("HC1:… as it was signed. Encrypted."))
    facts_hash = models.CharField(
        _("keyed hash of what it says"), max_length=64, help_text=_("Tells whether it is still true.")
    )
    signer = models.ForeignKey(SignerCertificate, models.PROTECT, related_name="certificates", verbose_name=_("signer"))
    cause = models.CharField(_("why"), max_length=10, choices=Cause)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("issued by"),
        null=True,
        blank=True,
        help_text=_("Who issued or asked for it, or recorded or corrected the dose. Empty: a machine."),
    )
    expires_at = models.DateTimeField(_("expires at"))
    replaces = models.ForeignKey(
        "self", models.PROTECT, related_name="+", verbose_name=_("replaces"), null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.VALID)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("revoked by"),
        null=True,
        blank=True,
    )
    revocation = models.CharField(_("why revoked"), max_length=20, choices=Revocation, blank=True)
    revocation_note = models.CharField(_("note on the revocation"), max_length=300, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ("-issued_at",)
        constraints = [
            models.UniqueConstraint("dose", name="one_living_certificate", condition=Q(state="VALID")),
            models.CheckConstraint(condition=Q(issued_at__lt=F("expires_at")), name="certificate_has_a_period"),
            models.CheckConstraint(
                condition=Q(state="VALID", revoked_at=None, revocation="")
                | (Q(state="REVOKED", revoked_at__isnull=False) & ~Q(revocation="")),
                name="revoked_certificate_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.uvci

    def has_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at <= now


class IssueRequestQuerySet(models.QuerySet["IssueRequest"]):
    """Questions about requests."""

    def open(self) -> "IssueRequestQuerySet":
        """Requests without an end yet: waiting, held, or blocked by an obstacle."""
        return self.filter(state__in=IssueRequest.OPEN)

    def waiting(self) -> "IssueRequestQuerySet":
        """Requests whose turn it is, the oldest first."""
        return self.filter(state=IssueRequest.State.WAITING).order_by("id")

    def locked(self) -> "IssueRequestQuerySet":
        """These, locked by rising key as everybody locks them; to be changed in this transaction."""
        rows = self.select_for_update(no_key=True, of=("self",)).order_by("pk")
        return IssueRequest.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))


@pghistory.track(exclude=["claimed_at"])
class IssueRequest(models.Model):
    """That a certificate of a dose is due: asked for by somebody, or by itself after a dose."""

    class State(models.TextChoices):
        """docs/states.md, 'Request for a certificate'."""

        WAITING = "WAITING", pgettext_lazy("request", "waiting")
        HELD = "HELD", pgettext_lazy("request", "held")
        BLOCKED = "BLOCKED", pgettext_lazy("request", "an obstacle")
        ISSUED = "ISSUED", pgettext_lazy("request", "issued")
        REJECTED = "REJECTED", pgettext_lazy("request", "rejected")
        DROPPED = "DROPPED", pgettext_lazy("request", "not needed any more")

    class Obstacle(models.TextChoices):
        """Why none can be issued yet."""

        LATIN_NAME = "LATIN_NAME", _("the name is not in Latin letters and its spelling is missing")
        NO_CODES = "NO_CODES", _("the vaccine or the dose has no EU code")

    OPEN = (State.WAITING, State.HELD, State.BLOCKED)

    dose = models.ForeignKey(Dose, models.PROTECT, related_name="certificate_requests", verbose_name=_("dose"))
    cause = models.CharField(_("why"), max_length=10, choices=Cause)
    is_to_be_sent = models.BooleanField(_("to be sent"), default=False, help_text=_("By e-mail, once it is issued."))
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("asked by"),
        null=True,
        blank=True,
        help_text=_("Who asked, or recorded or corrected the dose. Empty: a machine."),
    )
    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="+", verbose_name=_("vaccination site"), null=True, blank=True
    )
    issuer = models.CharField(
        _("issuer"), max_length=50, help_text=_("Whose requests of an hour are counted: a user, or else a site.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    obstacle = models.CharField(_("obstacle"), max_length=10, choices=Obstacle, blank=True)
    claimed_at = models.DateTimeField(
        _("claimed at"), null=True, blank=True, help_text=_("When a worker last took it.")
    )
    certificate = models.OneToOneField(
        Certificate, models.PROTECT, related_name="request", verbose_name=_("certificate"), null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
        null=True,
        blank=True,
    )
    decision_reason = models.CharField(_("reason of the decision"), max_length=300, blank=True)

    objects = IssueRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a certificate")
        verbose_name_plural = _("requests for certificates")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["id"], name="requests_waiting", condition=Q(state="WAITING")),
            models.Index(fields=["issuer", "asked_at"], name="requests_of_an_issuer"),
            models.Index(fields=["state"], name="requests_held", condition=Q(state__in=("HELD", "BLOCKED"))),
        ]
        constraints = [
            models.UniqueConstraint(
                "dose", name="one_open_request", condition=Q(state__in=("WAITING", "HELD", "BLOCKED"))
            ),
            models.CheckConstraint(
                condition=(Q(state="ISSUED") & Q(certificate__isnull=False))
                | (~Q(state="ISSUED") & Q(certificate=None)),
                name="issued_request_has_its_certificate",
            ),
            models.CheckConstraint(
                condition=(Q(state="BLOCKED") & ~Q(obstacle="")) | (~Q(state="BLOCKED") & Q(obstacle="")),
                name="blocked_request_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{written(self.asked_at)}, {self.get_state_display()}"
