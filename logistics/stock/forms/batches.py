"""Forms about batches."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crs import typed
from logistics.vaccines import scanning
from logistics.vaccines.batches import as_kept
from logistics.vaccines.errors import LinearCode, UnreadableScan
from logistics.vaccines.expiry import ExpiryField

LONGEST_REASON = 300
_reason_widget = forms.Textarea({"rows": 3})


class BatchSearchForm(forms.Form):
    """The search of batches by their number or a part of it."""

    sarze = typed.PlainField(
        label=_("Batch number"),
        help_text=_("As on the vial, or a part of it."),
        required=False,
        strip=False,
        max_length=500,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_sarze(self) -> str:
        """The number as batches are kept, also that in a scanned code."""
        text = self.cleaned_data["sarze"]
        if not text.strip():
            return ""
        try:
            number = scanning.recognise(text).batch_number
        except LinearCode:
            return as_kept(text)  # digits alone may be a part of a number
        except UnreadableScan as refusal:
            raise ValidationError(str(refusal)) from refusal
        if not number:
            raise ValidationError(_("This code holds no batch number. Type it by hand."))
        return number


class BlockForm(forms.Form):
    """The reason why a batch must not be used."""

    reason = typed.LinesField(
        label=_("Reason"),
        help_text=_(
            "Everybody who holds the batch will read it, such as: The manufacturer recalls the batch, SÚKL 123/2021."
        ),
        max_length=LONGEST_REASON,
        widget=_reason_widget,
        error_messages={"required": _("Write the reason: whoever holds the batch will read it.")},
    )


class UnblockForm(forms.Form):
    """The reason why a batch may be used again."""

    reason = typed.LinesField(
        label=_("Reason"),
        help_text=_("It stays in the history of the batch."),
        max_length=LONGEST_REASON,
        widget=_reason_widget,
        error_messages={"required": _("Write why the batch may be used again.")},
    )


class ExpiryForm(forms.Form):
    """The last day of a batch, and the decision about it."""

    expires_on = ExpiryField(
        label=_("Last day on which it may be used"),
        help_text=_("Such as 31. 3. 2027; a month such as 03/2027 means its last day."),
        error_messages={"required": _("Fill in the day.")},
    )
    reason = typed.LinesField(
        label=_("Reason"),
        help_text=_("Such as the decision of EMA that made the life of the vaccine longer."),
        max_length=LONGEST_REASON,
        widget=_reason_widget,
        error_messages={"required": _("Write who decided it and why.")},
    )
