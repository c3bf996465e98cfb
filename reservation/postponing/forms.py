"""What is typed about an illness: one day."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import DayField

# Of an isolation that goes on, the end is known some weeks ahead; one of years ago postpones nothing.
LONGEST_AHEAD = timedelta(days=60)
LONGEST_AGO = timedelta(days=730)


class PostponementForm(forms.Form):
    """When the isolation ended, or will end."""

    ended_on = DayField(
        label=_("Last day of the isolation"),
        help_text=_("The day on which the isolation ended or will end, such as 11. 1. 2027."),
        error_messages={"required": _("Fill in the last day of the isolation.")},
    )

    def clean_ended_on(self) -> date:
        """A day that an isolation of now or of not long ago ended on."""
        today = timezone.localdate()
        day: date = self.cleaned_data["ended_on"]
        if not today - LONGEST_AGO <= day <= today + LONGEST_AHEAD:
            raise ValidationError(_("Check the day: it is too long ago, or too far ahead."))
        return day
