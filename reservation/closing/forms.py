"""The form in which a time of a site is closed. It checks shape; `closing` says what may be closed."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed import PlainField, plain
from crs.typed_moment import DayField, TimeField, moment_of
from logistics.models import VaccinationSite, Vaccine
from reservation.closing.closing import LONGEST, ClosureDraft
from reservation.models import Slot

_MIDNIGHT = re.compile(r"24(?:[:.,]?00)?(?: ?h)?")
_NO_SUCH_TIME = _("The clock skips this time on that day. Write another one.")


class EndOfDayField(TimeField):
    """A time at which something ends; 24:00 is as none, the end of the day."""

    def clean(self, value: Any) -> Any:
        """The time, or None."""
        return None if _MIDNIGHT.fullmatch(plain(value or "")) else super().clean(value)


class ClosureForm(forms.Form):
    """From when until when the site is closed, and why."""

    first_day = DayField(
        label=_("Closed from the day"),
        needs_year=True,
        help_text=_("Such as 3. 5. 2027."),
        error_messages={"required": _("Write the first day.")},
    )
    first_time = TimeField(
        label=_("From the time"),
        required=False,
        hour_alone=True,
        help_text=_("Such as 9:00. Empty: from the morning on."),
        error_messages={"invalid": _("Write only the time of the beginning, such as 9:00; the end belongs below.")},
    )
    last_day = DayField(label=_("Until the day"), needs_year=True, required=False, help_text=_("Empty: the same day."))
    last_time = EndOfDayField(
        label=_("Until the time"),
        required=False,
        hour_alone=True,
        help_text=_("Such as 12:00. Empty: until the end of the day."),
        error_messages={"invalid": _("Write only the time of the end, such as 12:00.")},
    )
    vaccine = forms.ModelChoiceField(
        label=_("Which seats"),
        queryset=Vaccine.objects.none(),
        required=False,
        empty_label=pgettext_lazy("seats", "all"),
        help_text=_("Choose a vaccine where only its seats are closed."),
    )
    reason = PlainField(
        label=_("Reason for people"),
        max_length=200,
        help_text=_("People read it in the message about their appointment, such as: The vaccine was not delivered."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Write why: people read it.")},
    )

    def __init__(self, *args: Any, site: VaccinationSite, **options: Any) -> None:
        super().__init__(*args, **options)
        self.site = site
        field: Any = self.fields["vaccine"]
        given = Slot.objects.filter(site=site, starts_at__gt=timezone.now()).order_by().values("vaccine").distinct()
        field.queryset = Vaccine.objects.filter(pk__in=given).order_by("name__czech")

    def clean(self) -> dict[str, Any]:
        """Its two moments, in their order."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if "first_day" not in typed or self.errors:
            return typed
        first, last = typed["first_day"], typed["last_day"] or typed["first_day"]
        if first > timezone.localdate() + LONGEST:
            self.add_error("first_day", _("This day is more than a year away. Check its year."))
            return typed
        typed["starts_at"] = self._moment("first_time", first, typed["first_time"] or time.min)
        if typed["last_time"] is None or (typed["last_time"] == time.min and first == last):
            typed["ends_at"] = _begin_of(last + timedelta(days=1))
        else:
            typed["ends_at"] = self._moment("last_time", last, typed["last_time"])
        if self.errors:
            return typed
        if typed["ends_at"] <= typed["starts_at"]:
            name = "last_time" if first == last else "last_day"
            self.add_error(name, _("The closure ends before it begins."))
        return typed

    def draft(self) -> ClosureDraft:
        """What was typed."""
        typed = self.cleaned_data
        return ClosureDraft(self.site, typed["starts_at"], typed["ends_at"], typed["reason"], typed["vaccine"])

    def _moment(self, name: str, day: date, at: time) -> datetime | None:
        try:
            return moment_of(day, at)
        except ValueError:
            self.add_error(name, ValidationError(_NO_SUCH_TIME))
            return None


def _begin_of(day: date) -> datetime:
    return moment_of(day, time.min)
