"""Forms about batches."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crs import typed

LONGEST_REASON = 300
_reason_widget = forms.Textarea({"rows": 3})


class BatchSearchForm(forms.Form):
    """The search of batches by their number or a part of it."""

    sarze = typed.PlainField(
        label=_("Batch number"),
        help_text=_("As on the vial, or a part of it."),
        required=False,
        max_length=20,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )


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

    expires_on = forms.DateField(
        label=_("Last day on which it may be used"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        localize=False,
        error_messages={"required": _("Fill in the day."), "invalid": _("Write the day such as 31. 8. 2021.")},
    )
    reason = typed.LinesField(
        label=_("Reason"),
        help_text=_("Such as the decision of EMA that made the life of the vaccine longer."),
        max_length=LONGEST_REASON,
        widget=_reason_widget,
        error_messages={"required": _("Write who decided it and why.")},
    )
