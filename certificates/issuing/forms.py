"""The form of a decision about what is held."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crs.typed import PlainField


class DecisionForm(forms.Form):
    """Why it is released or rejected; the button says which."""

    reason = PlainField(
        label=_("Why"),
        max_length=300,
        help_text=_("For example: a mobile team entered the doses of two days. It is kept in the history."),
    )
