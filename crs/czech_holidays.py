"""Public holidays of the Czech Republic by day, with their names."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays

_SPOKEN = {"en": "en_US", "uk": "uk"}


@lru_cache(maxsize=32)
def names_in(year: int, language: str) -> Mapping[date, str]:
    """The holidays of the year, named in the language of the page where it has names for them, else in Czech."""
    return dict(holidays.country_holidays("CZ", years=year, language=_SPOKEN.get(language[:2], "cs")))


def is_holiday(day: date) -> bool:
    """Whether it is a public holiday, Good Friday and Easter Monday among them."""
    return day in names_in(day.year, "cs")
