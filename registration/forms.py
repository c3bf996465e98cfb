"""The forms on the way to a registration."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.captcha.forms import CaptchaForm
from logistics.models import District, Region, VaccinationSite
from registration import email_hint, insured_number, latin_name, phone
from registration.errors import InvalidInsuredNumber, InvalidPhone, SpellingNeedsLatinLetters
from registration.insured_number import InsuredNumber
from registration.models import Person, PriorityGroup
from registration.registering import Details
from registration.verification import PIN_DIGITS

MOST_SITES = 10
_NAMES = ("first_name", "last_name")
# Of a name that was not checked yet; longer ones are refused.
_READ = 200


class PhoneForm(CaptchaForm):
    """Step 1."""

    phone = forms.CharField(
        label=_("Mobile telephone number"),
        help_text=_("We will send an SMS with a PIN there. For example 601 234 567."),
        error_messages={"required": _("Please fill in your telephone number.")},
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        """The number in E.164, one that gets our SMS."""
        try:
            return phone.parse_for_sms(self.cleaned_data["phone"])
        except InvalidPhone as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class PinForm(forms.Form):
    """Step 2."""

    pin = forms.CharField(
        label=_("PIN from the SMS"),
        help_text=_("Six digits."),
        error_messages={"required": _("Please fill in the PIN from the SMS.")},
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )

    def clean_pin(self) -> str:
        """Six digits; spaces and dashes between them do not matter."""
        pin = re.sub(r"[\s\-‐-―]", "", unicodedata.normalize("NFKC", self.cleaned_data["pin"]))
        if re.search(r"[^0-9]", pin):
            raise forms.ValidationError(_("The PIN is made of digits only. Please copy the six digits from the SMS."))
        if len(pin) != PIN_DIGITS:
            raise forms.ValidationError(_("The PIN has six digits. Please check that none is missing or too many."))
        return pin


class ResendForm(CaptchaForm):
    """Another PIN; the captcha is shown and looked at only where the verification needs one."""


class ContactChecks(forms.Form):
    """What the forms about a person's contact check alike, at the portal and at a site; they name the fields."""

    # The value that a warning was shown for: sent again unchanged, it is meant so.
    email_noticed = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_postcode(self) -> str:
        """Five digits; a space in them does not matter. Empty where it is no duty."""
        postcode = typed.number(self.cleaned_data["postcode"])
        if postcode and not re.fullmatch(r"[0-9]{5}", postcode):
            raise forms.ValidationError(_("A postcode has five digits, for example 602 00."))
        return postcode

    def clean_email(self) -> str:
        """The address; one that looks mistyped has to be sent twice."""
        email: str = self.cleaned_data["email"]
        meant = email_hint.suggestion(email) if email else None
        if meant and not self._was_noticed("email_noticed", email):
            text = _("Did you mean %(meant)s? Please correct it. If it is right as it stands, send the form again.")
            raise forms.ValidationError(text, params={"meant": meant})
        return email

    def _was_noticed(self, name: str, value: str) -> bool:
        """Whether the warning was shown for exactly this value; if not, the page now sent remembers it."""
        if self.data.get(self.add_prefix(name)) == value:
            return True
        sent = cast("QueryDict", self.data).copy()
        sent[self.add_prefix(name)] = value
        self.data = sent
        return False


class PersonChecks(ContactChecks):
    """What the forms about a person check alike, at the portal and at a site; they name the fields themselves."""

    # As `email_noticed`, for an insured person's number that is rare.
    number_noticed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_first_name(self) -> str:
        """A name, with single spaces."""
        return self._name("first_name")

    def clean_last_name(self) -> str:
        """A name, with single spaces."""
        return self._name("last_name")

    def clean_insured_number(self) -> InsuredNumber:
        """The number with the birth date in it; a rare one has to be sent twice."""
        try:
            number = insured_number.parse(self.cleaned_data["insured_number"], today=self.today)
        except InvalidInsuredNumber as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if number.warning and not self._was_noticed("number_noticed", number.digits):
            raise forms.ValidationError(str(number.warning))
        return number

    def _name(self, field: str) -> str:
        name = typed.plain(self.cleaned_data[field])
        if any(character.isdigit() for character in name) or not any(character.isalpha() for character in name):
            raise forms.ValidationError(_("Please write the name in letters."))
        return name


