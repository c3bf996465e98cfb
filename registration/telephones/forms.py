"""The forms of steps 1 and 2: a telephone, and the PIN sent to it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.captcha.forms import CaptchaForm
from registration.telephones import phone
from registration.telephones.errors import InvalidPhone
from registration.telephones.verification import PIN_DIGITS


class PhoneForm(CaptchaForm):
    """Step 1."""

    phone = typed.PlainField(
        label=_("Mobile telephone number"),
        help_text=_("We will send an SMS with a PIN there. For example 601 234 567."),
        error_messages={"required": _("Please fill in your telephone number.")},
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        """The number in E.164, one that gets our SMS."""
        try:
            return phone.parse_for_sms(self.cleaned_data["phone"])
        except InvalidPhone as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class PinForm(forms.Form):
    """Step 2."""

    pin = typed.PlainField(
        label=_("PIN from the SMS"),
        help_text=_("Six digits."),
        error_messages={"required": _("Please fill in the PIN from the SMS.")},
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )

    def clean_pin(self) -> str:
        """Six digits; what is copied with them does not matter."""
        pin = typed.unnamed(self.cleaned_data["pin"], "pin")
        if not (pin.isascii() and pin.isdigit()):
            raise forms.ValidationError(_("The PIN is made of digits only. Please copy the six digits from the SMS."))
        if len(pin) != PIN_DIGITS:
            raise forms.ValidationError(_("The PIN has six digits. Please check that none is missing or too many."))
        return pin


class ResendForm(CaptchaForm):
    """Another PIN; the captcha is shown and looked at only where the verification needs one."""
