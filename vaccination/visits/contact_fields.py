"""How a person is reached, as the desk asks for it at the check-in and at a registration on the spot."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.typed import EmailField, PlainField
from registration.people.forms import ContactChecks, CountryField, plain_input
from registration.telephones import phone
from registration.telephones.errors import InvalidPhone


class ContactFields(ContactChecks):
    """Telephone, e-mail and address; each may stay empty."""

    phone = typed.PlainField(
        label=_("Mobile telephone"),
        required=False,
        max_length=40,
        widget=plain_input(type="tel", inputmode="tel"),
    )
    email = EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        error_messages={"invalid": _("This is not an e-mail address. It looks like this: name@seznam.cz")},
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    street = PlainField(label=_("Street and house number"), required=False, max_length=120, widget=plain_input())
    city = PlainField(label=_("Town or village"), required=False, max_length=80, widget=plain_input())
    country = CountryField()
    postcode = typed.PlainField(label=_("Postcode"), required=False, max_length=20, widget=plain_input())

    # What is known of the person already: a telephone that nobody touched stays as it is.
    known_phone = ""

    def clean_phone(self) -> str:
        """A number in E.164 that gets our SMS; empty where the person has none."""
        text: str = self.cleaned_data["phone"]
        if not text:
            return ""
        if self.known_phone and text == phone.as_typed(self.known_phone):
            return self.known_phone
        try:
            return phone.parse_for_sms(text)
        except InvalidPhone as refusal:
            hint = _("Here at the site the field may also stay empty.")
            raise forms.ValidationError(f"{refusal} {hint}") from refusal
