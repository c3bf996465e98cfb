"""Registrations, and claims of other telephones to them."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from crs.encryption import EncryptedTextField
from crs.typed_moment import written
from logistics.models import District, VaccinationSite, Vaccine
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

    class Way(models.TextChoices):
        """How the person came to be registered."""

        PORTAL = "PORTAL", _("at the portal")
        SITE = "SITE", _("at a vaccination site")
        LINE = "LINE", _("by line 1221")
        REPLAY = "REPLAY", _("made up from anonymous data")

    class Ending(models.TextChoices):
        """Why the registration ended."""

        LEFT = "LEFT", _("the person left the campaign")
        STAFF = "STAFF", _("ended by staff")
        MERGED = "MERGED", _("another registration is the person's own")
        DIED = "DIED", _("the person died")
        REGISTER = "REGISTER", _("decided after a check with a register")

    class Relation(models.TextChoices):
        """Who consents for a person under 16."""

        PARENT = "PARENT", _("parent")
        GUARDIAN = "GUARDIAN", _("legal guardian")
        FOSTER = "FOSTER", _("foster parent")
        OTHER = "OTHER", _("another person who cares for the child")

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
    landline = PhoneNumberField(
        _("landline"), blank=True, default="", db_default="", help_text=_("For a call; no SMS goes there.")
    )
    by_letter = models.BooleanField(
        _("by letter"), db_default=False, default=False, help_text=_("The person has no mobile: messages go by post.")
    )
    way = models.CharField(_("registered"), max_length=10, choices=Way, default=Way.PORTAL, db_default=Way.PORTAL)
    is_immobile = models.BooleanField(
        _("cannot come"), db_default=False, default=False, help_text=_("A doctor or a mobile team goes to the person.")
    )
    home_district = models.ForeignKey(
        District,
        models.PROTECT,
        related_name="+",
        verbose_name=_("district of the home"),
        null=True,
        blank=True,
        help_text=_("Asked of people who cannot come."),
    )
    handed_over_at = models.DateTimeField(
        _("handed over at"), null=True, blank=True, help_text=_("When the district's doctors and mobile teams had it.")
    )
    guardian_name = models.CharField(_("name of the guardian"), max_length=160, blank=True, db_default="")
    guardian_relation = models.CharField(
        _("relation of the guardian"), max_length=10, choices=Relation, blank=True, db_default=""
    )
    preferred_sites = models.ManyToManyField(
        VaccinationSite, related_name="preferred_by", verbose_name=_("preferred sites"), blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    ending = models.CharField(_("why it ended"), max_length=10, choices=Ending, blank=True, db_default="")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    doses_received = models.PositiveSmallIntegerField(
        _("doses received"), db_default=0, help_text=_("Kept by the recording of doses.")
    )
    last_dose_on = models.DateField(
        _("day of the last dose"), null=True, blank=True, help_text=_("Kept by the recording of doses.")
    )
    last_vaccine = models.ForeignKey(
        Vaccine, models.PROTECT, related_name="+", verbose_name=_("vaccine of the last dose"), null=True, blank=True
    )
    first_vaccine = models.ForeignKey(
        Vaccine,
        models.PROTECT,
        related_name="+",
        verbose_name=_("vaccine of the first dose"),
        null=True,
        blank=True,
        help_text=_("Whether a dose is a booster, and which one, follows from it."),
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
        indexes = [
            models.Index(fields=["landline"], name="registration_by_landline", condition=~Q(landline="")),
            # Who is due for a next dose, the longest ago first.
            models.Index(fields=["last_dose_on"], name="registration_by_last_dose", condition=Q(doses_received__gt=0)),
        ]
        constraints = [
            models.UniqueConstraint(
                "person", condition=~Q(state="CANCELLED"), name="person_has_one_standing_registration"
            ),
            models.CheckConstraint(
                condition=Q(guardian_name="") | ~Q(guardian_relation=""), name="guardian_has_a_relation"
            ),
            models.CheckConstraint(
                condition=Q(state="CANCELLED", ended_at__isnull=False) & ~Q(ending="")
                | ~Q(state="CANCELLED") & Q(ending="", ended_at=None),
                name="only_a_cancelled_registration_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class EndingReason(models.Model):
    """Why a member of staff ended a registration, or opened it again."""

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="ending_reasons", verbose_name=_("registration")
    )
    is_end = models.BooleanField(_("ended"), help_text=_("No: opened again."))
    reason: Any = EncryptedTextField(_("reason"), help_text=_("Encrypted."))
    given_at = models.DateTimeField(pgettext_lazy("reason", "given at"), default=timezone.now)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("reason", "given by")
    )

    class Meta:
        verbose_name = _("reason for an ending")
        verbose_name_plural = _("reasons for endings")
        ordering = ("given_at",)

    def __str__(self) -> str:
        return written(self.given_at)


class RegistrationClaim(models.Model):
    """Somebody with another proven telephone says they are a person who is already registered.

    It changes nothing by itself: the existing registration stays as it is and its telephone is told.
    The form is kept for the operators of line 1221, who decide. The number comes from the sequence of the
    registrations' numbers, so that the screen shows no difference.
    """

    class Decision(models.TextChoices):
        """What became of the claim."""

        MOVED = "MOVED", _("the registration has the new telephone")
        KEPT = "KEPT", _("the registration stays as it was")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("claim", "withdrawn")

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
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True, db_default="")
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("resolved by"),
        null=True,
        blank=True,
        help_text=_("Empty: the telephone of the registration."),
    )
    reason: Any = EncryptedTextField(_("reason"), null=True, blank=True, help_text=_("Encrypted."))

    class Meta:
        verbose_name = _("claim to a registration")
        verbose_name_plural = _("claims to registrations")
        indexes = [models.Index(fields=["phone", "created_at"], name="claim_by_phone")]

    def __str__(self) -> str:
        return self.number


class PriorityClaimQuerySet(models.QuerySet["PriorityClaim"]):
    """Questions about claims."""

    def standing(self) -> "PriorityClaimQuerySet":
        """Claims that nobody has refused or withdrawn."""
        return self.exclude(state__in=[PriorityClaim.State.REFUSED, PriorityClaim.State.WITHDRAWN])


@pghistory.track()
class PriorityClaim(models.Model):
    """A registered person says that they belong to a group for another reason than age."""

    class State(models.TextChoices):
        """docs/states.md, 'Priority claim'."""

        PENDING = "PENDING", pgettext_lazy("claim", "not proven yet")
        PROVEN = "PROVEN", pgettext_lazy("claim", "proven")
        DISPUTED = "DISPUTED", pgettext_lazy("claim", "a register says otherwise")
        REFUSED = "REFUSED", pgettext_lazy("claim", "refused by staff")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("claim", "withdrawn")

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="priority_claims", verbose_name=_("registration")
    )
    group = models.ForeignKey(PriorityGroup, models.PROTECT, related_name="claims", verbose_name=_("priority group"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    objects = PriorityClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("priority claim")
        verbose_name_plural = _("priority claims")
        constraints = [
            models.UniqueConstraint(
                "registration",
                "group",
                condition=~Q(state__in=["REFUSED", "WITHDRAWN"]),
                name="one_standing_claim_to_a_group",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.get_state_display()}"


class EmailProof(models.Model):
    """A code was sent to an e-mail address that a registration is to have; whoever types it has the address."""

    number = models.CharField(
        _("registration number"), max_length=12, help_text=_("Of the registration, or of a claim to one.")
    )
    email: Any = EncryptedTextField(_("e-mail"), help_text=_("Encrypted."))
    code_hash = models.CharField(_("keyed hash of the code"), max_length=64)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("proof of an e-mail address")
        verbose_name_plural = _("proofs of e-mail addresses")
        indexes = [models.Index(fields=["number", "sent_at"], name="email_proof_by_number")]

    def __str__(self) -> str:
        return written(self.sent_at)


class PersonMerge(models.Model):
    """Two records of one person became one; the record says how to take them apart again."""

    kept = models.ForeignKey(Person, models.PROTECT, related_name="merges", verbose_name=_("record that stays"))
    joined = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("record that was joined"))
    ended_registration = models.ForeignKey(
        Registration,
        models.PROTECT,
        related_name="+",
        verbose_name=_("registration that ended"),
        null=True,
        blank=True,
        help_text=_("It stood beside the one that stays."),
    )
    reason: Any = EncryptedTextField(_("reason"), help_text=_("Encrypted."))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))
    undone_at = models.DateTimeField(_("taken apart at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("taken apart by"),
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("joining of two records")
        verbose_name_plural = _("joinings of two records")
        constraints = [
            models.UniqueConstraint("joined", condition=Q(undone_at=None), name="record_is_joined_once"),
            models.CheckConstraint(condition=~Q(kept=F("joined")), name="a_record_is_not_joined_to_itself"),
        ]

    def __str__(self) -> str:
        return written(self.made_at)


class PersonCorrection(models.Model):
    """Why a member of staff corrected what is kept of a person; the history knows what changed."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="corrections", verbose_name=_("person"))
    reason: Any = EncryptedTextField(_("reason"), help_text=_("Encrypted."))
    given_at = models.DateTimeField(pgettext_lazy("reason", "given at"), default=timezone.now)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("reason", "given by")
    )

    class Meta:
        verbose_name = _("correction of a person")
        verbose_name_plural = _("corrections of persons")

    def __str__(self) -> str:
        return written(self.given_at)


