"""Forms to log in, to set up the second factor and to choose a new password."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.typed import EmailField

_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"}


class LogInForm(forms.Form):
    """The first step: name and password."""

    name = typed.PlainField(
        label=_("E-mail or user name"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Fill in your e-mail or user name.")},
    )
    password = typed.PasswordField(
        label=_("Password"),
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("Fill in your password.")},
    )

    def clean_name(self) -> str:
        """Put an e-mail into small letters: people and telephones begin it with a capital."""
        name: str = self.cleaned_data["name"]
        return typed.email(name).lower() if "@" in name else name


class CodeForm(forms.Form):
    """The second step: the code of this half minute, or a recovery code."""

    code = typed.PlainField(
        label=_("Code from the app"),
        help_text=_("Six digits that change every half minute. If you have lost the app, type a recovery code."),
        max_length=40,
        widget=forms.TextInput({**_CODE, "inputmode": "text"}),
        error_messages={"required": _("Fill in the code that the app shows.")},
    )


class SetUpForm(forms.Form):
    """The first code of a new app; it proves that the app has the key."""

    code = typed.PlainField(
        label=_("Code from the app"),
        help_text=_("Six digits that the app shows after you added the account."),
        max_length=40,
        widget=forms.TextInput(_CODE),
        error_messages={"required": _("Fill in the code that the app shows.")},
    )


class ReplaceForm(SetUpForm):
    """A new app instead of the old one, which must be at hand too."""

    field_order = ("old_code", "code")
    old_code = typed.PlainField(
        label=_("Code from the present app"),
        help_text=_("Or a recovery code."),
        max_length=40,
        widget=forms.TextInput({**_CODE, "inputmode": "text", "autocomplete": "off"}),
        error_messages={"required": _("Fill in the code that your present app shows.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code from the new app")


class ForgottenForm(forms.Form):
    """The e-mail of an account whose password is forgotten."""

    email = EmailField(
        label=_("E-mail"),
        help_text=_("The one to which your invitation came."),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"required": _("Fill in your e-mail.")},
    )

    def clean_email(self) -> str:
        """Put it into small letters: people and telephones begin it with a capital."""
        email: str = self.cleaned_data["email"]
        return email.lower()


class ResetCodeForm(ForgottenForm):
    """The e-mail of the account, and the code that came to it."""

    code = typed.PlainField(
        label=_("Code from the e-mail"),
        help_text=_("Ten letters and digits, such as ABCDE 23456."),
        max_length=40,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("Fill in the code from the e-mail.")},
    )


class NewPasswordForm(forms.Form):
    """A new password of `user`, twice."""

    password = typed.PasswordField(
        label=_("Choose a password"),
        help_text=password_validators_help_text_html,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password.")},
    )
    again = typed.PasswordField(
        label=_("The same password again"),
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": _("Type the password once more.")},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Refuse passwords that differ, or that the validators refuse."""
        filled = super().clean() or {}
        password = filled.get("password")
        if password and filled.get("again") and password != filled["again"]:
            self.add_error("again", _("The passwords differ. Please type both again."))
        elif password:
            try:
                validate_password(password, self.user)
            except ValidationError as error:
                self.add_error("password", error)
        return filled
