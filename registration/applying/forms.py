"""Step 3: the form about the person who is to be vaccinated. More is asked only where an answer needs it."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.sometimes_needed import sometimes_needed
from crs.typed_moment import parse_day
from logistics.models import District
from registration.address import ADDRESS
from registration.age import age_on
from registration.applying.creating import Guardian
from registration.applying.districts import districts
from registration.applying.errors import HomeIsAbroad
from registration.applying.guardian_fields import AGE_OF_CONSENT
from registration.applying.preferred_sites import PreferredSites
from registration.applying.reason_choice import ReasonFields
from registration.applying.registering import Details
from registration.models import Person, Registration
from registration.people import insured_number, latin_name
from registration.people.document_forms import DOCUMENT, DocumentHolderFields
from registration.people.errors import InvalidInsuredNumber, SpellingNeedsLatinLetters
from registration.people.forms import AddressFields, PersonChecks
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import InsuredNumber
from registration.people.persons import PersonDetails

BY_DOCUMENT = "document"
_NAMES = ("first_name", "last_name")
_OF_NUMBERS = ("insured_number", "insurer", "number_noticed", "one_name_noticed")
_OF_DOCUMENTS = (*DOCUMENT, "birth", "sex")
_GUARDIAN = ("guardian_name", "guardian_relation")
# Of a name that was not checked yet; longer ones are refused.
_READ = 200


class NameFields(PersonChecks):
    """The name, and its Latin spelling where it is in another script."""

    # Not a duty of whoever has one name only.
    first_name = sometimes_needed(
        typed.PlainField(
            label=_("First name"),
            max_length=80,
            required=False,
            widget=forms.TextInput({"autocomplete": "given-name"}),
        )
    )
    last_name = typed.PlainField(
        label=_("Surname"),
        max_length=80,
        error_messages={"required": _("Please fill in the surname.")},
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    # Shown only where the name above has letters of another script.
    latin_first_name = typed.PlainField(
        label=_("First name in Latin letters"),
        max_length=latin_name.LONGEST,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    latin_last_name = typed.PlainField(
        label=_("Surname in Latin letters"),
        max_length=latin_name.LONGEST,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    # As `email_noticed`, for names in another script without a spelling.
    spelling_noticed = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A name in another script is spelled as the travel document spells it, or later at the site."""
        cleaned = super().clean() or self.cleaned_data
        asked = [f"latin_{name}" for name in _NAMES if not latin_name.is_latin(cleaned.get(name, ""))]
        for field in (f"latin_{name}" for name in _NAMES):
            # What is not asked is not seen either.
            cleaned[field] = self._spelling(field) if field in asked else ""
        missing = [field for field in asked if not cleaned[field] and field not in self.errors]
        if missing and len(missing) < len(asked):
            self.add_error(missing[0], _("Please spell both names, or leave both fields empty."))
        elif missing and not self._was_noticed("spelling_noticed", " ".join(cleaned.get(name, "") for name in _NAMES)):
            text = _("Please copy it from the travel document. You may also leave it empty and send the form again.")
            self.add_error(missing[0], text)
        return cleaned

    @property
    def spellings(self) -> list[forms.BoundField]:
        """The fields for the Latin spelling of those names that are in another script; none for most people."""
        return [
            self[f"latin_{name}"] for name in _NAMES if not latin_name.is_latin(str(self[name].value() or "")[:_READ])
        ]

    def _spelling(self, field: str) -> str:
        typed_spelling: str = self.cleaned_data.get(field, "")
        if not typed.plain(typed_spelling):
            return ""
        try:
            return latin_name.spelling(typed_spelling)
        except SpellingNeedsLatinLetters as refusal:
            self.add_error(field, str(refusal))
            return ""


