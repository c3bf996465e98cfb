"""Step 3: the form about the person who is to be vaccinated."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crs import typed
from registration.applying.preferred_sites import PreferredSites
from registration.applying.registering import Details
from registration.models import Person, PriorityGroup
from registration.people import latin_name
from registration.people.errors import SpellingNeedsLatinLetters
from registration.people.forms import PersonChecks
from registration.people.persons import PersonDetails

_NAMES = ("first_name", "last_name")


# Of a name that was not checked yet; longer ones are refused.
_READ = 200


class RegistrationForm(PreferredSites, PersonChecks):
    """Step 3."""

    # As on the page; the choice of sites and what follows it come after these.
    field_order = (
        *("first_name", "last_name", "latin_first_name", "latin_last_name", "insured_number", "insurer"),
        *("street", "city", "postcode", "email"),
    )
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
        names = ("first_name", "last_name", "insurer", "street", "city", "postcode")
        number = self.cleaned_data["insured_number"]
        told = {name: self.cleaned_data[name] for name in (*names, *(f"latin_{name}" for name in _NAMES))}
        person = PersonDetails(identity=number, birth_date=number.birth_date, **told)
        return Details(person=person, **{name: self.cleaned_data[name] for name in ("email", "sites", "reason")})

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
