"""The form of a report's period."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from logistics.reports.queries import Period

USUAL_DAYS = 30
MOST_DAYS = 366
# The day before or after the first or last day that there is cannot be computed.
DAYS_OF_REPORTS = (MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2099, 12, 31)))


class PeriodForm(forms.Form):
    """The first and the last day of a report; empty means the last thirty days."""

    od = forms.DateField(
        label=_("From the day"),
        required=False,
        validators=DAYS_OF_REPORTS,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        localize=False,
    )
    do = forms.DateField(
        label=_("To the day"),
        required=False,
        validators=DAYS_OF_REPORTS,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        localize=False,
    )

    def clean(self) -> dict[str, Any]:
        """Require that the days rise and span a year at most."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("od"), data.get("do")
        if first and last and first > last:
            raise ValidationError(_("The first day must not be after the last one."))
        if first and last and (last - first).days >= MOST_DAYS:
            raise ValidationError(_("Choose a year at most."))
        return data

    def period(self, today: date) -> Period:
        """The chosen period; a day that was left out or is wrong is filled in."""
        chosen = self.cleaned_data if self.is_valid() else {}
        first, last = chosen.get("od"), chosen.get("do")
        if last is None:
            # From a first day long ago the period is a year; from one in the future it is that day.
            is_long_ago = first is not None and first < before(today, MOST_DAYS)
            last = first + timedelta(days=MOST_DAYS - 1) if first and is_long_ago else max(first or today, today)
        return Period(first=first or before(last, USUAL_DAYS), last=last)


def before(last: date, days: int) -> date:
    """The first of `days` days that end with `last`."""
    return max(date.min + timedelta(days=days), last) - timedelta(days=days - 1)
