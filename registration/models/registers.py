"""What registers of the state know, how registrations were checked with them, and where the two differ."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.encryption import EncryptedTextField
from crs.typed_moment import written
from registration.models.registrations import PriorityClaim, Registration


class Register(models.TextChoices):
    """A register that registrations are checked with."""

    INSURERS = "INSURERS", _("register of insured persons")
    HEALTH_WORKERS = "WORKERS", _("register of health workers")


class InsuredRecord(models.Model):
    """A line of the insurers' register, where it is kept in this database (`import_insured`)."""

    number_hash = models.CharField(_("keyed hash of the insured person's number"), max_length=64, primary_key=True)
    first_name: Any = EncryptedTextField(_("first name"), help_text=_("Encrypted."))
    last_name: Any = EncryptedTextField(_("surname"), help_text=_("Encrypted."))
    birth_date = models.DateField(_("date of birth"))
    insurer = models.CharField(_("health insurer"), max_length=3)
    insured_until = models.DateField(_("insured until"), null=True, blank=True, help_text=_("Empty: goes on."))
    died_on = models.DateField(_("died on"), null=True, blank=True)
    imported_at = models.DateTimeField(_("imported at"), default=timezone.now)

    class Meta:
        verbose_name = _("record of an insured person")
        verbose_name_plural = _("records of insured persons")

    def __str__(self) -> str:
        return self.insurer


class HealthWorkerRecord(models.Model):
    """A line of the register of health workers, where it is kept in this database (`import_health_workers`)."""

    number_hash = models.CharField(_("keyed hash of the insured person's number"), max_length=64, db_index=True)
    worker_number = models.CharField(_("number in the register"), max_length=12)
    first_name: Any = EncryptedTextField(_("first name"), help_text=_("Encrypted."))
    last_name: Any = EncryptedTextField(_("surname"), help_text=_("Encrypted."))
    profession = models.CharField(_("profession"), max_length=120)
    facility = models.CharField(_("facility"), max_length=200, blank=True)
    until = models.DateField(_("registered until"), null=True, blank=True, help_text=_("Empty: goes on."))
    imported_at = models.DateTimeField(_("imported at"), default=timezone.now)

    class Meta:
        verbose_name = _("record of a health worker")
        verbose_name_plural = _("records of health workers")
        constraints = [models.UniqueConstraint("worker_number", name="worker_number_is_unique")]

    def __str__(self) -> str:
        return self.worker_number


class RegisterCheck(models.Model):
    """A registration, or a claim of a health worker, is to be compared with a register."""

    class State(models.TextChoices):
        """docs/states.md, 'Check with a register'."""

        WAITING = "WAITING", pgettext_lazy("check", "waiting for the register")
        AGREES = "AGREES", pgettext_lazy("check", "agrees")
        DISAGREES = "DISAGREES", pgettext_lazy("check", "differs")
        DECIDED = "DECIDED", pgettext_lazy("check", "decided by staff")
        VOID = "VOID", pgettext_lazy("check", "not wanted any more")

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="register_checks", verbose_name=_("registration")
    )
    register = models.CharField(_("register"), max_length=10, choices=Register)
    claim = models.ForeignKey(
        PriorityClaim,
        models.CASCADE,
        related_name="register_checks",
        verbose_name=_("priority claim"),
        null=True,
        blank=True,
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(
        pgettext_lazy("check", "due at"), default=timezone.now, help_text=_("Not asked before this time.")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer: Any = EncryptedTextField(
        _("answer of the register"), null=True, blank=True, help_text=_("JSON. Encrypted.")
    )
    told_at = models.DateTimeField(
        _("told at"), null=True, blank=True, help_text=_("When the person was told that the check takes longer.")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("check with a register")
        verbose_name_plural = _("checks with registers")
        indexes = [models.Index(fields=["due_at", "id"], name="check_waiting", condition=Q(state="WAITING"))]

    def __str__(self) -> str:
        return f"{self.get_register_display()}: {self.get_state_display()}"


class Mismatch(models.Model):
    """A register says something else than the person: a member of staff decides, no machine does."""

    class Kind(models.TextChoices):
        """How the two differ."""

        NOT_FOUND = "NOT_FOUND", _("the register does not know the number")
        NAME = "NAME", pgettext_lazy("mismatch", "another name")
        BIRTH_DATE = "BIRTH_DATE", pgettext_lazy("mismatch", "another date of birth")
        NOT_INSURED = "NOT_INSURED", _("the insurance has ended")
        DIED = "DIED", _("the register says that the person died")
        NOT_A_WORKER = "NOT_WORKER", _("no health worker with this number")

    class Decision(models.TextChoices):
        """What staff decided."""

        KEPT = "KEPT", _("what the person says holds")
        CORRECTED = "CORRECTED", _("what the register says holds")
        ENDED = "ENDED", _("the registration, or the claim, ended")

    check_done = models.OneToOneField(
        RegisterCheck, models.CASCADE, related_name="mismatch", verbose_name=_("check with a register")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    opened_at = models.DateTimeField(pgettext_lazy("mismatch", "opened at"), default=timezone.now)
    due_at = models.DateTimeField(_("deadline"))
    asked_at = models.DateTimeField(
        _("asked at"), null=True, blank=True, help_text=_("When the person was last asked for a document.")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("mismatch", "asked by"),
        null=True,
        blank=True,
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    reason: Any = EncryptedTextField(_("reason"), null=True, blank=True, help_text=_("Encrypted."))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("mismatch with a register")
        verbose_name_plural = _("mismatches with registers")
        ordering = ("opened_at",)
        indexes = [models.Index(fields=["opened_at"], name="mismatch_open", condition=Q(decided_at=None))]

    def __str__(self) -> str:
        return f"{written(self.opened_at)} {self.get_kind_display()}"
