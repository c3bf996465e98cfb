"""Papers in Czech and English side by side."""

from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise


@dataclass(frozen=True)
class Both:
    """A text in both languages of the paper."""

    cs: str
    en: str


def in_both(text: str | Promise) -> Both:
    """A text of ours in both languages."""
    with translation.override("cs"):
        czech = str(text)
    with translation.override("en"):
        return Both(czech, str(text))


def day_in_both(day: date, formats: tuple[str, str] = ("j. E Y", "j F Y")) -> Both:
    """A day, or a moment of local time, in words which nobody reads as another one; Czech and English format."""
    with translation.override("cs"):
        czech = date_format(day, formats[0])
    with translation.override("en"):
        return Both(czech, date_format(day, formats[1]))
