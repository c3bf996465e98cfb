"""The reason for opening a timeline."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crs.typed import PlainField

LONGEST_REASON = 200


class OpeningForm(forms.Form):
    """Why somebody who is not here today is looked up."""

    reason = PlainField(
        label=_("Why do you open it?"),
        help_text=_("The person in question will be able to read it. Such as: they called about their second dose."),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Write why you open the timeline.")},
    )

    def clean_reason(self) -> str:
        """Words that somebody can read."""
        reason: str = self.cleaned_data["reason"]
        if sum(character.isalnum() for character in reason) < 3:
            raise forms.ValidationError(_("Write why you open the timeline."))
        return reason
