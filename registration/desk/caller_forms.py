"""The form of line 1221 about a caller: by an insured person's number, or by a document."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.czech_order import czech_order
from crs.sometimes_needed import sometimes_needed
from crs.typed import EmailField, PlainField
from logistics.models import District
from registration.address import ADDRESS, letters_need
from registration.applying.creating import Application
from registration.applying.errors import HomeIsAbroad
from registration.applying.guardian_fields import GuardianFields
from registration.applying.preferred_sites import PreferredSites
from registration.desk.calling import CallerDetails
from registration.models import LineRequest, Person, PriorityClaim, PriorityGroup, Registration
from registration.people import latin_name
from registration.people.document_forms import DOCUMENT, DocumentHolderFields
from registration.people.errors import SpellingNeedsLatinLetters
from registration.people.forms import CountryField, InsuredHolderChecks, plain_input
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import InsuredNumber
from registration.people.persons import PersonDetails
from registration.telephones import phone
from registration.telephones.errors import InvalidPhone

LONGEST = 60
_NAMES = ("first_name", "last_name")


def _text(label: Any, **more: Any) -> forms.CharField:
    return typed.PlainField(label=label, widget=plain_input(**more.pop("attributes", {})), **more)


class CallerForm(PreferredSites, GuardianFields):
    """The questions to everybody; `identity()` says what the person is found by."""

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
    street = PlainField(label=_("Street and house number"), required=False, max_length=120, widget=plain_input())
    city = PlainField(label=_("Town or village"), required=False, max_length=80, widget=plain_input())
    country = CountryField()
    postcode = _text(_("Postcode"), required=False, max_length=20)
    phone = _text(
        _("Mobile telephone"),
        required=False,
        max_length=40,
        help_text=_("PIN2 and all news come there. Without one they come by post, so the address is needed."),
        attributes={"type": "tel", "inputmode": "tel"},
    )
    landline = _text(
        _("Landline"),
        required=False,
        max_length=40,
        help_text=_("For a call only; no SMS goes there."),
        attributes={"type": "tel", "inputmode": "tel"},
    )
    email = EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        error_messages={"invalid": _("This is not an e-mail address. It looks like this: name@seznam.cz")},
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(label=_("Language of messages"), choices=settings.LANGUAGES)
    reason = sometimes_needed(
        forms.ModelChoiceField(
            label=_("Claim to a group"),
            queryset=PriorityGroup.objects.exclude(basis=PriorityGroup.Basis.AGE),
            required=False,
            empty_label=_("By age"),
        )
    )
    code = _text(
        _("Registration code"),
        required=False,
        max_length=40,
        help_text=_("From the employer or the doctor, where the group needs one."),
    )
    home_district = forms.ModelChoiceField(
        label=_("Cannot come: district of the home"),
        queryset=District.objects.order_by("name__czech"),
        required=False,
        empty_label=_("The person can come"),
        help_text=_("Only for somebody whom a doctor or a mobile team has to visit at home."),
    )
    consent = forms.BooleanField(
        label=_("The caller has agreed aloud to the vaccination and to the processing of the data for that purpose."),
        error_messages={"required": _("Without this consent the person cannot be registered.")},
    )
    # The fields after those that say who it is.
    more_fields = (
        *("street", "city", "country", "postcode", "phone", "landline", "email", "language", "reason", "code"),
        *("home_district", "guardian_name", "guardian_relation"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        districts = sorted(District.objects.values_list("pk", "name"), key=lambda one: czech_order(one[1]))
        self.fields["home_district"].choices = [("", _("The person can come")), *districts]  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        """A number in E.164 that gets our SMS; empty where the person has none."""
        text: str = self.cleaned_data["phone"]
        try:
            return phone.parse_for_sms(text) if text else ""
        except InvalidPhone as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_landline(self) -> str:
        """Any number that can be called, in E.164."""
        text: str = self.cleaned_data["landline"]
        try:
            return phone.parse_any(text) if text else ""
        except InvalidPhone as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self) -> dict[str, Any]:
        """What one answer asks of another: an address for letters, a guardian for a child, a group for a code."""
        cleaned = super().clean() or self.cleaned_data
        for name in _NAMES:
            self._clean_spelling(f"latin_{name}", cleaned.get(name, ""))
        if not cleaned.get("phone") and "phone" not in self.errors:
            for name in letters_need(cleaned):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(
                        name, _("Without a mobile telephone messages come by post. Please fill in the address.")
                    )
        if cleaned.get("home_district") and self.is_abroad:
            self.add_error("home_district", str(HomeIsAbroad()))
        if cleaned.get("code") and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Please choose the group that the code is for."))
        return cleaned

    def identity(self) -> InsuredNumber | IdentityDocument:
        """The number or document by which the person is found; subclasses define it."""
        raise NotImplementedError

    def details(self, *, request: LineRequest | None) -> CallerDetails:
        """The arguments of the operation, from a form that is valid."""
        said = self.cleaned_data
        names = (*_NAMES, "latin_first_name", "latin_last_name", *ADDRESS)
        more = {name: said[name] for name in ("insurer", "sex") if name in said}
        person = PersonDetails(
            identity=self.identity(),
            birth_date=cast("date", self.birth_date()),
            **{name: said[name] for name in names},
            **more,
        )
        application = Application(
            **{name: said[name] for name in ("phone", "email", "language", "reason", "sites", "landline")},
            # The operator has asked a health worker from abroad for what no register of ours can say.
            claim_state=PriorityClaim.State.PROVEN if request else PriorityClaim.State.PENDING,
            guardian=self.guardian(),
            is_immobile=said["home_district"] is not None,
            home_district=said["home_district"],
            by_letter=not said["phone"],
            way=Registration.Way.LINE,
        )
        return CallerDetails(person, application, code=said["code"])

    def _clean_spelling(self, field: str, name: str) -> None:
        try:
            self.cleaned_data[field] = latin_name.spelling_of(name, self.cleaned_data.get(field, ""))
        except SpellingNeedsLatinLetters as refusal:
            self.add_error(field, str(refusal))


class InsuredCallerForm(InsuredHolderChecks, CallerForm):
    """Somebody with an insured person's number, which says when they were born."""

    insured_number = _text(
        _("Insured person's number"),
        max_length=LONGEST,
        help_text=_("Nine or ten digits from the card of the health insurer."),
        error_messages={"required": _("Please fill in the insured person's number.")},
        attributes={"inputmode": "numeric"},
    )
    field_order = ("insured_number", "insurer", *_NAMES, "latin_first_name", "latin_last_name", *CallerForm.more_fields)


class DocumentCallerForm(CallerForm, DocumentHolderFields):
    """Somebody without a Czech insured number: their document, date of birth and sex."""

    insurer = None  # type: ignore[assignment]
    first_name = _text(
        _("First name"),
        max_length=80,
        required=False,
        help_text=_("Leave it empty only where the document has one name: write that one as the surname."),
    )
    field_order = (
        *(*DOCUMENT, "birth", "sex", *_NAMES, "latin_first_name", "latin_last_name"),
        *CallerForm.more_fields,
    )

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


FORMS: Mapping[str, type[CallerForm]] = {"cislo": InsuredCallerForm, "doklad": DocumentCallerForm}
