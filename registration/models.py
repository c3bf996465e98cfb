"""Proven telephones, persons, registrations and priority groups."""

import uuid
from datetime import date, timedelta
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
from registration.age import age_on

PIN_VALIDITY = timedelta(minutes=15)


class PhoneVerification(models.Model):
    """One browser's attempt to prove a telephone number; it counts the wrong tries."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, help_text=_("Kept in the browser's session only."))
    phone = PhoneNumberField(_("telephone"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    asked_at = models.DateTimeField(
        _("last asked at"),
        default=timezone.now,
        help_text=_("When a PIN was last asked for, whether or not a limit let it be sent; 60 seconds count from it."),
    )
    resends = models.PositiveSmallIntegerField(
        _("asked again"), default=0, help_text=_("How often since the last check question; every third costs one.")
    )
    stopped_until = models.DateTimeField(
        _("stopped until"), null=True, blank=True, help_text=_("Until when a limit keeps the last PIN from being sent.")
    )
    wrong_tries = models.PositiveSmallIntegerField(_("wrong tries"), default=0)
    verified_at = models.DateTimeField(
        _("verified at"), null=True, blank=True, help_text=_("Empty again once the person has finished.")
    )

    class Meta:
        verbose_name = _("telephone verification")
        verbose_name_plural = _("telephone verifications")
        indexes = [models.Index(fields=["phone", "created_at"], name="verification_by_phone")]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"


class PhonePin(models.Model):
    """A PIN sent to a telephone; only its keyed hash is kept."""

    verification = models.ForeignKey(
        PhoneVerification, models.CASCADE, related_name="pins", verbose_name=_("telephone verification")
    )
    phone = PhoneNumberField(_("telephone"))
    pin_hash = models.CharField(_("keyed hash of the PIN"), max_length=64)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    used_by = models.ForeignKey(
        PhoneVerification,
        models.SET_NULL,
        related_name="used_pins",
        verbose_name=_("used by"),
        null=True,
        blank=True,
        help_text=_("The verification that it proved; a double click there is no second use."),
    )

    class Meta:
        verbose_name = _("PIN")
        verbose_name_plural = _("PINs")
        indexes = [models.Index(fields=["phone", "sent_at"], name="pin_by_phone")]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M}"


class SmsAlarm(models.Model):
    """When a cap on SMS (registration/sms_caps.py) was last found reached: the alarm is raised once in its period."""

    cap = models.CharField(_("cap"), max_length=80, primary_key=True, help_text=_("What was capped, and the rate."))
    raised_at = models.DateTimeField(_("raised at"))

    class Meta:
        verbose_name = _("alarm about SMS")
        verbose_name_plural = _("alarms about SMS")

    def __str__(self) -> str:
        return self.cap


@pghistory.track()
class PriorityGroup(models.Model):
    """A group of people whose turn comes together (slides: priorities; scores from the ministry's table)."""

    class Basis(models.TextChoices):
        """Why a person belongs to the group."""

        AGE = "AGE", _("age")
        PROFESSION = "PROFESSION", _("profession")
        HEALTH = "HEALTH", _("health")

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    name_cs = models.CharField(_("name in Czech"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis)
    score = models.PositiveSmallIntegerField(_("score"), help_text=_("1 to 14; the higher is invited first."))
    min_age = models.PositiveSmallIntegerField(
        _("lowest age"), null=True, blank=True, help_text=_("Groups by age only: years on the day of registration.")
    )
    is_open = models.BooleanField(
        _("open"), default=False, help_text=_("Whether people of the group are being invited.")
    )

    class Meta:
        verbose_name = _("priority group")
        verbose_name_plural = _("priority groups")
        ordering = ("-score", "code")
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=14), name="group_score_in_range"),
            models.CheckConstraint(
                condition=Q(basis="AGE", min_age__isnull=False) | (~Q(basis="AGE") & Q(min_age=None)),
                name="group_by_age_has_an_age",
            ),
        ]

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.name_en if (get_language() or "cs").startswith("en") else self.name_cs


