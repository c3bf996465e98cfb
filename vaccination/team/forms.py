"""Forms about the team of a site."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from vaccination.models import HealthWorker
from vaccination.team.workers import WorkerDetails

# Soft hyphens, zero-width and direction marks that come along with a copied text.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\ufeff\0"))
# The digits as a Czech keyboard gives them where nobody holds Shift.
_CZECH_DIGITS = str.maketrans("+ěščřžýáíé", "1234567890")
_NRZP, _PCZ = 9, 3


class MyWorkerForm(forms.Form):
    """The particulars of a health worker, as a dose names them."""

    name = forms.CharField(
        label=_("Name with titles"), max_length=120, help_text=_("As it is printed on papers, such as MUDr. Eva Malá.")
    )
    register_number = forms.CharField(
        label=_("Number in the register of health workers (NRZP)"),
        max_length=40,
        help_text=_("Nine digits."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    facility_part = forms.CharField(
        label=_("Part of the facility (PČZ)"),
        max_length=40,
        help_text=_("Three digits, such as 001."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).translate(_INVISIBLE).split())
        if not any(character.isalpha() for character in name):
            raise ValidationError(_("Write the name."))
        return name

    def clean_register_number(self) -> str:
        return _digits(self.cleaned_data["register_number"], _NRZP, str(_("The number has nine digits.")))

    def clean_facility_part(self) -> str:
        return _digits(self.cleaned_data["facility_part"], _PCZ, str(_("PČZ has three digits.")))

    def details(self, user: User | None, *, is_doctor: bool) -> WorkerDetails:
        """What was filled in, for the account `user`; that somebody is a doctor is the manager's word."""
        typed = self.cleaned_data
        return WorkerDetails(
            name=typed["name"],
            register_number=typed["register_number"],
            facility_part=typed["facility_part"],
            is_doctor=is_doctor,
            user=user,
        )


class WorkerForm(MyWorkerForm):
    """The particulars of any health worker of the site, with their account if they log in."""

    is_doctor = forms.BooleanField(
        label=_("Is a doctor"), required=False, help_text=_("Doctors answer for doses and may be chosen at each one.")
    )
    user = forms.ModelChoiceField(
        label=_("Account"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("does not log in"),
        help_text=_("Of the staff of this site."),
    )

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        field.queryset = accounts
        field.label_from_instance = lambda one: one.get_full_name() or one.get_username()


class StationForm(forms.Form):
    """The name of a new station."""

    name = forms.CharField(
        label=_("Name of the station"), max_length=40, help_text=_("As it stands on the door, such as 1 or A.")
    )

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).translate(_INVISIBLE).split())
        if not name:
            raise ValidationError(_("Write the name."))
        return name


def shown(worker: HealthWorker | None) -> dict[str, Any]:
    """The particulars of the row, to begin a form with."""
    if worker is None:
        return {}
    fields = ("name", "register_number", "facility_part", "is_doctor")
    return {**{name: getattr(worker, name) for name in fields}, "user": worker.user_id}


def _digits(typed: str, how_many: int, message: str) -> str:
    found = "".join(str(typed).translate(_INVISIBLE).split()).lower().translate(_CZECH_DIGITS)
    if not (len(found) == how_many and found.isascii() and found.isdigit()):
        raise ValidationError(message)
    return found
