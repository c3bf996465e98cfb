"""The forms of opening rules. They check shape; `rules` says what may be saved."""

import re
import unicodedata
from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.typed import CZECH_KEYS, plain
from crs.typed_moment import DayField
from crs.typed_numbers import WholeNumberField
from logistics.models import VaccinationSite, Vaccine, WeekdayHours
from logistics.sites.opening_hours import week_of
from reservation.models import OLDEST, YOUNGEST
from reservation.models.calendars import LONGEST_MINUTES, SHORTEST_MINUTES
from reservation.opening.drafts import Draft, Span
from reservation.opening.words import typed_hours

MOST_SEATS = 1000
MOST_SPANS = 4
WEEKEND = 5
# A time as people write it: 8, 8:00, 8,30, 800, 8h, 8.00 hod.
_AT = r"(?<!\d)(\d{1,2})(?:[:.,h]?(\d{2}))?(?!\d)(?: ?h(?:od(?:in)?)?\b)?\.?"
_TO = r" ?(?:[-‐‑‒–—―−]| do | až | to ) ?"
# Such as 8-12 or od 8 do 12; in 8-12,13-16 the 13 is no minute.
_SPAN = re.compile(rf"(?:\bod )?{_AT}{_TO}{_AT}(?!{_TO})")
_BETWEEN_SPANS = re.compile(r"(?:[ ,;/+]|\ba\b|\band\b)*")