def surname_first(first_name: str, last_name: str) -> str:
    """The name as it stands in lists and headings of staff, where people are looked for by surname."""
    return f"{last_name} {first_name}".strip()


@pghistory.track(
    pghistory.UpdateEvent(),
    exclude=["insured_number", "document_number"],
    model_name="PersonEvent",
)
class Person(models.Model):
    """A person who is to be vaccinated: found by their insured person's number or by their identity document."""

    class DocumentType(models.TextChoices):
        """What proves who a person without an insured number is (DOMAIN 2.2)."""

        PASSPORT = "PASSPORT", _("passport")
        ID_CARD = "ID_CARD", _("identity card")
        RESIDENCE_PERMIT = "RESIDENCE_PERMIT", _("residence permit")

    class Sex(models.TextChoices):
        """The sex as documents say it."""

        FEMALE = "F", _("female")
        MALE = "M", _("male")
        OTHER = "X", _("not said")

    class Insurer(models.TextChoices):
        """The seven health insurers (source: Ministry of Health, list of insurers)."""

        VZP = "111", "111 – VZP ČR"
        VOZP = "201", "201 – VoZP ČR"
        CPZP = "205", "205 – ČPZP"
        OZP = "207", "207 – OZP"
        ZPS = "209", "209 – ZPŠ"
        ZPMV = "211", "211 – ZP MV ČR"
        RBP = "213", "213 – RBP"

    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("surname"), max_length=80)
    latin_first_name = models.CharField(
        _("first name in Latin letters"),
        max_length=80,
        blank=True,
        help_text=_("As the travel document spells it, where the name is in another script (ICAO 9303)."),
    )
    latin_last_name = models.CharField(_("surname in Latin letters"), max_length=80, blank=True)
    insured_number: Any = EncryptedTextField(
        _("insured person's number"),
        null=True,
        blank=True,
        help_text=_("Digits only. Encrypted. Empty: the person has none."),
    )
    insured_number_hash = models.CharField(
        _("keyed hash of the insured person's number"), max_length=64, blank=True, help_text=_("Finds the person.")
    )
    document_type = models.CharField(_("document"), max_length=20, choices=DocumentType, blank=True)
    document_country = models.CharField(
        _("issuing state"), max_length=2, blank=True, help_text=_("Two letters of ISO 3166.")
    )
    document_number: Any = EncryptedTextField(
        _("number of the document"), null=True, blank=True, help_text=_("Encrypted.")
    )
    document_hash = models.CharField(
        _("keyed hash of the document"), max_length=64, blank=True, help_text=_("Of type, state and number.")
    )
    birth_date = models.DateField(_("date of birth"))
    sex = models.CharField(
        _("sex"), max_length=1, choices=Sex, blank=True, help_text=_("Empty: the insured person's number says it.")
    )
    insurer = models.CharField(_("health insurer"), max_length=3, choices=Insurer, blank=True)
    street = models.CharField(_("street and number"), max_length=120, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=5, blank=True, help_text=_("Five digits."))
    died_on = models.DateField(_("died on"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="merged",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        help_text=_("The row that stands for this person now, where there were two."),
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        indexes = [models.Index(fields=["birth_date"], name="person_by_birth_date")]
        constraints = [
            models.UniqueConstraint(
                "insured_number_hash", name="insured_number_is_unique", condition=~Q(insured_number_hash="")
            ),
            models.UniqueConstraint(
                "document_hash", name="document_is_unique", condition=~Q(document_hash="") & Q(merged_into=None)
            ),
            models.CheckConstraint(
                condition=~Q(insured_number_hash="") | ~Q(document_hash=""), name="person_can_be_found"
            ),
        ]

    def __str__(self) -> str:
        # Whoever has one name only has it as the surname (ICAO 9303).
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def listed_name(self) -> str:
        """The name as lists and headings of staff have it."""
        return surname_first(self.first_name, self.last_name)

    def age_on(self, day: date) -> int:
        """Completed years of age on `day`."""
        return age_on(day, birth_date=self.birth_date)


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