class ConsentForm(forms.Form):
    """The last click: the consent to what the person has looked over, and of a child that of the guardian."""

    # The digest of what the page showed.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    guardian_consent = forms.BooleanField(
        label=_("As the child's guardian I agree that the child is vaccinated."),
        error_messages={
            "required": _("We need your consent as the guardian. Without it we cannot register the child.")
        },
    )
    consent = forms.BooleanField(
        label=_(
            "I agree to the vaccination against covid-19 and to the processing of the data. "
            "If I register somebody else, they agree with me."
        ),
        error_messages={"required": _("We need your consent. Without it we cannot register you.")},
    )

    def __init__(self, *args: Any, needs_guardian: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_guardian:
            del self.fields["guardian_consent"]


class RegistrationForm(NameFields, AddressFields, DocumentHolderFields, ReasonFields, PreferredSites):
    """Step 3, about somebody with an insured person's number, or with an identity document (`identity`)."""

    identity = forms.CharField(required=False, widget=forms.HiddenInput)
    insured_number = typed.PlainField(
        label=_("Insured person's number"),
        help_text=_(
            "Nine or ten digits from the card of your health insurer. "
            "For Czech citizens it is the birth number. The slash is not needed."
        ),
        error_messages={"required": _("Please fill in the insured person's number.")},
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
    )
    insurer = forms.ChoiceField(
        label=_("Health insurer"),
        choices=[("", _("Choose your insurer")), *Person.Insurer.choices],
        error_messages={"required": _("Please choose your health insurer. Its code is on your card.")},
    )
    # Asked of people under 16 only.
    guardian_name = typed.PlainField(
        label=_("Your name, as the child's guardian"),
        help_text=_("First name and surname of the adult who consents for the child."),
        max_length=160,
        error_messages={
            "required": _("The person is under 16. Please write the name of the guardian who consents for the child.")
        },
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    guardian_relation = forms.ChoiceField(
        label=_("What you are to the child"),
        choices=[("", _("Choose what you are to the child")), *Registration.Relation.choices],
        error_messages={"required": _("Please choose what you are to the child.")},
    )
    email = typed.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("If you have one, we will send you the confirmation there as well."),
        error_messages={"invalid": _("This is not an e-mail address. It looks like this: name@seznam.cz")},
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    is_immobile = forms.BooleanField(
        label=_("The person cannot come to a vaccination site: they stay in bed, or cannot leave their home."),
        required=False,
    )
    # Asked of people who cannot come only.
    home_district = forms.ChoiceField(
        label=_("District where the person lives"),
        choices=districts,
        error_messages={
            "required": _("Please choose the district, so that its doctors and mobile teams know of the person."),
            "invalid_choice": _("Please choose the district from the list."),
        },
    )
    # The error summary lists mistakes as the page has the fields.
    field_order = (
        *_NAMES,
        *(f"latin_{name}" for name in _NAMES),
        *("insured_number", "insurer", *_OF_DOCUMENTS, *_GUARDIAN, "street", "city", "country", "postcode", "email"),
        *("is_immobile", "home_district", "region", "district", "sites", "reason", "code", "no_code"),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        self.now = now
        super().__init__(*args, today=timezone.localdate(now), **kwargs)
        for name in self._not_asked():
            del self.fields[name]
        if self.is_by_document:
            # Whoever has one name only has it as the surname (ICAO 9303).
            self.fields["first_name"].help_text = _(
                "Leave it empty only where the document has one name: write that one as the surname."
            )

    def may_have_one_name(self) -> bool:
        """By a document."""
        return self.is_by_document

    def clean_guardian_name(self) -> str:
        """A name, with single spaces."""
        return self._name("guardian_name")

    def clean(self) -> dict[str, Any]:
        """Nobody is visited abroad."""
        cleaned = super().clean()
        if self.is_immobile_now and self.is_abroad:
            self.add_error("is_immobile", str(HomeIsAbroad()))
        return cleaned

    def details(self) -> Details:
        """The arguments of the operation, from a form that is valid."""
        said = self.cleaned_data
        names = (*_NAMES, *(f"latin_{name}" for name in _NAMES), *ADDRESS)
        told = {name: said[name] for name in names} | {name: said[name] for name in ("insurer", "sex") if name in said}
        identity: InsuredNumber | IdentityDocument
        if self.is_by_document:
            identity, birth_date = self.document(), said["birth"]
        else:
            identity, birth_date = said["insured_number"], said["insured_number"].birth_date
        guardian = Guardian(said["guardian_name"], said["guardian_relation"]) if self.needs_guardian else None
        home = District.objects.get(pk=said["home_district"]) if self.is_immobile_now else None
        return Details(
            person=PersonDetails(identity=identity, birth_date=birth_date, **told),
            **{name: said[name] for name in ("email", "sites", "reason")},
            code=said.get("code", ""),
            guardian=guardian,
            home_district=home,
        )

    @cached_property
    def is_by_document(self) -> bool:
        """Whether the person has no insured person's number."""
        asked = self.data.get("identity") if self.is_bound else self.initial.get("identity")
        return bool(asked == BY_DOCUMENT)

    @property
    def identity_field(self) -> str:
        """The field that says who the person is and how old."""
        return "birth" if self.is_by_document else "insured_number"

    @cached_property
    def needs_guardian(self) -> bool:
        """Whether what stands in the form says that the person is under 16."""
        born = self._birth_date
        return born is not None and age_on(self.today, birth_date=born) < AGE_OF_CONSENT

    @cached_property
    def is_immobile_now(self) -> bool:
        """Whether the person cannot come, so that the district is asked."""
        return bool(self["is_immobile"].data if self.is_bound else self.initial.get("is_immobile"))

    @property
    def _birth_date(self) -> date | None:
        """As typed, whether or not the form was checked."""
        text = str(self[self.identity_field].value() or "")[:_READ]
        with suppress(ValueError, InvalidInsuredNumber):
            if self.is_by_document:
                born = parse_day(text)
                return born if born <= self.today else None
            return insured_number.parse(text, today=self.today).birth_date
        return None

    def _not_asked(self) -> Iterator[str]:
        """The fields that what stands in the form leaves out."""
        yield from _OF_NUMBERS if self.is_by_document else _OF_DOCUMENTS
        if not self.needs_guardian:
            yield from _GUARDIAN
        if not self.is_immobile_now:
            yield "home_district"
        if not self.needs_code:
            yield from ("code", "no_code")
