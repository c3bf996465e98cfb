"""What staff type about letters."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReturnedForm(forms.Form):
    """The number of a letter that the post brought back."""

    number = forms.IntegerField(
        label=_("Number of the letter"),
        help_text=_("It stands above the address, in the window of the envelope."),
        min_value=1,
        max_value=2**62,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": _("Write the number of the letter."),
            "invalid": _("Write the number of the letter in digits."),
        },
    )


class PrintForm(forms.Form):
    """A second print is asked for by hand, since two prints of a letter are two letters."""

    again = forms.BooleanField(
        label=_("The print was spoilt and is thrown away. Print the batch again."), required=False
    )
