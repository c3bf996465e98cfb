"""Forms of the desk for people without an appointment: looking them up, and registering them on the spot."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from crs import languages, typed
from crs.sometimes_needed import sometimes_needed
from registration.address import ADDRESS
from registration.applying.at_a_site import SiteDetails
from registration.applying.guardian_fields import GuardianFields
from registration.models import Person, PriorityGroup
from registration.number import LENGTH, is_valid
from registration.people import insured_number, latin_name
from registration.people.document_forms import DOCUMENT, DocumentHolderFields
from registration.people.errors import InvalidInsuredNumber, SpellingNeedsLatinLetters
from registration.people.forms import InsuredHolderChecks, plain_input
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import InsuredNumber
from registration.people.persons import PersonDetails
from vaccination.visits.contact_fields import ContactFields

LONGEST = 60


def _text(label: Any, **more: Any) -> forms.CharField:
    return typed.PlainField(label=label, widget=plain_input(**more.pop("attributes", {})), **more)


class FindForm(forms.Form):
    """The one number by which most people are found."""

    number = _text(
        _("Insured person's number or registration number"),
        max_length=LONGEST,
        help_text=_("Type it or scan it from the card of the health insurer."),
        error_messages={"required": _("Please fill in the number, or the document below it.")},
        attributes={"autofocus": True, "inputmode": "numeric"},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_number(self) -> str:
        """Digits that can be a number of one of the two kinds; a typing mistake is told at once."""
        digits = typed.number(self.cleaned_data["number"])
        if is_valid(digits):
            return digits
        try:
            return insured_number.parse(digits, today=self.today).digits
        except InvalidInsuredNumber as refusal:
            if len(digits) == LENGTH and digits.startswith("1"):
                text = _("No registration has this number. Please compare it with the message, digit by digit.")
                raise forms.ValidationError(text) from refusal
            raise forms.ValidationError(str(refusal)) from refusal

    @property
    def insured(self) -> str:
        """The number, where it can be an insured person's: somebody with it can be registered."""
        try:
            return insured_number.parse(self.cleaned_data["number"], today=self.today).digits
        except InvalidInsuredNumber:
            return ""


class WalkInForm(GuardianFields, ContactFields):
    """The questions of the desk to everybody whom it registers; `identity()` says what they are found by."""

    # Not a duty of whoever has one name only.
    first_name = sometimes_needed(_text(_("First name"), max_length=80, required=False))
    last_name = _text(_("Surname"), max_length=80, error_messages={"required": _("Please fill in the surname.")})
    latin_first_name = _text(
        _("First name in Latin letters"),
        max_length=80,
        required=False,
        help_text=_("Only where the name is in another script: as the travel document spells it."),
    )
    latin_last_name = _text(_("Surname in Latin letters"), max_length=80, required=False)
    insurer = forms.ChoiceField(
        label=_("Health insurer"),
        choices=[("", _("Choose the insurer")), *Person.Insurer.choices],
        error_messages={"required": _("Please choose the health insurer. Its code is on the card.")},
    )
    language = forms.ChoiceField(label=_("Language of messages"), choices=languages.choices)
    reason = forms.ModelChoiceField(
        label=_("Claim to a group"),
        help_text=_("Another claim than by age is proved by a paper at the check-in."),
        queryset=PriorityGroup.objects.exclude(basis=PriorityGroup.Basis.AGE),
        required=False,
        empty_label=_("By age"),
    )
    consent = forms.BooleanField(
        label=_(
            "The person, or the guardian of a child, agrees to the vaccination and to the processing of the data for "
            "that purpose."
        ),
        error_messages={"required": _("Without this consent the person cannot be registered.")},
    )
    # The first field that the look-up did not fill in.
    begins_with = "first_name"
    contact_fields = (
        *("street", "city", "country", "postcode", "phone", "email", "language", "reason"),
        *("guardian_name", "guardian_relation", "consent"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = _("Without one the person gets no SMS, and the next dose is arranged here.")

    def clean(self) -> dict[str, Any]:
        """A name in another script is spelled as the travel document spells it."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("first_name", "last_name"):
            self._clean_spelling(f"latin_{name}", cleaned.get(name, ""))
        return cleaned

    def identity(self) -> InsuredNumber | IdentityDocument:
        """The number or document by which the person is found; subclasses define it."""
        raise NotImplementedError

    def details(self) -> SiteDetails:
        """The arguments of the operation, from a form that is valid."""
        names = ("first_name", "last_name", "latin_first_name", "latin_last_name", *ADDRESS)
        told = {name: self.cleaned_data[name] for name in names}
        more = {name: self.cleaned_data[name] for name in ("insurer", "sex") if name in self.cleaned_data}
        person = PersonDetails(identity=self.identity(), birth_date=cast("date", self.birth_date()), **told, **more)
        contact = {name: self.cleaned_data[name] for name in ("phone", "email", "reason")}
        return SiteDetails(person=person, guardian=self.guardian(), **contact)

    def _clean_spelling(self, field: str, name: str) -> None:
        try:
            self.cleaned_data[field] = latin_name.spelling_of(name, self.cleaned_data.get(field, ""))
        except SpellingNeedsLatinLetters as refusal:
            self.add_error(field, str(refusal))


class InsuredWalkInForm(InsuredHolderChecks, WalkInForm):
    """Somebody with an insured person's number, which says when they were born."""

    insured_number = _text(
        _("Insured person's number"),
        max_length=LONGEST,
        help_text=_("Nine or ten digits from the card of the health insurer."),
        error_messages={"required": _("Please fill in the insured person's number.")},
        attributes={"inputmode": "numeric"},
    )
    field_order = (
        *("insured_number", "insurer", "first_name", "last_name", "latin_first_name", "latin_last_name"),
        *WalkInForm.contact_fields,
    )
    begins_with = "insurer"


class DocumentWalkInForm(WalkInForm, DocumentHolderFields):
    """Somebody without a Czech insured number: their document, date of birth and sex."""

    insurer = None  # type: ignore[assignment]
    first_name = _text(
        _("First name"),
        max_length=80,
        required=False,
        help_text=_("Leave it empty only where the document has one name: write that one as the surname."),
    )
    field_order = (
        *(*DOCUMENT, "birth", "first_name", "last_name", "latin_first_name", "latin_last_name", "sex"),
        *WalkInForm.contact_fields,
    )
    begins_with = "birth"

    def may_have_one_name(self) -> bool:
        """It is a document's holder."""
        return True

    def identity(self) -> IdentityDocument:
        """The document."""
        return self.document()

    def birth_date(self) -> date | None:
        """As the document says."""
        born: date | None = self.cleaned_data.get("birth")
        return born


FORMS: Mapping[str, type[WalkInForm]] = {"cislo": InsuredWalkInForm, "doklad": DocumentWalkInForm}
