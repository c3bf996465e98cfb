"""Forms about certificates at the counter. They check shape; the operations say what may be done."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate
from crs.typed import EmailField, PlainField
from registration.models import Person
from registration.people import latin_name
from registration.people.errors import SpellingNeedsLatinLetters
from registration.people.forms import plain_input
from registration.telephones import phone
from vaccination.doses.forms import reason_field
from vaccination.visits.contact_fields import ContactFields

Revocation = Certificate.Revocation


class AnewForm(forms.Form):
    """Why another certificate is issued."""

    reason = reason_field(
        _("Why another one is issued"),
        required=_("Write why another one is issued: it stays with the certificate."),
        help_text=_("Such as: the paper got into other hands."),
    )


class RevokeForm(forms.Form):
    """Why a certificate shall not be valid any more."""

    why = forms.ChoiceField(
        label=_("Why it is revoked"),
        choices=[(one.value, one.label) for one in (Revocation.FRAUD, Revocation.BATCH, Revocation.OTHER)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why the certificate is revoked.")},
    )
    note = reason_field(
        _("What happened"),
        required=_("Write what happened: it stays with the certificate."),
        help_text=_("Such as: somebody else's document was shown."),
    )


class SpellingForm(forms.Form):
    """The name of a person as the travel document spells it."""

    last_name = PlainField(
        label=_("Surname in Latin letters"),
        max_length=latin_name.LONGEST,
        required=False,
        widget=plain_input(autocapitalize="characters"),
    )
    first_name = PlainField(
        label=_("First name in Latin letters"),
        max_length=latin_name.LONGEST,
        required=False,
        widget=plain_input(autocapitalize="characters"),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("last_name", "first_name"):
            if not latin_name.is_latin(getattr(person, name)):
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = SpellingNeedsLatinLetters.message

    def clean(self) -> dict[str, Any]:
        """Each name of another script has its spelling."""
        typed = super().clean() or self.cleaned_data
        for name in ("last_name", "first_name"):
            if typed.get(name):
                try:
                    typed[name] = latin_name.spelling(typed[name])
                except SpellingNeedsLatinLetters as refusal:
                    self.add_error(name, str(refusal))
        return typed


class SendForm(ContactFields):
    """Where a certificate is sent: an e-mail for the PDF, a telephone for its password."""

    email = EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={
            "required": _("Write the e-mail to which the certificate is sent. Without one, print it."),
            "invalid": _("This is not an e-mail address. It looks like this: name@seznam.cz"),
        },
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    street = city = country = postcode = None  # type: ignore[assignment]  # the form is not about them

    def __init__(self, *args: Any, known_phone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_phone = known_phone
        self.fields["phone"].help_text = _(
            "The password comes there by SMS. Without a telephone you print the password on paper here."
        )
        self.fields["phone"].initial = phone.as_typed(known_phone) if known_phone else ""
