"""Step 3: the form about the person who is to be vaccinated."""

from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crs import typed
from logistics.models import District, Region, VaccinationSite
from registration.applying.registering import Details
from registration.models import Person, PriorityGroup
from registration.people import latin_name
from registration.people.errors import SpellingNeedsLatinLetters
from registration.people.forms import PersonChecks
from registration.people.persons import PersonDetails

MOST_SITES = 10


_NAMES = ("first_name", "last_name")


# Of a name that was not checked yet; longer ones are refused.
_READ = 200


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