class HoursField(forms.CharField):
    """The hours of one day as people type them, '8–12, 13:00–16:00'; empty where it is closed."""

    default_error_messages = {
        "invalid": _("Write the hours as 8:00–12:00, 13:00–16:00. Leave it empty where the site is closed."),
        "midnight": _("Write 23:59 instead of 24:00: a rule cannot be open past the end of the day."),
        "order": _("The hours must follow one another: each span ends after it begins and before the next one begins."),
    }

    def __init__(self, weekday: int) -> None:
        widget = forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
        super().__init__(label=WeekdayHours.Weekday(weekday).label, required=False, max_length=100, widget=widget)
        self.weekday = weekday

    def clean(self, value: Any) -> Any:
        """The spans of the day."""
        text = plain(unicodedata.normalize("NFKC", super().clean(value) or "")).lower()
        if not any(character.isdigit() for character in text):
            text = text.translate(CZECH_KEYS)
        found = list(_SPAN.finditer(text))
        if not _BETWEEN_SPANS.fullmatch(_SPAN.sub("", text)) or len(found) > MOST_SPANS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        spans = [Span(self.weekday, self._at(one[1], one[2]), self._at(one[3], one[4])) for one in found]
        ends = [span.closes_at for span in spans]
        begins = [span.opens_at for span in spans]
        if any(end <= begin for begin, end in zip(begins, ends, strict=True)) or any(
            begin < end for begin, end in zip(begins[1:], ends, strict=False)
        ):
            raise ValidationError(self.error_messages["order"], code="order")
        return spans

    def _at(self, hour: str, minute: str | None) -> time:
        if int(hour) == 24 and not int(minute or 0):
            raise ValidationError(self.error_messages["midnight"], code="midnight")
        try:
            return time(int(hour), int(minute or 0))
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class RuleForm(forms.Form):
    """By what rule a site opens for a vaccine."""

    vaccine = forms.ModelChoiceField(
        label=_("Vaccine"),
        queryset=Vaccine.objects.order_by("name__czech"),
        empty_label=None,
        error_messages={"required": _("Choose the vaccine.")},
    )
    valid_from = DayField(
        label=_("The rule holds from the day"),
        needs_year=True,
        help_text=_("Such as 3. 5. 2027."),
        error_messages={"required": _("Write the first day.")},
    )
    valid_until = DayField(
        label=_("Until the day"),
        needs_year=True,
        required=False,
        help_text=_("Empty: until another rule says otherwise."),
    )
    minutes = WholeNumberField(
        label=_("Length of an interval in minutes"),
        lowest=SHORTEST_MINUTES,
        highest=LONGEST_MINUTES,
        units=("minut", "min.", "min"),
        help_text=_("How often people come, such as 15."),
        error_messages={"required": _("Write the length of an interval.")},
    )
    seats = WholeNumberField(
        label=_("Seats in an interval"),
        lowest=1,
        highest=MOST_SEATS,
        help_text=_("How many people come in each interval."),
        error_messages={"required": _("Write how many people come.")},
    )
    first_percent = WholeNumberField(
        label=_("Only for first doses (%)"),
        lowest=0,
        highest=100,
        units=("%",),
        required=False,
        help_text=_("Empty: none."),
    )
    second_percent = WholeNumberField(
        label=_("Only for second and later doses (%)"),
        lowest=0,
        highest=100,
        units=("%",),
        required=False,
        help_text=_("Empty: none."),
    )
    substitute_percent = WholeNumberField(
        label=_("For substitutes (%)"),
        lowest=0,
        highest=100,
        units=("%",),
        required=False,
        help_text=_("Nobody books these seats; the site gives them to people whom it calls."),
    )
    youngest_age = WholeNumberField(
        label=_("For people from the age of"),
        lowest=YOUNGEST,
        highest=OLDEST,
        required=False,
        help_text=_("Empty: no limit."),
    )
    oldest_age = WholeNumberField(
        label=_("Up to the age of"), lowest=YOUNGEST, highest=OLDEST, required=False, help_text=_("Empty: no limit.")
    )
    opens_on_holidays = forms.BooleanField(label=_("Open on public holidays, too"), required=False)
    is_tied_to_stock = forms.BooleanField(
        label=_("Offer only seats for which there is vaccine"),
        required=False,
        help_text=_("In the next 7 days: what the site holds and what is on its way or announced."),
    )

    def __init__(
        self,
        *args: Any,
        site: VaccinationSite,
        replaced: Draft | None = None,
        **options: Any,
    ) -> None:
        self.replaced = replaced
        super().__init__(*args, **options)
        self.initial = _initial(site, replaced)
        for weekday in range(7):
            self.fields[f"hours_{weekday}"] = HoursField(weekday)
        if replaced is not None:
            del self.fields["vaccine"]  # another vaccine is another rule
        hours = [f"hours_{weekday}" for weekday in range(7)]
        self.order_fields(["vaccine", "valid_from", "valid_until", *hours, *self.fields])

    @property
    def hours(self) -> list[forms.BoundField]:
        """The fields of the weekdays."""
        return [self[f"hours_{weekday}"] for weekday in range(7)]

    @property
    def before_hours(self) -> list[forms.BoundField]:
        """The fields that stand before the weekdays."""
        return [self[name] for name in ("vaccine", "valid_from", "valid_until") if name in self.fields]

    @property
    def after_hours(self) -> list[forms.BoundField]:
        """The fields that stand after the weekdays."""
        names = {field.name for field in [*self.before_hours, *self.hours]}
        return [field for field in self if field.name not in names]

    def clean_valid_from(self) -> date:
        """A day to come."""
        day: date = self.cleaned_data["valid_from"]
        if day < timezone.localdate():
            raise ValidationError(_("This day has passed. Choose today or a later day."))
        return day

    def clean(self) -> dict[str, Any]:
        """What must hold of several fields together."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = typed.get("valid_from"), typed.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("The rule ends before it begins."))
        youngest, oldest = typed.get("youngest_age"), typed.get("oldest_age")
        if youngest is not None and oldest is not None and oldest < youngest:
            self.add_error("oldest_age", _("The highest age is below the lowest one."))
        if sum(typed.get(name) or 0 for name in ("first_percent", "second_percent", "substitute_percent")) > 100:
            self.add_error("substitute_percent", _("The three shares are more than 100 % together."))
        self._check_hours(typed)
        return typed

    def draft(self) -> Draft:
        """What was typed."""
        typed = self.cleaned_data
        return Draft(
            vaccine_id=self.replaced.vaccine_id if self.replaced else typed["vaccine"].pk,
            valid_from=typed["valid_from"],
            valid_until=typed["valid_until"],
            hours=tuple(span for weekday in range(7) for span in typed[f"hours_{weekday}"]),
            seats=typed["seats"],
            minutes=typed["minutes"],
            first_percent=typed["first_percent"] or 0,
            second_percent=typed["second_percent"] or 0,
            substitute_percent=typed["substitute_percent"] or 0,
            youngest_age=YOUNGEST if typed["youngest_age"] is None else typed["youngest_age"],
            oldest_age=OLDEST if typed["oldest_age"] is None else typed["oldest_age"],
            opens_on_holidays=typed["opens_on_holidays"],
            is_tied_to_stock=typed["is_tied_to_stock"],
        )

    def _check_hours(self, typed: dict[str, Any]) -> None:
        if any(f"hours_{weekday}" in self.errors for weekday in range(7)):
            return
        by_day = [typed.get(f"hours_{weekday}") or [] for weekday in range(7)]
        if not any(by_day):
            self.add_error("hours_0", _("Write the hours of one day at least."))
        for weekday, spans in enumerate(by_day):
            length = timedelta(minutes=typed.get("minutes") or 0)
            if any(_length(span) < length for span in spans):
                self.add_error(f"hours_{weekday}", _("These hours are shorter than one interval."))


class EndForm(forms.Form):
    """When a rule ends."""

    last_day = DayField(
        label=_("The last day on which the site opens by this rule"),
        needs_year=True,
        required=False,
        help_text=_("Such as 3. 5. 2027. Empty: from this moment on it opens no day any more."),
    )

    def clean_last_day(self) -> date | None:
        """A day that has not passed."""
        day: date | None = self.cleaned_data["last_day"]
        if day and day < timezone.localdate():
            raise ValidationError(_("This day has passed. Choose today or a later day."))
        return day


class PeopleForm(forms.Form):
    """What becomes of the people whose time the site offers no more."""

    KEEP, HAND_OVER = "keep", "hand_over"
    people = forms.ChoiceField(
        label=_("What about these people?"),
        choices=[
            (KEEP, _("They come as they are booked. Nobody is told anything.")),
            (HAND_OVER, _("They need another time. Each is told so, and stands in the list to call.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what becomes of the people who are booked.")},
    )


def _initial(site: VaccinationSite, replaced: Draft | None) -> dict[str, Any]:
    today = timezone.localdate()
    tomorrow = today + timedelta(days=1)
    if replaced is None:
        week = list(enumerate(week_of(site)[:WEEKEND]))
        spans = [Span(weekday, hours.opens_at, hours.closes_at) for weekday, hours in week if hours]
        return {"valid_from": tomorrow, "minutes": 15, **_typed_hours(spans)}
    names = ("valid_until", "minutes", "seats", "first_percent", "second_percent", "substitute_percent")
    return {
        **{name: getattr(replaced, name) or None for name in names},
        "valid_from": max(tomorrow, replaced.valid_from),
        "youngest_age": replaced.youngest_age or None,
        "oldest_age": None if replaced.oldest_age == OLDEST else replaced.oldest_age,
        "opens_on_holidays": replaced.opens_on_holidays,
        "is_tied_to_stock": replaced.is_tied_to_stock,
        **_typed_hours(list(replaced.hours)),
    }


def _typed_hours(spans: list[Span]) -> dict[str, str]:
    return {f"hours_{weekday}": typed_hours(span for span in spans if span.weekday == weekday) for weekday in range(7)}


def _length(span: Span) -> timedelta:
    opens, closes = (timedelta(hours=at.hour, minutes=at.minute) for at in (span.opens_at, span.closes_at))
    return closes - opens
