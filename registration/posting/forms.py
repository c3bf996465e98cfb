"""What staff type about letters."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crs.typed_numbers import WholeNumberField


class ReturnedForm(forms.Form):
    """The number of a letter that the post brought back; it counts once whoever typed it has seen whose it is."""

    number = WholeNumberField(
        label=_("Number of the letter"),
        help_text=_("It stands above the address, in the window of the envelope."),
        lowest=1,
        highest=2**62,
        error_messages={
            "required": _("Write the number of the letter."),
            "invalid": _("Write the number of the letter in digits."),
        },
    )
    is_seen = forms.BooleanField(required=False, widget=forms.HiddenInput)


class PrintForm(forms.Form):
    """A second print is asked for by hand, since two prints of a letter are two letters."""

    again = forms.BooleanField(
        label=_("The print was spoilt and is thrown away. Print the batch again."), required=False
    )


class PostedForm(forms.Form):
    """Posting cannot be taken back, so one press of a button is too little for it."""

    is_at_post = forms.BooleanField(
        label=_("All letters of the batch are at the post office."),
        error_messages={"required": _("Tick that the letters are at the post office. Their texts are erased then.")},
    )
