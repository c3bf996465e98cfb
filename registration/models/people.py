"""Persons."""

from datetime import date
from typing import Any

import pghistory
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from crs.encryption import EncryptedTextField
from crs.states import CZECHIA
from registration import address
from registration.address import LONGEST_POSTCODE
from registration.age import age_on

NAMES = ("first_name", "last_name", "latin_first_name", "latin_last_name")


class IsPlain(Func):
    """Whether a name is as `crs.typed.plain` leaves it (`registration/sql/is_plain.sql`)."""

    function = "registration_is_plain"
    output_field = models.BooleanField()


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
    postcode = models.CharField(
        _("postcode"),
        max_length=LONGEST_POSTCODE,
        blank=True,
        help_text=_("Five digits in Czechia; elsewhere as the state writes it."),
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        default=CZECHIA,
        db_default=CZECHIA,
        help_text=_("Of the address: two letters of ISO 3166."),
    )
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
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="country_is_a_code"),
            models.CheckConstraint(
                condition=Q(postcode="")
                | Q(country=CZECHIA, postcode__regex="^[0-9]{5}$")
                | ~Q(country=CZECHIA) & Q(postcode__regex="^[A-Z0-9]+([ -][A-Z0-9]+)*$"),
                name="postcode_is_of_its_country",
            ),
            # Printed and compared as they are: nobody writes a name past `crs.typed`.
            models.CheckConstraint(condition=Q(*(IsPlain(name) for name in NAMES)), name="names_are_plain"),
        ]

    def __str__(self) -> str:
        # Whoever has one name only has it as the surname (ICAO 9303).
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def listed_name(self) -> str:
        """The name as lists and headings of staff have it."""
        return surname_first(self.first_name, self.last_name)

    @property
    def latin_name(self) -> str:
        """The name as the travel document spells it, surname first; "" where nobody spelled it."""
        return surname_first(self.latin_first_name, self.latin_last_name)

    @property
    def address(self) -> str:
        """The address in one line, as people write it; "" where none is known."""
        return ", ".join(address.lines(self))

    def age_on(self, day: date) -> int:
        """Completed years of age on `day`."""
        return age_on(day, birth_date=self.birth_date)