class RegistrationForm(PersonChecks):
    """Step 3. Region and district only narrow the list of sites; they are not kept."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        error_messages={"required": _("Please fill in the first name.")},
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Surname"),
        max_length=80,
        error_messages={"required": _("Please fill in the surname.")},
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    # Shown only where the name above has letters of another script.
    latin_first_name = forms.CharField(
        label=_("First name in Latin letters"),
        max_length=latin_name.LONGEST,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    latin_last_name = forms.CharField(
        label=_("Surname in Latin letters"),
        max_length=latin_name.LONGEST,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    # As `email_noticed`, for names in another script without a spelling.
    spelling_noticed = forms.CharField(required=False, widget=forms.HiddenInput)
    insured_number = forms.CharField(
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
    street = forms.CharField(
        label=_("Street and house number"),
        max_length=120,
        error_messages={"required": _("Please fill in the street and the house number.")},
        widget=forms.TextInput({"autocomplete": "address-line1"}),
    )
    city = forms.CharField(
        label=_("Town or village"),
        max_length=80,
        error_messages={"required": _("Please fill in the town or village.")},
        widget=forms.TextInput({"autocomplete": "address-level2"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        help_text=_("Five digits, for example 602 00."),
        error_messages={"required": _("Please fill in the postcode.")},
        widget=forms.TextInput({"autocomplete": "postal-code", "inputmode": "numeric"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("If you have one, we will send you the confirmation there as well."),
        error_messages={"invalid": _("This is not an e-mail address. It looks like this: name@seznam.cz")},
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    region = forms.CharField(label=_("Region"), required=False, widget=forms.Select)
    district = forms.CharField(label=_("District"), required=False, widget=forms.Select)
    sites = forms.MultipleChoiceField(
        label=_("Vaccination sites that suit you"),
        required=False,
        help_text=_("Tick one or more."),
        error_messages={"invalid_choice": _("A site that you chose is closed now. Please choose another one.")},
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.ModelChoiceField(
        label=_("Why it is your turn"),
        help_text=_("Most people leave their age here. You will show a confirmation of another reason at the site."),
        queryset=PriorityGroup.objects.exclude(basis=PriorityGroup.Basis.AGE),
        required=False,
        empty_label=_("My age"),
    )
    consent = forms.BooleanField(
        label=_("I agree to be vaccinated against covid-19 and to the processing of my data for that purpose."),
        error_messages={"required": _("We need your consent. Without it we cannot register you.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_sites()

    def clean_sites(self) -> tuple[VaccinationSite, ...]:
        """The chosen sites, all of them open."""
        chosen = self.cleaned_data["sites"]
        if len(chosen) > MOST_SITES:
            raise forms.ValidationError(_("Please choose ten sites at most."))
        return tuple(site for site in self._offered if str(site.pk) in chosen)

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

    def details(self) -> Details:
        """The arguments of the operation, from a form that is valid."""
        names = ("first_name", "last_name", "insured_number", "insurer", "street", "city", "postcode", "email")
        spelled = tuple(f"latin_{name}" for name in _NAMES)
        return Details(
            **{name: self.cleaned_data[name] for name in (*names, *spelled)},
            sites=self.cleaned_data["sites"],
            reason=self.cleaned_data["reason"],
        )

    @property
    def spellings(self) -> list[forms.BoundField]:
        """The fields for the Latin spelling of those names that are in another script; none for most people."""
        return [
            self[f"latin_{name}"] for name in _NAMES if not latin_name.is_latin(str(self[name].value() or "")[:_READ])
        ]

    @property
    def has_districts(self) -> bool:
        """Whether a region is chosen, so that its districts can be offered."""
        return self._has_districts

    @property
    def has_sites(self) -> bool:
        """Whether there is a site to tick."""
        return bool(self._offered)

    @property
    def is_district_empty(self) -> bool:
        """Whether a district is chosen in which no site is open."""
        return bool(self._district) and all(site.district_id != self._district for site in self._offered)

    def _spelling(self, field: str) -> str:
        typed_spelling: str = self.cleaned_data.get(field, "")
        if not typed.plain(typed_spelling):
            return ""
        try:
            return latin_name.spelling(typed_spelling)
        except SpellingNeedsLatinLetters as refusal:
            self.add_error(field, str(refusal))
            return ""

    def _offer_sites(self) -> None:
        """The sites of the chosen district only, and those chosen before: no list that grows with the country."""
        regions = list(Region.objects.values_list("code", "name"))
        region = self["region"].value()
        # Only a code that exists reaches the query: the field was not checked yet, and a NUL would break it.
        region = region if region in dict(regions) else ""
        districts = list(District.objects.filter(region=region).values_list("code", "name")) if region else []
        self._has_districts = bool(districts)
        self._district = _chosen_district(districts, self["district"].value())
        self._set_choices("region", [("", _("Choose a region")), *regions])
        # Praha is a region of one district: nothing to choose there.
        self._set_choices("district", districts if len(districts) == 1 else [("", _("Choose a district")), *districts])
        wanted = Q(pk__in=_uuids(self["sites"].value() or []))
        if self._district:
            wanted |= Q(district=self._district)
        self._offered = list(VaccinationSite.objects.open().filter(wanted).order_by("name"))
        choices = [(str(site.pk), f"{site.name}, {site.address}") for site in self._offered]
        self.fields["sites"].choices = choices  # type: ignore[attr-defined]

    def _set_choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        cast("forms.Select", self.fields[name].widget).choices = choices


def _chosen_district(districts: Sequence[tuple[str, str]], asked: str | None) -> str:
    """The typed district if it lies in the region; the only one where there is one; else none."""
    codes = [code for code, _name in districts]
    if len(codes) == 1:
        return codes[0]
    return asked if asked in codes else ""


def _uuids(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found[: 2 * MOST_SITES]
