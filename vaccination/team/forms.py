"""Forms about the team of a site."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crs.typed import NumberField, PlainField
from crs.users import name_of_user
from vaccination.models import HealthWorker
from vaccination.team.workers import WorkerDetails


class MyWorkerForm(forms.Form):
    """The particulars of a health worker, as a dose names them."""

    name = PlainField(
        label=_("Name with titles"), max_length=120, help_text=_("As it is printed on papers, such as MUDr. Eva Malá.")
    )
    register_number = NumberField(
        label=_("Number in the register of health workers (NRZP)"),
        digits=9,
        help_text=_("Nine digits."),
        error_messages={"invalid": _("The number has nine digits.")},
    )
    facility_part = NumberField(
        label=_("Part of the facility (PČZ)"),
        digits=3,
        help_text=_("Three digits, such as 001."),
        error_messages={"invalid": _("PČZ has three digits.")},
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not any(character.isalpha() for character in name):
            raise ValidationError(_("Write the name."))
        return name

    def details(self, user: User | None, *, is_doctor: bool) -> WorkerDetails:
        """The particulars that were filled in, for the account `user`; the manager alone says who is a doctor."""
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
        field.label_from_instance = name_of_user


class StationForm(forms.Form):
    """The name of a new station."""

    name = PlainField(
        label=_("Name of the station"),
        max_length=40,
        help_text=_("As it stands on the door, such as 1 or A."),
        error_messages={"required": _("Write the name.")},
    )


def shown(worker: HealthWorker | None) -> dict[str, Any]:
    """The particulars of the row, to begin a form with."""
    if worker is None:
        return {}
    fields = ("name", "register_number", "facility_part", "is_doctor")
    return {**{name: getattr(worker, name) for name in fields}, "user": worker.user_id}
