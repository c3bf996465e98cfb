"""Forms of observation and of adverse events. They check shape and format; the operations decide."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.sometimes_needed import sometimes_needed
from crs.typed import LinesField, PlainField
from crs.typed_moment import DayField, MomentField
from logistics.stock.forms.entries import number_field
from vaccination.models import AdverseEvent, Dose, HealthWorker
from vaccination.models.observation import Outcome
from vaccination.observation import observation_times, observing
from vaccination.observation.adverse_events import EventEntry, ReactionEntry, require_plausible
from vaccination.observation.errors import WrongTimes

LINES, MORE_LINES, MOST_LINES = 3, 3, 15
LONGEST_TEXT = 4000
_WRONG_MOMENT = _("Write day and time, such as 11. 1. 2027 9:15. Roughly is enough.")


class EarlyLeaveForm(forms.Form):
    """Why somebody goes before the end of the observation."""

    reason = PlainField(
        label=_("Why the person goes earlier"),
        max_length=300,
        help_text=_("Such as: at their own wish, told of the risk."),
        error_messages={"required": _("Write why the person goes earlier.")},
    )


class ProlongForm(forms.Form):
    """How much longer somebody stays, and why."""

    minutes = number_field(_("How many minutes longer"), lowest=observing.SHORTEST, initial=15)
    note = PlainField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Such as: feels dizzy, the doctor decided. Do not write the name."),
        error_messages={"required": _("Write the reason.")},
    )


class ObservationTimeForm(forms.Form):
    """The time of observation at a site, from a day on."""

    minutes = number_field(_("Minutes"), lowest=observation_times.SHORTEST)
    valid_from = DayField(label=_("From the day"), needs_year=True)


class ReactionForm(forms.Form):
    """One reaction; a line without a word is left out."""

    term = sometimes_needed(
        PlainField(
            label=_("Reaction"),
            max_length=50,
            required=False,
            widget=forms.TextInput({"autocomplete": "off"}),
            error_messages={"max_length": _("Write at most 50 characters; the rest belongs to the description below.")},
        )
    )
    started_at = sometimes_needed(
        MomentField(label=_("Began"), required=False, error_messages={"invalid": _WRONG_MOMENT})
    )
    ended_at = MomentField(label=_("Ended"), required=False, error_messages={"invalid": _WRONG_MOMENT})
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, initial=Outcome.UNKNOWN, required=False)

    def __init__(self, *args: Any, dose: Dose, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dose, self._now = dose, now
        self.number = int(str(self.prefix).removeprefix("r")) + 1
        self.entry: ReactionEntry | None = None

    def clean(self) -> dict[str, Any]:
        """Make the entry of the line, or say at its fields what is wrong."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        term, started_at, ended_at = typed["term"], typed["started_at"], typed["ended_at"]
        outcome = typed["outcome"] or Outcome.UNKNOWN
        if not term and not started_at and not ended_at:
            return typed
        if not term:
            self.add_error("term", _("Write what the reaction was."))
        elif not started_at:
            self.add_error("started_at", _("Write when it began: day and time. Roughly is enough."))
        else:
            entry = ReactionEntry(term=term, started_at=started_at, ended_at=ended_at, outcome=outcome)
            try:
                require_plausible(entry, dose=self._dose, now=self._now)
            except WrongTimes as refusal:
                self.add_error(refusal.field, str(refusal))
            else:
                self.entry = entry
        return typed


