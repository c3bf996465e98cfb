"""What operators type at the desk of line 1221."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs import typed
from crs.sometimes_needed import sometimes_needed
from crs.typed import EmailField, LinesField, PlainField
from crs.typed_moment import DayField
from registration.address import ADDRESS, letters_need
from registration.applying import at_a_site
from registration.desk.exporting import MOST_DAYS
from registration.desk.searching import LONGEST
from registration.models import LineRequest, Person, Registration, RegistrationClaim
from registration.people.correcting import Corrected
from registration.people.forms import ContactChecks, CountryField, NameChecks, plain_input
from registration.telephones import phone
from registration.telephones.errors import InvalidPhone

LONGEST_REASON = 1000
_SHORTEST_REASON = 5
_NO_DAY = _("This is not a date. Please write it like this: 24. 8. 1991.")


def past(day: date | None) -> date | None:
    """The day; raises ValidationError where it has not come yet."""
    if day is not None and day > timezone.localdate():
        raise forms.ValidationError(_("This day has not come yet."))
    return day


class ReasonForm(forms.Form):
    """Why something is done; kept encrypted."""

    reason = LinesField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off"}),
        help_text=_("In a sentence or two: who asked, how you know who they are, and why. It is kept encrypted."),
        error_messages={"required": _("Please write the reason.")},
    )

    def clean_reason(self) -> str:
        """A sentence, not a dot."""
        reason: str = self.cleaned_data["reason"]
        if sum(one.isalnum() for one in reason) < _SHORTEST_REASON:
            raise forms.ValidationError(_("Please write the reason in words."))
        return reason


class SearchForm(forms.Form):
    """One field for every number and for names."""

    text = typed.PlainField(
        label=_("Number, telephone or name"),
        max_length=LONGEST,
        strip=False,
        widget=plain_input(autofocus=True),
        help_text=_(
            "Registration number, insured person's number, telephone, number of a document, or a name or its part."
        ),
        error_messages={"required": _("Please type a number, a telephone or a name.")},
    )
    born = DayField(
        label=_("Date of birth"),
        required=False,
        needs_year=True,
        help_text=_("It narrows a name. For example 24. 8. 1941."),
        error_messages={"invalid": _NO_DAY},
    )


class FindOtherForm(forms.Form):
    """The second record of a person."""

    number = typed.PlainField(
        label=_("Number of the second record"),
        max_length=LONGEST,
        widget=plain_input(),
        help_text=_("Its registration number, insured person's number, or number of a document."),
        error_messages={"required": _("Please type the number of the second record.")},
    )


class ContactForm(ContactChecks):
    """How the person is reached; `shown` tells what the page showed, so that no older page undoes a newer one."""

    phone = typed.PlainField(
        label=_("Mobile telephone"),
        required=False,
        max_length=40,
        widget=plain_input(type="tel", inputmode="tel"),
        help_text=_("PIN2 and all news come there. Without one they come by post, so the address is needed."),
    )
    landline = typed.PlainField(
        label=_("Landline"),
        required=False,
        max_length=40,
        widget=plain_input(type="tel", inputmode="tel"),
        help_text=_("For a call only; no SMS goes there."),
    )
    email = EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        error_messages={"invalid": _("This is not an e-mail address. It looks like this: name@seznam.cz")},
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    street = sometimes_needed(
        PlainField(label=_("Street and house number"), required=False, max_length=120, widget=plain_input())
    )
    city = sometimes_needed(PlainField(label=_("Town or village"), required=False, max_length=80, widget=plain_input()))
    country = CountryField()
    postcode = sometimes_needed(
        typed.PlainField(label=_("Postcode"), required=False, max_length=20, widget=plain_input())
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any) -> None:
        self._known = {name: str(getattr(registration, name) or "") for name in ("phone", "landline")}
        self._readable = {name: phone.as_typed(known) if known else "" for name, known in self._known.items()}
        address = {name: getattr(registration.person, name) for name in ADDRESS}
        shown = at_a_site.contact_digest(registration)
        kwargs["initial"] = self._readable | {"email": registration.email, "shown": shown} | address
        super().__init__(*args, **kwargs)

    def clean_phone(self) -> str:
        """A number in E.164 that gets our SMS; one that nobody touched stays as it is."""
        return self._number("phone", phone.parse_for_sms)

    def clean_landline(self) -> str:
        """Any number that can be called, in E.164; one that nobody touched stays as it is."""
        return self._number("landline", phone.parse_any)

    def clean(self) -> dict[str, Any]:
        """Something has to reach the person: a mobile, an e-mail, or the post."""
        cleaned = super().clean() or self.cleaned_data
        if "phone" not in self.errors and not cleaned.get("phone") and not cleaned.get("email"):
            text = _("Without a mobile telephone messages come by post. Please fill in the address.")
            for name in letters_need(self.cleaned_data):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, text)
        return cleaned

    def _number(self, name: str, parse: Callable[[str], str]) -> str:
        text: str = self.cleaned_data[name]
        if not text:
            return ""
        if text == self._readable[name]:
            return self._known[name]
        try:
            return parse(text)
        except InvalidPhone as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class CorrectForm(NameChecks, ReasonForm):
    """What is true of a person; where an insured person's number says when they were born, nobody types it."""

    first_name = typed.PlainField(label=_("First name"), required=False, max_length=80, widget=plain_input())
    last_name = typed.PlainField(
        label=_("Surname"),
        max_length=80,
        widget=plain_input(),
        error_messages={"required": _("Please fill in the surname.")},
    )
    birth_date = DayField(
        label=_("Date of birth"),
        needs_year=True,
        help_text=_("For example 24. 8. 1941."),
        error_messages={"required": _("Please fill in the date of birth."), "invalid": _NO_DAY},
    )
    died_on = DayField(
        label=_("Day of death"),
        required=False,
        needs_year=True,
        help_text=_("Empty it if the person lives."),
        error_messages={"invalid": _NO_DAY},
    )
    field_order = ("first_name", "last_name", "birth_date", "died_on", "reason")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self._person = person
        known = ("first_name", "last_name", "birth_date", "died_on")
        kwargs["initial"] = {name: getattr(person, name) for name in known}
        super().__init__(*args, **kwargs)
        if person.insured_number:
            del self.fields["birth_date"]
        if person.died_on is None:  # whoever dies has a registration that ends
            del self.fields["died_on"]

    def may_have_one_name(self) -> bool:
        """Staff correct what a document says."""
        return True

    def clean_birth_date(self) -> date | None:
        """A day that has come."""
        return past(self.cleaned_data["birth_date"])

    def clean_died_on(self) -> date | None:
        """A day that has come."""
        return past(self.cleaned_data["died_on"])

    @property
    def corrected(self) -> Corrected:
        """What was typed; what was not asked for stays."""
        said = self.cleaned_data
        born, died = self._person.birth_date, self._person.died_on
        return Corrected(said["first_name"], said["last_name"], said.get("birth_date", born), said.get("died_on", died))


