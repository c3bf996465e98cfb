"""Registrations, and claims of other telephones to them."""

from typing import Any

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from crs.encryption import EncryptedTextField
from logistics.models import VaccinationSite
from registration.models.groups import PriorityGroup
from registration.models.people import Person


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Questions about registrations."""

    def active(self) -> "RegistrationQuerySet":
        """Registrations of people who still wait for a dose."""
        return self.filter(state=Registration.State.ACTIVE)

    def standing(self) -> "RegistrationQuerySet":
        """Registrations that count: a person has at most one."""
        return self.exclude(state=Registration.State.CANCELLED)


@pghistory.track()
class Registration(models.Model):
    """A person's application to be vaccinated; it waits for its group's turn."""

    class State(models.TextChoices):
        """docs/states.md, 'Registration'."""

        ACTIVE = "ACTIVE", pgettext_lazy("registration", "active")
        COMPLETED = "COMPLETED", pgettext_lazy("registration", "all doses given")
        CANCELLED = "CANCELLED", pgettext_lazy("registration", "cancelled")

    number = models.CharField(
        _("registration number"),
        max_length=12,
        unique=True,
        help_text=_("Nine digits; the last one checks the others."),
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="registrations", verbose_name=_("person"))
    phone = PhoneNumberField(
        _("telephone"),
        db_index=True,
        blank=True,
        help_text=_("Proven by PIN, or told at a site; PIN2 goes there. Empty: registered at a site without one."),
    )
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=5, default="cs")
    group = models.ForeignKey(
        PriorityGroup, models.PROTECT, related_name="registrations", verbose_name=_("priority group")
    )
    preferred_sites = models.ManyToManyField(
        VaccinationSite, related_name="preferred_by", verbose_name=_("preferred sites"), blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    doses_received = models.PositiveSmallIntegerField(
        _("doses received"), db_default=0, help_text=_("Kept by the recording of doses.")
    )
    registered_at_site = models.ForeignKey(
        VaccinationSite,
        models.PROTECT,
        related_name="registrations",
        verbose_name=_("registered at"),
        null=True,
        blank=True,
        help_text=_("The site whose staff registered the person; empty: the portal."),
    )
    consented_at = models.DateTimeField(
        _("consented at"), help_text=_("Consent to the vaccination and to data processing.")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                "person", condition=~Q(state="CANCELLED"), name="person_has_one_standing_registration"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RegistrationClaim(models.Model):
    """Somebody with another proven telephone says they are a person who is already registered.

    It changes nothing by itself: the existing registration stays as it is and its telephone is told.
    The form is kept for the operators of line 1221, who decide. The number comes from the sequence of the
    registrations' numbers, so that the screen shows no difference.
    """

    number = models.CharField(_("registration number"), max_length=12, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="claims", verbose_name=_("person"))
    phone = PhoneNumberField(_("telephone"))
    typed: Any = EncryptedTextField(_("what was typed"), help_text=_("JSON. Encrypted."))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    told_at = models.DateTimeField(
        _("told at"),
        null=True,
        blank=True,
        help_text=_("When the registered telephone was told; empty if it had been told in the 24 hours before."),
    )
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim to a registration")
        verbose_name_plural = _("claims to registrations")
        indexes = [models.Index(fields=["phone", "created_at"], name="claim_by_phone")]

    def __str__(self) -> str:
        return self.number
