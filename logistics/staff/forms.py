"""Forms to accept an invitation and to invite colleagues."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.accounts.forms import NewPasswordForm
from crs.sometimes_needed import sometimes_needed
from crs.typed import EmailField
from logistics.models import Region, Role


class InvitationForm(forms.Form):
    """The e-mail that was invited, and the code that came to it."""

    email = EmailField(
        label=_("E-mail"),
        help_text=_("The one to which the invitation came."),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"required": _("Fill in your e-mail.")},
    )
    code = typed.PlainField(
        label=_("Code from the invitation"),
        help_text=_("Ten letters and digits, such as ABCDE 23456."),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Fill in the code from the invitation.")},
    )


class NewAccountForm(NewPasswordForm):
    """Name and password of a new colleague."""

    field_order = ("first_name", "last_name", "password", "again")
    first_name = typed.PlainField(
        label=_("First name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "given-name"}),
        error_messages={"required": _("Fill in your first name.")},
    )
    last_name = typed.PlainField(
        label=_("Last name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "family-name"}),
        error_messages={"required": _("Fill in your last name.")},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, user=User(username=email, email=email), **kwargs)

    def clean(self) -> dict[str, Any]:
        """The password must not resemble the name either."""
        self.user.first_name = self.cleaned_data.get("first_name", "")
        self.user.last_name = self.cleaned_data.get("last_name", "")
        return super().clean()


class KnownAccountForm(forms.Form):
    """The password of the account that the invited person has already."""

    password = typed.PasswordField(
        label=_("Your password"),
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("Fill in your password.")},
    )


class InviteForm(forms.Form):
    """An e-mail and one of `roles`, which the person may give."""

    email = EmailField(
        label=_("E-mail of the colleague"),
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"required": _("Fill in the e-mail of the colleague.")},
    )
    role = forms.ChoiceField(
        label=_("Role"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role.")},
    )

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        field.choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class OfficeInviteForm(InviteForm):
    """An e-mail and a role of a region, the distributor or the ministry."""

    region = sometimes_needed(
        forms.ModelChoiceField(
            label=_("Region"),
            help_text=_("For a regional coordinator; for the field team where it works in one region only."),
            queryset=Region.objects.all(),
            required=False,
        )
    )

    def clean(self) -> dict[str, Any]:
        """The region where the role needs one, and nowhere else."""
        filled = super().clean() or {}
        if filled.get("role") == Role.REGION and not filled.get("region"):
            self.add_error("region", _("Choose the region of the coordinator."))
        elif filled.get("role") not in (Role.REGION, Role.SUPPORT_L1):
            filled["region"] = None
        return filled