class EndForm(ReasonForm):
    """Ending a registration."""

    ending = forms.ChoiceField(
        label=_("Why it ends"),
        choices=[
            (Registration.Ending.STAFF, _("the person asked line 1221, or it was a mistake")),
            (Registration.Ending.DIED, Registration.Ending.DIED.label),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose why the registration ends.")},
    )
    died_on = sometimes_needed(
        DayField(
            label=_("Day of death"),
            required=False,
            needs_year=True,
            help_text=_("Only where the person died. For example 15. 1. 2021."),
            error_messages={"invalid": _NO_DAY},
        )
    )
    field_order = ("ending", "died_on", "reason")

    def clean_died_on(self) -> date | None:
        """A day that has come."""
        return past(self.cleaned_data["died_on"])

    def clean(self) -> dict[str, Any]:
        """A death has a day, and nothing else has."""
        cleaned = super().clean() or self.cleaned_data
        is_dead = cleaned.get("ending") == Registration.Ending.DIED
        if is_dead and "died_on" in cleaned and cleaned["died_on"] is None:
            self.add_error("died_on", _("Please write the day of death."))
        if not is_dead and cleaned.get("ending") and cleaned.get("died_on"):
            self.add_error("died_on", _("Please leave this empty, or choose that the person died."))
        return cleaned


class DecideForm(ReasonForm):
    """Whose telephone the registration has from now on."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (RegistrationClaim.Decision.KEPT, _("The registration stays with its telephone")),
            (RegistrationClaim.Decision.MOVED, _("The registration gets the new telephone and contact")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the two.")},
    )
    field_order = ("decision", "reason")


class ResolveForm(ReasonForm):
    """How a request ends without a registration."""

    outcome = forms.ChoiceField(
        label=pgettext_lazy("request", "How it ends"),
        choices=[(one.value, one.label) for one in (LineRequest.Outcome.NOT_REACHED, LineRequest.Outcome.REFUSED)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose how the request ends.")},
    )
    field_order = ("outcome", "reason")


class ExportForm(ReasonForm):
    """Which registrations, and why."""

    first = DayField(label=_("Registered from"), help_text=_("For example 15. 1. 2021."))
    last = DayField(label=_("Registered until"), help_text=_("This day is included."))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", pgettext_lazy("registrations", "All")), *Registration.State.choices],
    )
    field_order = ("first", "last", "state", "reason")

    def clean(self) -> dict[str, Any]:
        """Days in order, and not too many of them."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if isinstance(first, date) and isinstance(last, date):
            if last < first:
                self.add_error("last", _("The last day is before the first one."))
            elif last - first >= timedelta(days=MOST_DAYS):
                self.add_error("last", _("Please choose three months at most."))
            elif first > timezone.localdate():
                self.add_error("first", _("This day has not come yet."))
        return cleaned
