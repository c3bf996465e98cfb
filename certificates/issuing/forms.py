"""The form of a decision about what is held."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crs.typed import PlainField


class DecisionForm(forms.Form):
    """Release or reject, and why. Nothing is chosen beforehand: Enter in a field decides nothing by chance."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        widget=forms.RadioSelect,
        choices=[("release", _("Release, issue them")), ("reject", _("Reject, do not issue them"))],
        error_messages={"required": _("Choose whether they are released or rejected.")},
    )
    reason = PlainField(
        label=_("Why"),
        max_length=300,
        help_text=_("For example: a mobile team entered the doses of two days. It is kept in the history."),
        error_messages={"required": _("Write why: it stays in the history.")},
    )
