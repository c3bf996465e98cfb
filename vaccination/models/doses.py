"""Doses given, and the rules that somebody overrode to give them."""

import uuid
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.encryption import EncryptedTextField
from logistics.models import Batch, StockDocument, VaccinationSite, Vaccine
from registration.models import Person, Registration
from registration.people.persons import rows_of
from reservation.models import PragueDate
from vaccination.models.team import HealthWorker
from vaccination.models.vials import VialSession
from vaccination.models.visits import Visit


class DoseQuerySet(models.QuerySet["Dose"]):
    """Questions about doses."""

    def of(self, person: Person) -> "DoseQuerySet":
        """The doses of the person, with those of rows that were joined into theirs."""
        # A subquery, so that the index of the doses by person is used.
        return self.filter(person__in=rows_of(person).values("pk"))

    def valid(self) -> "DoseQuerySet":
        """Doses that were given, as far as we know; not those entered in error."""
        return self.filter(state=Dose.State.VALID)

    def completing_series(self) -> "DoseQuerySet":
        """Valid doses with which the series of their vaccine was complete, and later ones: a certificate is due."""
        return self.valid().filter(number__gte=F("vaccine__doses"))


@pghistory.track()
class Dose(models.Model):
    """A dose that a person received. A correction makes a new version; the history keeps the one before."""

    class State(models.TextChoices):
        """docs/states.md, 'Dose'."""

        VALID = "VALID", pgettext_lazy("dose", "given")
        IN_ERROR = "IN_ERROR", pgettext_lazy("dose", "entered in error")

    class Source(models.TextChoices):
        """The origin of a record."""

        SITE = "SITE", _("a site of ours")
        ELSEWHERE = "ELSEWHERE", _("given elsewhere")

    class Where(models.TextChoices):
        """The place of the injection (DOMAIN 10.7)."""

        LEFT_ARM = "LEFT_ARM", _("left arm")
        RIGHT_ARM = "RIGHT_ARM", _("right arm")
        LEFT_THIGH = "LEFT_THIGH", _("left thigh")
        RIGHT_THIGH = "RIGHT_THIGH", _("right thigh")

    class Error(models.TextChoices):
        """Why a record is in error."""

        WRONG_PERSON = "WRONG_PERSON", _("another person was vaccinated")
        NEVER_GIVEN = "NEVER_GIVEN", _("the dose was not given")
        TWICE = "TWICE", _("recorded twice")
        OTHER = "OTHER", pgettext_lazy("reason", "another reason")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, models.PROTECT, related_name="doses", verbose_name=_("person"), db_index=False)
    registration = models.ForeignKey(
        Registration, models.PROTECT, related_name="doses", verbose_name=_("registration"), null=True, blank=True
    )
    number = models.PositiveSmallIntegerField(_("dose"))
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="given_doses", verbose_name=_("vaccine"))
    batch = models.ForeignKey(
        Batch, models.PROTECT, related_name="given_doses", verbose_name=_("batch"), null=True, blank=True
    )
    site = models.ForeignKey(
        VaccinationSite,
        models.PROTECT,
        related_name="given_doses",
        verbose_name=_("vaccination site"),
        null=True,
        blank=True,
        db_index=False,
    )
    visit = models.ForeignKey(
        Visit, models.PROTECT, related_name="doses", verbose_name=_("visit"), null=True, blank=True
    )
    vial = models.ForeignKey(
        VialSession, models.PROTECT, related_name="given_doses", verbose_name=_("vial"), null=True, blank=True
    )
    consumption = models.OneToOneField(
        StockDocument, models.PROTECT, related_name="dose", verbose_name=_("stock document"), null=True, blank=True
    )
    given_at = models.DateTimeField(_("given at"))
    given_on: Any = models.GeneratedField(
        expression=PragueDate("given_at"), output_field=models.DateField(_("given on")), db_persist=True
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        help_text=_("Empty: a machine."),
    )
    where = models.CharField(_("where"), max_length=20, choices=Where, blank=True)
    is_dominant_side = models.BooleanField(_("dominant side"), null=True, blank=True)
    given_by = models.ForeignKey(
        HealthWorker, models.PROTECT, related_name="+", verbose_name=_("given by"), null=True, blank=True
    )
    doctor = models.ForeignKey(
        HealthWorker,
        models.PROTECT,
        related_name="+",
        verbose_name=_("doctor who answers for it"),
        null=True,
        blank=True,
    )
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.SITE)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.VALID)
    error = models.CharField(_("error"), max_length=20, choices=Error, blank=True)

    objects = DoseQuerySet.as_manager()

    class Meta:
        verbose_name = _("dose")
        verbose_name_plural = _("doses")
        ordering = ("person", "number")
        constraints = [
            models.UniqueConstraint("person", "number", name="dose_number_is_unique", condition=Q(state="VALID")),
            models.UniqueConstraint("person", "given_on", name="one_dose_a_day", condition=Q(state="VALID")),
            models.UniqueConstraint("visit", name="one_dose_a_visit", condition=Q(state="VALID", visit__isnull=False)),
            models.CheckConstraint(condition=Q(number__gte=1), name="dose_number_is_positive"),
            models.CheckConstraint(condition=Q(given_at__lte=F("recorded_at")), name="dose_is_not_from_the_future"),
            models.CheckConstraint(
                condition=Q(state="VALID", error="") | (Q(state="IN_ERROR") & ~Q(error="")), name="error_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(source="SITE")
                | Q(
                    site__isnull=False,
                    batch__isnull=False,
                    consumption__isnull=False,
                    given_by__isnull=False,
                    doctor__isnull=False,
                )
                # Another system records a dose without a visit and knows no vials of ours.
                & (Q(vial__isnull=False) | Q(visit=None))
                & ~Q(where=""),
                name="dose_of_a_site_is_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "given_on"], name="doses_of_a_day"),
            models.Index(fields=["person", "number"], name="doses_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.number}/{self.vaccine_id}"

    @property
    def is_late_entry(self) -> bool:
        """Whether it was recorded more than an hour after it was given."""
        return (self.recorded_at - self.given_at).total_seconds() > 3600


class RuleOverride(models.Model):
    """A rule against which a dose was given all the same, with the reason and the doctor who decided."""

    dose = models.ForeignKey(Dose, models.PROTECT, related_name="overrides", verbose_name=_("dose"))
    rule = models.CharField(_("rule"), max_length=40, help_text=_("Code of the guard (vaccination/doses/guards.py)."))
    # What a rule says can tell an answer about somebody's health, and so can the reason.
    finding = EncryptedTextField(_("what the rule said"))
    reason = EncryptedTextField(_("reason"))
    doctor = models.ForeignKey(HealthWorker, models.PROTECT, related_name="+", verbose_name=_("doctor"))
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("overridden by"), null=True
    )
    overridden_at = models.DateTimeField(_("overridden at"))

    class Meta:
        verbose_name = _("override of a rule")
        verbose_name_plural = _("overrides of rules")
        ordering = ("-overridden_at",)
        constraints = [
            models.UniqueConstraint("dose", "rule", name="rule_is_overridden_once"),
        ]

    def __str__(self) -> str:
        return self.rule
