"""Durations in words, as people write them: '31 days', '2 hours'."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crs.typed import ordinary

# Days, hours and minutes, Czech and English; 'm' begins the word for months, too, which are no minutes.
_UNIT = r"d(?:[ena][^\W\d]*)?|h(?:[or][^\W\d]*)?|m(?:in[^\W\d]*)?"
_PART = re.compile(rf"([0-9]{{1,5}})\s*({_UNIT})(?![^\W\d])\.?[\s,]*(?:a\s|and\s)?\s*", re.IGNORECASE)
_AS_DJANGO_WRITES_IT = re.compile(r"([0-9]+ )?[0-9]{2}:[0-9]{2}:[0-9]{2}")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


def in_words(keeps: timedelta) -> str:
    """`keeps` in words as days, hours and minutes, without those that are 0."""
    hours, rest = divmod(keeps.seconds, 3600)
    minutes = rest // 60
    parts = []
    if keeps.days:
        parts.append(ngettext("%(count)s day", "%(count)s days", keeps.days) % {"count": keeps.days})
    if hours:
        parts.append(ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours})
    if minutes:
        parts.append(ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes})
    return " ".join(parts)


class DurationInWordsField(forms.DurationField):
    """Shows a duration in words and reads it back; also '31 00:00:00' as Django writes it."""

    def prepare_value(self, value: Any) -> Any:
        """The text in the field."""
        return in_words(value) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> timedelta | None:
        """The duration, None where the field is empty. Raises ValidationError."""
        if not isinstance(value, str):
            return super().to_python(value)
        text = ordinary(value)
        if text and not _PART.sub("", text):
            return sum((int(count) * _UNITS[unit[0].lower()] for count, unit in _PART.findall(text)), timedelta())
        # Django would take a number alone for seconds, and '30:00' for half an hour.
        if text and not _AS_DJANGO_WRITES_IT.fullmatch(text):
            raise ValidationError(_("Write it such as 31 days or 2 hours."), code="invalid")
        return super().to_python(text)
