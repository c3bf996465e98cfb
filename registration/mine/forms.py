"""What people type when they change their own registration."""

import re
from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.sometimes_needed import sometimes_needed
from logistics.models import District
from registration.address import ADDRESS
from registration.applying.districts import districts
from registration.applying.errors import HomeIsAbroad
from registration.applying.preferred_sites import PreferredSites
from registration.groups.rules import rules_at
from registration.mine.email import CODE_DIGITS
from registration.models import PriorityGroup
from registration.people.forms import AddressFields, ContactChecks


class EmailForm(ContactChecks):
    """Another e-mail address, or none."""

    email = typed.EmailField(
        label=_("New e-mail"),
        required=False,
        max_length=254,
        help_text=_("We will send a code there. Leave it empty if you want no e-mails."),
        error_messages={"invalid": _("This is not an e-mail address. It looks like this: name@seznam.cz")},
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )


class EmailCodeForm(forms.Form):
    """The code that came by e-mail."""

    code = typed.PlainField(
        label=_("Code from the e-mail"),
        help_text=_("Six digits."),
        error_messages={"required": _("Please fill in the code from the e-mail.")},
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        """Six digits; spaces and dashes between them do not matter."""
        code = typed.number(self.cleaned_data["code"])
        if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", code):
            raise forms.ValidationError(_("The code is made of six digits. Please copy them from the e-mail."))
        return code


class SitesForm(PreferredSites):
    """The sites that suit the person."""


class HomeForm(AddressFields):
    """Where the person lives, and whether somebody has to come there."""

    is_immobile = forms.BooleanField(
        label=_("The person cannot come to a vaccination site. A doctor or a mobile team is to come home."),
        required=False,
    )
    home_district = sometimes_needed(
        forms.ChoiceField(
            label=_("District of the home"),
            help_text=_("Only if somebody is to come there."),
            choices=districts,
            required=False,
            error_messages={"invalid_choice": _("Please choose the district from the list.")},
        )
    )

    def clean_home_district(self) -> District | None:
        """The district; None where none was chosen."""
        return District.objects.filter(pk=self.cleaned_data["home_district"] or None).first()

    def clean(self) -> dict[str, Any]:
        """Who goes there is found by the district."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("is_immobile") and not cleaned.get("home_district") and "home_district" not in self.errors:
            self.add_error("home_district", _("Please choose the district, so that the right doctor hears of it."))
        if cleaned.get("is_immobile") and self.is_abroad:
            self.add_error("is_immobile", str(HomeIsAbroad()))
        if not cleaned.get("is_immobile"):
            cleaned["home_district"] = None
        return cleaned

    def address(self) -> dict[str, str]:
        """The address, from a form that is valid."""
        return {name: self.cleaned_data[name] for name in ADDRESS}


class ReasonForm(forms.Form):
    """Another reason than age, and the code that proves it."""

    group = forms.ChoiceField(
        label=_("Reason"),
        error_messages={"required": _("Please choose the reason.")},
    )
    code = typed.PlainField(
        label=_("Registration code"),
        required=False,
        max_length=200,
        help_text=_("Twelve digits from your employer or doctor, if they gave you one."),
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # As at the portal: the groups that have a rule now, the highest score first.
        self._groups = {rule.group.pk: rule.group for rule in rules_at(now) if not rule.is_by_age}
        choices = [(code, str(group)) for code, group in self._groups.items()]
        cast("forms.ChoiceField", self.fields["group"]).choices = [("", _("Choose a reason")), *choices]

    def clean_group(self) -> PriorityGroup:
        """The group that was chosen."""
        return self._groups[self.cleaned_data["group"]]


class DecisionForm(forms.Form):
    """Whether another telephone may have the registration."""

    answer = forms.ChoiceField(
        label=_("Is it you, or somebody who looks after you?"),
        choices=[
            ("MOVED", _("Yes. Give the registration to that telephone. This one will not see it any more.")),
            ("KEPT", _("No. Leave the registration with this telephone.")),
        ],
        error_messages={"required": _("Please choose one of the answers.")},
        widget=forms.RadioSelect,
    )
