"""Forms about known problems. They check shape; the operations say what may be done."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.typed import LinesField, PlainField
from crs.typed_moment import MomentField
from support.incidents.running import IncidentFacts
from support.incidents.state import DAYS_OF_HISTORY
from support.models import Incident

# A clock may be a little ahead of ours.
_AHEAD = timedelta(minutes=5)


def _text(label: Any, *, rows: int = 5, missing: Any = "", **options: Any) -> LinesField:
    return LinesField(
        label=label,
        max_length=options.pop("max_length", 2000),
        widget=forms.Textarea({"rows": rows}),
        error_messages={"required": missing} if missing else {},
        **options,
    )


def _past(moment: datetime) -> datetime:
    """The moment, not after now. Raises ValidationError."""
    now = timezone.now()
    if moment > now + _AHEAD:
        raise ValidationError(_("This time is still to come. Write a time that has passed."))
    return min(moment, now)


class IncidentForm(forms.Form):
    """What is said of a known problem."""

    title_cs = PlainField(
        label=_("Title in Czech"),
        max_length=160,
        help_text=_("One sentence that everybody understands, such as: SMS s PINem přicházejí pozdě."),
        error_messages={"required": _("Write the title in Czech.")},
    )
    title_en = PlainField(
        label=_("Title in English"), max_length=160, error_messages={"required": _("Write the title in English.")}
    )
    text_cs = _text(
        _("Text in Czech"),
        help_text=_("What does not work, what people can do meanwhile, when you will say more. No personal data."),
        missing=_("Write the text in Czech."),
    )
    text_en = _text(_("Text in English"), missing=_("Write the text in English."))
    severity = forms.ChoiceField(
        label=_("Severity"), choices=Incident.Severity.choices, widget=forms.RadioSelect, initial="DEGRADED"
    )
    is_for_citizens = forms.BooleanField(
        label=_("Tell citizens too"),
        required=False,
        initial=True,
        help_text=_("Without it only staff read of it. With it, the portal and the public page of the state say so."),
    )
    began_at = MomentField(
        label=_("Since when"), help_text=_("Such as 9:15 of today, or 11. 1. 2027 9:15."), initial=timezone.now
    )

    def clean_began_at(self) -> datetime:
        moment = _past(self.cleaned_data["began_at"])
        if moment < timezone.now() - timedelta(days=DAYS_OF_HISTORY):
            raise ValidationError(_("This is too long ago. Write a time within the last 90 days."))
        return moment

    def facts(self) -> IncidentFacts:
        """What was filled in."""
        return IncidentFacts(**self.cleaned_data)


class NewsForm(forms.Form):
    """What was found meanwhile."""

    text_cs = _text(_("News in Czech"), rows=3, missing=_("Write the news in Czech."))
    text_en = _text(_("News in English"), rows=3, missing=_("Write the news in English."))


class EndForm(forms.Form):
    """When it ended."""

    ended_at = MomentField(
        label=_("When it ended"), help_text=_("Such as 9:15 of today, or 11. 1. 2027 9:15."), initial=timezone.now
    )

    def clean_ended_at(self) -> datetime:
        return _past(self.cleaned_data["ended_at"])


class SharedAnswerForm(forms.Form):
    """One answer to all open tickets of the problem."""

    text_cs = _text(
        _("Answer in Czech"), rows=8, max_length=8000, missing=_("Write the answer; it goes out to all of them.")
    )
    text_en = _text(
        _("Answer in English"),
        rows=8,
        max_length=8000,
        required=False,
        help_text=_("For those who are answered in English. Empty: they get the Czech one."),
    )
    resolves = forms.BooleanField(
        label=_("Mark the tickets as resolved"),
        required=False,
        help_text=_("They open again by themselves when the sender writes."),
    )
