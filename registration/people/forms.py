"""What every form about a person checks alike, at the portal and at the desks of staff."""

import re
import unicodedata
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.sometimes_needed import sometimes_needed
from crs.state_select import StateSelect
from crs.states import CZECHIA, OfferedStates
from registration import address
from registration.errors import PostcodeRefused
from registration.people import email_hint, insured_number
from registration.people.errors import InvalidInsuredNumber
from registration.people.insured_number import InsuredNumber

# Digits, pictures, signs of money and of sums; and what a slip of the finger or a program leaves in a name.
_OF_NO_NAME = ("Nd", "No", "Sc", "Sm", "So")
_SLIPS = frozenset("@#%*_^;?{}\\")
# Clicks of Namibian names are typed so, and the line between two names in Japanese.
_IN_SOME_NAMES = frozenset("|＝")
# Marks upon marks, which would cover the lines above and below; no language puts three on one letter.
_HEAP = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3}")


def plain_input(**attributes: Any) -> forms.TextInput:
    """A line that the browser of a desk never fills in from what was typed about the person before."""
    return forms.TextInput({"autocomplete": "off", "spellcheck": "false"} | attributes)


def is_missing(name: str) -> bool:
    """Whether it is empty, or has a dash in its place: so forms are filled in for whoever has one name only."""
    return all(character in " ./" or unicodedata.category(character) == "Pd" for character in name)


class CountryField(forms.ChoiceField):
    """The state of an address. A page of before it was asked says nothing: that is Czechia."""

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "label": _("Country"),
            "choices": OfferedStates(CZECHIA),
            "initial": CZECHIA,
            "widget": StateSelect({"autocomplete": "off"}),
            "error_messages": {"invalid_choice": _("Please choose the country from the list.")},
        }
        super().__init__(**defaults | options)

    def to_python(self, value: Any) -> str:
        """The code of the state."""
        return str(super().to_python(value)) or CZECHIA


class ContactChecks(forms.Form):
    """What the forms about a person's contact check alike, at the portal and at a site; they name the fields."""

    # The value that a warning was shown for: sent again unchanged, it is meant so.
    email_noticed = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_postcode(self) -> str:
        """As the state of the address writes it (its field stands before). Empty where it is no duty."""
        code: str = self.cleaned_data["postcode"]
        if "country" in self.errors:
            return code
        try:
            return address.postcode(code, country=self.cleaned_data["country"])
        except PostcodeRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_email(self) -> str:
        """The address; one that looks mistyped has to be sent twice."""
        email: str = self.cleaned_data["email"]
        meant = email_hint.suggestion(email) if email else None
        if meant and not self._was_noticed("email_noticed", email):
            text = _("Did you mean %(meant)s? Please correct it. If it is right as it stands, send the form again.")
            raise forms.ValidationError(text, params={"meant": meant})
        return email

    @property
    def is_abroad(self) -> bool:
        """Whether the address that was typed lies in another state."""
        return self.cleaned_data.get("country", CZECHIA) != CZECHIA

    def _was_noticed(self, name: str, value: str) -> bool:
        """Whether the warning was shown for exactly this value; if not, the page now sent remembers it."""
        if self.data.get(self.add_prefix(name)) == value:
            return True
        sent = cast("QueryDict", self.data).copy()
        sent[self.add_prefix(name)] = value
        self.data = sent
        return False


class AddressFields(ContactChecks):
    """Where somebody lives, as citizens are asked for it."""

    street = typed.PlainField(
        label=_("Street and house number"),
        max_length=120,
        error_messages={"required": _("Please fill in the street and the house number.")},
        widget=forms.TextInput({"autocomplete": "address-line1"}),
    )
    city = typed.PlainField(
        label=_("Town or village"),
        max_length=80,
        error_messages={"required": _("Please fill in the town or village.")},
        widget=forms.TextInput({"autocomplete": "address-level2"}),
    )
    country = CountryField(widget=StateSelect({"autocomplete": "country"}))
    # Not a duty abroad: some states have none. Elsewhere letters stand in it, so the keyboard is not one of digits.
    postcode = sometimes_needed(
        typed.PlainField(
            label=_("Postcode"),
            required=False,
            help_text=_("In Czechia five digits, for example 602 00. Elsewhere as it is written there."),
            widget=forms.TextInput({"autocomplete": "postal-code"}),
        )
    )

    def clean_postcode(self) -> str:
        """As the state of the address writes it; in Czechia everybody has one."""
        code = super().clean_postcode()
        if not code and not self.is_abroad:
            raise forms.ValidationError(_("Please fill in the postcode."))
        return code


class NameChecks(forms.Form):
    """What the forms with a person's name check alike; they name the fields themselves."""

    def may_have_one_name(self) -> bool:
        """Whether the surname alone is enough without a question, as it is by a document (ICAO 9303)."""
        return False

    def clean_first_name(self) -> str:
        """A name, with single spaces; empty where one name is enough."""
        if self.may_have_one_name() and is_missing(self.cleaned_data["first_name"]):
            return ""
        return self._name("first_name")

    def clean_last_name(self) -> str:
        """A name, with single spaces."""
        return self._name("last_name")

    def _name(self, field: str) -> str:
        name = typed.plain(self.cleaned_data[field])
        if _HEAP.search(name) or not any(character.isalpha() for character in name) or not all(map(_is_of_names, name)):
            raise forms.ValidationError(_("Please write the name in letters."))
        return name


def _is_of_names(character: str) -> bool:
    if character in _IN_SOME_NAMES:
        return True
    return character not in _SLIPS and unicodedata.category(character) not in _OF_NO_NAME


class PersonChecks(NameChecks, ContactChecks):
    """What the forms about a person check alike, at the portal and at a site; they name the fields themselves."""

    # As `email_noticed`, for an insured person's number that is rare, and for a surname without a first name.
    number_noticed = forms.CharField(required=False, widget=forms.HiddenInput)
    one_name_noticed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_first_name(self) -> str:
        """The first name; whoever has one name only leaves it empty, or writes a dash, and sends the form twice."""
        if self.may_have_one_name() or not is_missing(self.cleaned_data["first_name"]):
            return super().clean_first_name()
        # It is looked at before the surname.
        surname = typed.plain(str(self.data.get(self.add_prefix("last_name"), "")))
        if not surname or not self._was_noticed("one_name_noticed", surname):
            text = _(
                "Please fill in the first name. Whoever has one name only has it as the surname: then leave the first "
                "name empty and send the form again."
            )
            raise forms.ValidationError(text)
        return ""

    def clean_insured_number(self) -> InsuredNumber:
        """The number with the birth date in it; a rare one has to be sent twice."""
        try:
            number = insured_number.parse(self.cleaned_data["insured_number"], today=self.today)
        except InvalidInsuredNumber as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if number.warning and not self._was_noticed("number_noticed", number.digits):
            raise forms.ValidationError(str(number.warning))
        return number


class InsuredHolderChecks(PersonChecks):
    """What the desks of staff check of somebody with an insured person's number, which says when they were born."""

    def clean_insured_number(self) -> InsuredNumber:
        """As typed or scanned; a rare one has to be sent twice."""
        self.cleaned_data["insured_number"] = typed.number(self.cleaned_data["insured_number"])
        return super().clean_insured_number()

    def identity(self) -> InsuredNumber:
        """The insured person's number."""
        number: InsuredNumber = self.cleaned_data["insured_number"]
        return number

    def birth_date(self) -> date | None:
        """As the number says."""
        number = self.cleaned_data.get("insured_number")
        return number.birth_date if isinstance(number, InsuredNumber) else None
