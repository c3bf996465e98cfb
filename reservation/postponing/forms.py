"""What is typed about an illness: one day."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.typed import PlainField
from crs.typed_moment import parse_day

# Of an isolation that goes on, the end is known some weeks ahead; one of years ago postpones nothing.
LONGEST_AHEAD = timedelta(days=60)
LONGEST_AGO = timedelta(days=730)


class PostponementForm(forms.Form):
    """When the isolation ended, or will end."""

    ended_on = PlainField(
        label=_("Last day of the isolation"),
        help_text=_("The day on which the isolation ended or will end, such as 11. 1. 2027."),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Fill in the last day of the isolation.")},
    )

    def clean_ended_on(self) -> date:
        """The day as people write it; without a year it is the latest one that has come."""
        today = timezone.localdate()
        try:
            day = parse_day(self.cleaned_data["ended_on"], today=today)
        except ValueError as error:
            raise ValidationError(_("Write the day as day, month and year, such as 11. 1. 2027.")) from error
        if not today - LONGEST_AGO <= day <= today + LONGEST_AHEAD:
            raise ValidationError(_("Check the day: it is too long ago, or too far ahead."))
        return day