class LineRequest(models.Model):
    """A health worker from abroad, whom no register knows: the operators of line 1221 go on with what was typed."""

    class Outcome(models.TextChoices):
        """What became of it."""

        REGISTERED = "REGISTERED", _("registered")
        NOT_REACHED = "NOT_REACHED", _("the person was not reached")
        REFUSED = "REFUSED", pgettext_lazy("request", "not for registration")

    number = models.CharField(
        pgettext_lazy("request", "reference"), max_length=12, unique=True, help_text=_("Of the registrations' numbers.")
    )
    phone = PhoneNumberField(_("telephone"), help_text=_("Proven by PIN."))
    language = models.CharField(_("language"), max_length=5)
    typed: Any = EncryptedTextField(_("what was typed"), help_text=_("JSON. Encrypted."))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    reason: Any = EncryptedTextField(_("reason"), null=True, blank=True, help_text=_("Encrypted."))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("resolved by"), null=True, blank=True
    )
    registration = models.ForeignKey(
        Registration, models.PROTECT, related_name="+", verbose_name=_("registration"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("request to line 1221")
        verbose_name_plural = _("requests to line 1221")
        ordering = ("created_at",)
        indexes = [models.Index(fields=["created_at"], name="request_waiting", condition=Q(resolved_at=None))]

    def __str__(self) -> str:
        return self.number
