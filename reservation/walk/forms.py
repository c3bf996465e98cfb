"""What people type on the way to a reservation."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.captcha.forms import CaptchaForm
from crs.errors import DomainError
from logistics.models import District, Region
from registration import number as registration_number
from registration.telephones import phone as telephone
from reservation import errors
from reservation.inviting import pin2

# What people write before a registration number.
_NAMES = ("registrační", "registracni", "reg", "číslo", "cislo", "č")
LARGEST_KEY = BigIntegerField.MAX_BIGINT


class LogInForm(forms.Form):
    """Telephone, or registration number, and PIN2; `logging_in.log_in` checks whether they belong together."""

    phone = typed.PlainField(
        label=_("Telephone or registration number"),
        help_text=_(
            "The telephone that you gave when you registered. If we write to you by letter: the registration number "
            "from the letter."
        ),
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": _("Fill in your telephone or registration number.")},
    )
    pin2 = typed.PlainField(
        label=_("PIN2"),
        help_text=_("Eight digits from the SMS or from the letter, such as 1234 5678."),
        max_length=40,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"}),
        error_messages={"required": _("Fill in PIN2 from the SMS or from the letter.")},
    )

    def clean_phone(self) -> str:
        """The telephone in E.164, or the nine digits of a registration number."""
        text = self.cleaned_data["phone"]
        try:
            return telephone.parse(text)
        except DomainError as error:
            digits = typed.unnamed(text, *_NAMES)
            if registration_number.is_valid(digits):
                return digits
            # No telephone here begins so, and every registration number does.
            is_number = digits.isdecimal() and digits.startswith("1")
            mistyped = _("This is not a registration number. Please compare its nine digits with those in the letter.")
            raise ValidationError(mistyped if is_number else str(error)) from error

    def clean_pin2(self) -> str:
        """Eight digits."""
        try:
            return pin2.parse(self.cleaned_data["pin2"])
        except errors.LogInError as error:
            raise ValidationError(str(error)) from error


class CheckedLogInForm(LogInForm, CaptchaForm):
    """Telephone, PIN2 and the captcha, for a number with several wrong tries.

    Where the page had no captcha yet, so the browser sent none, the field says why it is asked for.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["captcha"].error_messages["required"] = errors.CaptchaNeeded.message


def pressed_slot(data: QueryDict) -> int | None:
    """The key of the slot behind the button that was pressed; None for anything else.

    It is no form: nobody types here, and a form took a twentieth of the work of the busiest request.
    """
    key = data.get("slot", "")
    is_key = key.isascii() and key.isdigit() and 1 <= int(key[:20]) <= LARGEST_KEY and len(key) < 20
    return int(key) if is_key else None


class ConfirmForm(CaptchaForm):
    """The last click. It names the hold that the page showed, because another tab may have taken another one."""

    reservation = forms.UUIDField(widget=forms.HiddenInput)


class SiteFilterForm(forms.Form):
    """Where to look for a site: a region, and a district in it.

    It is a filter in the address, not a form that can be wrong: an unknown code, or a district left
    over from another region, counts as not chosen. `region` and `district` are codes or empty texts, `suggested` is the
    region that nobody chose yet.
    """

    use_required_attribute = False

    kraj = forms.ChoiceField(label=_("Region"))
    okres = forms.ChoiceField(label=_("District"))

    def __init__(
        self,
        *,
        region: str,
        district: str,
        regions: list[Region],
        districts: list[District],
        is_guess: bool = False,
        suggested: str = "",
    ) -> None:
        """`is_guess`: nobody chose the region, so the districts of all others can be chosen at once.

        `suggested` is the guess of the page before: a district that was chosen there beside it decides.
        """
        region_of: dict[str, str] = {one.code: one.region_id for one in districts}
        known = region if region in region_of.values() else ""
        self.region = region_of.get(district, known) if known in ("", suggested) else known
        self.suggested = self.region if is_guess else ""
        self.district = district if region_of.get(district) == self.region else ""
        super().__init__(initial={"kraj": self.region, "okres": self.district})
        self._offer("kraj", [("", _("All regions")), *((one.code, one.name) for one in regions)])
        by_region: list[Any] = [
            (one.name, [(each.code, each.name) for each in districts if each.region_id == one.code])
            for one in regions
            if is_guess or self.region in ("", one.code)
        ]
        self._offer("okres", [("", _("All districts")), *by_region])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = choices
