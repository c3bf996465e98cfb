"""What a caller writes down, and the time that was agreed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crs.typed_numbers import IntegerField
from reservation.models import AffectedCall

_CHOOSE = _("Choose a time.")


class CallForm(forms.Form):
    """What came of a call."""

    outcome = forms.ChoiceField(
        label=_("What came of the call"),
        choices=AffectedCall.Outcome,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Press one of the buttons.")),
    )


class TimeForm(forms.Form):
    """The slot that the person agreed to."""

    slot = IntegerField(
        label=_("Free times of the day"),
        min_value=1,
        max_value=2**62,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _CHOOSE),
    )
