"""Visits: a person who came to a site on a day."""

import uuid
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.encryption import EncryptedTextField
from crs.typed_moment import written_day
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation.models import Appointment


class VisitQuerySet(models.QuerySet["Visit"]):
    """Questions about visits."""

    def standing(self) -> "VisitQuerySet":
        """Visits of people who are here or were vaccinated here: neither undone nor sent away."""
        return self.filter(state__in=Visit.STANDING)

    def present(self) -> "VisitQuerySet":
        """Visits of people who are at the site now."""
        return self.filter(state__in=(Visit.State.ARRIVED, Visit.State.OBSERVED))


@pghistory.track(exclude=["identity_note", "claim_note", "kept_because", "left_because", "note"])
class Visit(models.Model):
    """A person who came to a site for a dose; each has an appointment there, a walk-in one of their own."""

    class State(models.TextChoices):
        """docs/states.md, 'Visit'."""

        ARRIVED = "ARRIVED", pgettext_lazy("visit", "arrived")
        OBSERVED = "OBSERVED", pgettext_lazy("visit", "vaccinated, under observation")
        GONE = "GONE", pgettext_lazy("visit", "vaccinated, gone")
        SENT_AWAY = "SENT_AWAY", pgettext_lazy("visit", "gone without a dose")
        UNDONE = "UNDONE", pgettext_lazy("visit", "check-in taken back")

    STANDING = (State.ARRIVED, State.OBSERVED, State.GONE)

    class CameAs(models.TextChoices):
        """How the time of coming fits the appointment that the person had."""

        ON_TIME = "ON_TIME", _("on time")
        EARLY = "EARLY", _("early")
        LATE = "LATE", _("late")
        OTHER_DAY = "OTHER_DAY", _("on another day")
        OTHER_SITE = "OTHER_SITE", _("at another site")
        WALK_IN = "WALK_IN", _("without an appointment")

    class Identity(models.TextChoices):
        """The proof of a person's identity."""

        CITIZEN_CARD = "CITIZEN_CARD", _("citizen's card")
        PASSPORT = "PASSPORT", _("passport")
        INSURANCE_CARD = "INSURANCE_CARD", _("insurance card")
        KNOWN = "KNOWN", _("known to the staff")
        OTHER = "OTHER", _("another way")

    class Consent(models.TextChoices):
        """How the person agreed (DOMAIN 10.1)."""

        SIGNED = "SIGNED", pgettext_lazy("consent", "signed")
        SPOKEN = "SPOKEN", pgettext_lazy("consent", "spoken")

    class ClaimProof(models.TextChoices):
        """The paper that proves the claim to the priority group (DOMAIN 4.3)."""

        NOT_NEEDED = "NOT_NEEDED", _("not needed: the age decides")
        EMPLOYER = "EMPLOYER", _("employer's letter")
        MEDICAL = "MEDICAL", _("medical report")
        OTHER = "OTHER", pgettext_lazy("paper", "another paper")
        MISSING = "MISSING", _("no paper was shown")

    class SentAway(models.TextChoices):
        """Why somebody who came was not vaccinated."""

        MEDICAL = "MEDICAL", _("postponed for health reasons")
        DECLINED = "DECLINED", _("the person does not want the dose now")
        NOT_ENTITLED = "NOT_ENTITLED", _("the claim to the group was not proved")
        NO_VACCINE = "NO_VACCINE", _("there is no vaccine for them")
        OTHER = "OTHER", pgettext_lazy("reason", "another reason")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="visits", verbose_name=_("vaccination site"), db_index=False
    )
    day = models.DateField(_("day"), help_text=_("The day in Prague on which the person came."))
    registration = models.ForeignKey(
        Registration, models.PROTECT, related_name="visits", verbose_name=_("registration")
    )
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="visits", verbose_name=_("appointment"), db_index=False
    )
    came_as = models.CharField(_("came"), max_length=10, choices=CameAs)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ARRIVED)
    arrived_at = models.DateTimeField(_("arrived at"))
    checked_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("checked in by"), null=True
    )
    identity = models.CharField(_("identity proved by"), max_length=20, choices=Identity)
    identity_note: Any = EncryptedTextField(_("how exactly"), null=True, blank=True, help_text=_("Encrypted."))
    consent = models.CharField(_("consent"), max_length=10, choices=Consent)
    claim_proof = models.CharField(
        _("claim to the group"), max_length=10, choices=ClaimProof, default=ClaimProof.NOT_NEEDED
    )
    claim_note: Any = EncryptedTextField(_("about the paper"), null=True, blank=True, help_text=_("Encrypted."))
    over_capacity_reason = models.CharField(
        _("why over the calendar"), max_length=200, blank=True, help_text=_("Where no free seat was left today.")
    )
    observe_until = models.DateTimeField(_("observed until"), null=True, blank=True)
    kept_because: Any = EncryptedTextField(
        _("why observed longer"), null=True, blank=True, help_text=_("Encrypted; the latest reason.")
    )
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    left_because: Any = EncryptedTextField(
        _("why gone before the end of the observation"), null=True, blank=True, help_text=_("Encrypted.")
    )
    sent_away = models.CharField(_("why without a dose"), max_length=20, choices=SentAway, blank=True)
    note: Any = EncryptedTextField(_("note"), null=True, blank=True, help_text=_("Encrypted."))

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ("-arrived_at",)
        constraints = [
            models.UniqueConstraint(
                "registration", "day", name="person_visits_once_a_day", condition=Q(state__in=("ARRIVED", "OBSERVED"))
            ),
            models.UniqueConstraint(
                "appointment",
                name="appointment_is_visited_once",
                condition=Q(state__in=("ARRIVED", "OBSERVED", "GONE")),
            ),
            models.CheckConstraint(
                condition=~Q(identity="OTHER") | Q(identity_note__isnull=False), name="other_identity_has_words"
            ),
            models.CheckConstraint(
                condition=Q(state="SENT_AWAY") & ~Q(sent_away="") | ~Q(state="SENT_AWAY") & Q(sent_away=""),
                name="sent_away_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="OBSERVED") | Q(observe_until__isnull=False), name="observed_until_some_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("GONE", "SENT_AWAY"), left_at__isnull=False)
                | (~Q(state__in=("GONE", "SENT_AWAY")) & Q(left_at=None)),
                name="whoever_left_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["site", "day"], name="visits_of_a_day")]

    def __str__(self) -> str:
        return f"{self.registration} {written_day(self.day)}"