class EventForm(forms.Form):
    """The words of a reporter about an adverse event, besides its reactions."""

    narrative = LinesField(
        label=_("What happened"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("It is sent to the agency: write neither the name nor the insured person's number."),
        error_messages={"required": _("Describe what happened.")},
    )
    treatment = LinesField(
        label=_("Treatment"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea({"rows": 2})
    )
    intensity = forms.ChoiceField(
        label=_("How strong it was"),
        choices=AdverseEvent.Intensity.choices,
        widget=forms.RadioSelect,
        help_text=_("Mild: easily borne. Moderate: it hinders the person. Severe: the person can do nothing."),
        error_messages={"required": _("Choose how strong it was.")},
    )
    seriousness = forms.MultipleChoiceField(
        label=_("It is serious because of"),
        choices=AdverseEvent.Seriousness.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Mark all that is true. Nothing marked means not serious, however strong it was."),
    )
    is_unexpected = forms.BooleanField(
        label=_("Unexpected"),
        required=False,
        help_text=_("The product information does not name it (section 4.8). If you do not know, leave it unmarked."),
    )
    cause = forms.ChoiceField(
        label=_("Kind of cause"),
        choices=AdverseEvent.Cause.choices,
        initial=AdverseEvent.Cause.UNKNOWN,
        help_text=_("Your guess is enough; the agency judges it. If you do not know, leave ‘not known’."),
    )
    reporter = forms.ModelChoiceField(
        HealthWorker.objects.none(),
        label=_("Reported by"),
        empty_label=_("choose …"),
        error_messages={
            "required": _("Choose the health worker who reports."),
            "invalid_choice": _("This health worker does not work here any more. Choose another one."),
        },
    )

    def __init__(self, *args: Any, reporters: Iterable[HealthWorker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reporter"].queryset = reporters  # type: ignore[attr-defined]


class EventForms:
    """The page of a report: the event and its lines of reactions, which more lines may be asked for."""

    def __init__(
        self,
        posted: QueryDict | None,
        *,
        dose: Dose,
        now: datetime,
        reporters: Iterable[HealthWorker],
        initial: dict[str, Any],
        first_line: dict[str, Any],
    ) -> None:
        wants_more = posted is not None and "more" in posted
        lines = _lines(posted) + (MORE_LINES if wants_more else 0)
        self.lines = min(lines, MOST_LINES)
        self.may_have_more = self.lines < MOST_LINES
        bound = EventForm(posted, reporters=reporters, initial=initial)
        # Where more lines are wanted, what was typed comes back as it is and nothing is judged yet.
        self.event = EventForm(reporters=reporters, initial=_typed(bound)) if wants_more else bound
        self.reactions = []
        for number in range(self.lines):
            start = first_line if number == 0 and posted is None else {}
            line = ReactionForm(posted, prefix=f"r{number}", dose=dose, now=now, initial=start)
            if wants_more:
                line = ReactionForm(prefix=f"r{number}", dose=dose, now=now, initial=_typed(line))
            self.reactions.append(line)
        first = self.reactions[0]
        # The page calls the first line required. It is judged before that, because any one of the lines will do.
        first.is_valid()
        for name in ("term", "started_at"):
            first.fields[name].required = True

    def is_valid(self) -> bool:
        """Whether all is right; the first line says it where there is no reaction at all."""
        valid = [form.is_valid() for form in (self.event, *self.reactions)]
        if all(valid) and not self.entries():
            self.reactions[0].add_error("term", _("Write at least one reaction, with the day and time when it began."))
            return False
        return all(valid)

    @property
    def has_errors(self) -> bool:
        """Whether something is to be put right."""
        return any(form.is_bound and form.errors for form in (self.event, *self.reactions))

    def entries(self) -> list[ReactionEntry]:
        """The reactions that were filled in."""
        return [line.entry for line in self.reactions if line.entry]

    def entry(self) -> EventEntry:
        """The whole entry, of valid forms."""
        typed = self.event.cleaned_data
        return EventEntry(
            reactions=self.entries(),
            intensity=typed["intensity"],
            narrative=typed["narrative"],
            reporter=typed["reporter"],
            seriousness=typed["seriousness"],
            cause=typed["cause"],
            is_unexpected=typed["is_unexpected"],
            treatment=typed["treatment"],
        )


class OutcomeForm(forms.Form):
    """How a reaction ended."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices)
    ended_at = MomentField(
        label=_("Ended"),
        required=False,
        help_text=_("Day and time, such as 11. 1. 2027 9:15. Empty: not known, or it goes on."),
    )


class AdditionForm(forms.Form):
    """News about a report after it was sent."""

    text = LinesField(
        label=_("What was learnt later"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("It is sent to the agency: write neither the name nor the insured person's number."),
        error_messages={"required": _("Write what was learnt.")},
    )


class NullifyForm(forms.Form):
    """Why a report is in error."""

    reason = PlainField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Such as: reported at the wrong person, reported twice."),
        error_messages={"required": _("Write the reason.")},
    )


class DaysForm(forms.Form):
    """The first and last day of a list, named as in its address; both may be empty."""

    od = DayField(label=pgettext_lazy("day", "From"), required=False)
    do = DayField(label=pgettext_lazy("day", "To"), required=False)

    def days(self) -> tuple[date | None, date | None]:
        """The days; of a wrong one, None."""
        self.is_valid()
        return self.cleaned_data.get("od"), self.cleaned_data.get("do")


def _lines(posted: QueryDict | None) -> int:
    typed = posted.get("lines", "") if posted else ""
    return max(LINES, min(MOST_LINES, int(typed))) if typed.isascii() and typed.isdigit() and len(typed) < 4 else LINES


def _typed(form: forms.Form) -> dict[str, Any]:
    """The values in the fields of a form that was sent, for a form that nobody has judged."""
    return {name: form[name].value() for name in form.fields}
