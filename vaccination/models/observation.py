"""Observation after a dose, and adverse events (DOMAIN 10.2, 10.3)."""

import uuid
from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.encryption import EncryptedTextField
from crs.typed_moment import written, written_day
from logistics.models import VaccinationSite
from vaccination.models.doses import Dose
from vaccination.models.team import HealthWorker

# The EU's minimum.
LEAST_MINUTES = 15


class ObservationTimeQuerySet(models.QuerySet["ObservationTime"]):
    """Questions about the time of observation."""

    def valid_on(self, day: date, site: VaccinationSite) -> "ObservationTime | None":
        """The rule that holds at the site on `day`: its newest or the newest for all sites, whichever is longer."""
        begun = self.filter(Q(site=site) | Q(site=None), valid_from__lte=day)
        newest = begun.order_by("site_id", "-valid_from").distinct("site_id")
        return max(newest, key=lambda rule: rule.minutes, default=None)

    def minutes_on(self, day: date, site: VaccinationSite) -> int:
        """The minutes for which people sit at the site on `day`; the EU's minimum where no rule has begun."""
        rule = self.valid_on(day, site)
        return LEAST_MINUTES if rule is None else rule.minutes

    def general_on(self, day: date) -> "ObservationTime | None":
        """The newest rule for all sites that had begun on `day`."""
        return self.filter(site=None, valid_from__lte=day).order_by("-valid_from").first()


class ObservationTime(models.Model):
    """How long people sit after a dose, from a day on; a site may let them sit longer than all sites do."""

    site = models.ForeignKey(
        VaccinationSite,
        models.CASCADE,
        related_name="observation_times",
        verbose_name=_("vaccination site"),
        null=True,
        blank=True,
        help_text=_("Empty: all sites."),
    )
    valid_from = models.DateField(_("valid from"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))

    objects = ObservationTimeQuerySet.as_manager()

    class Meta:
        verbose_name = _("time of observation")
        verbose_name_plural = _("times of observation")
        ordering = ("site", "valid_from")
        constraints = [
            models.UniqueConstraint("site", "valid_from", name="observation_time_is_unique", nulls_distinct=False),
            models.CheckConstraint(condition=Q(minutes__gte=LEAST_MINUTES), name="observation_is_15_minutes_at_least"),
        ]

    def __str__(self) -> str:
        return f"{written_day(self.valid_from)}: {self.minutes}"


class Outcome(models.TextChoices):
    """How a reaction ended (E2B E.i.7)."""

    RECOVERED = "1", pgettext_lazy("outcome", "recovered")
    RECOVERING = "2", pgettext_lazy("outcome", "recovering")
    NOT_RECOVERED = "3", pgettext_lazy("outcome", "not recovered")
    SEQUELAE = "4", pgettext_lazy("outcome", "recovered with sequelae")
    FATAL = "5", pgettext_lazy("outcome", "fatal")
    UNKNOWN = "0", pgettext_lazy("outcome", "unknown")


@pghistory.track(exclude=["narrative", "treatment", "nullified_because"])
class AdverseEvent(models.Model):
    """A reaction or more of a person after a dose. Nothing is deleted: a report in error is nullified with a reason."""

    class Seriousness(models.TextChoices):
        """Why it is serious (E2B E.i.3.2); none of them: not serious."""

        DEATH = "DEATH", _("death")
        LIFE_THREATENING = "LIFE_THREATENING", _("life-threatening")
        HOSPITALISATION = "HOSPITALISATION", _("hospitalisation, or a longer one")
        DISABILITY = "DISABILITY", _("lasting disability")
        CONGENITAL = "CONGENITAL", _("congenital anomaly")
        IMPORTANT = "IMPORTANT", _("otherwise medically important")

    class Intensity(models.TextChoices):
        """How strong it was, which is another thing than serious."""

        MILD = "MILD", _("mild")
        MODERATE = "MODERATE", _("moderate")
        SEVERE = "SEVERE", _("severe")

    class Cause(models.TextChoices):
        """The kind of cause, as far as it is known."""

        PRODUCT = "PRODUCT", _("the vaccine")
        QUALITY = "QUALITY", _("a defect of its quality")
        ERROR = "ERROR", _("an error of immunization")
        ANXIETY = "ANXIETY", _("anxiety, fainting")
        COINCIDENTAL = "COINCIDENTAL", _("a coincidence")
        UNKNOWN = "UNKNOWN", pgettext_lazy("cause", "not known")

    class State(models.TextChoices):
        """docs/states.md, 'Adverse event'."""

        REPORTED = "REPORTED", pgettext_lazy("adverse event", "reported")
        NULLIFIED = "NULLIFIED", pgettext_lazy("adverse event", "nullified")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    dose = models.ForeignKey(Dose, models.PROTECT, related_name="adverse_events", verbose_name=_("dose"))
    seriousness: Any = ArrayField(
        models.CharField(max_length=20, choices=Seriousness),
        verbose_name=_("serious because"),
        default=list,
        blank=True,
    )
    intensity = models.CharField(_("intensity"), max_length=10, choices=Intensity)
    cause = models.CharField(_("cause"), max_length=20, choices=Cause, default=Cause.UNKNOWN)
    is_unexpected = models.BooleanField(_("unexpected"), default=False, help_text=_("Not in the product information."))
    narrative: Any = EncryptedTextField(_("what happened"), help_text=_("Encrypted."))
    treatment: Any = EncryptedTextField(_("treatment"), null=True, blank=True, help_text=_("Encrypted."))
    reporter = models.ForeignKey(HealthWorker, models.PROTECT, related_name="+", verbose_name=_("reported by"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by"), null=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REPORTED)
    nullified_because: Any = EncryptedTextField(_("why nullified"), null=True, blank=True, help_text=_("Encrypted."))

    class Meta:
        verbose_name = _("adverse event")
        verbose_name_plural = _("adverse events")
        ordering = ("-recorded_at",)

    def __str__(self) -> str:
        return written(self.recorded_at)

    @property
    def is_serious(self) -> bool:
        """Whether a report to the agency is due without delay."""
        return bool(self.seriousness)


@pghistory.track(exclude=["term"])
class Reaction(models.Model):
    """One reaction of an adverse event (E2B E.i)."""

    event = models.ForeignKey(AdverseEvent, models.PROTECT, related_name="reactions", verbose_name=_("adverse event"))
    term: Any = EncryptedTextField(
        _("reaction"), help_text=_("In the words of the reporter (E.i.1.1a), at most 50 characters; encrypted.")
    )
    started_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=1, choices=Outcome, default=Outcome.UNKNOWN)

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        ordering = ("event", "started_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="reaction_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {written(self.started_at)}"


class AdverseEventAddition(models.Model):
    """News about a report; the report itself stays as it was written."""

    event = models.ForeignKey(AdverseEvent, models.PROTECT, related_name="additions", verbose_name=_("adverse event"))
    text: Any = EncryptedTextField(_("text"), help_text=_("Encrypted."))
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by"), null=True
    )

    class Meta:
        verbose_name = _("addition to an adverse event")
        verbose_name_plural = _("additions to adverse events")
        ordering = ("added_at",)

    def __str__(self) -> str:
        return written(self.added_at)
