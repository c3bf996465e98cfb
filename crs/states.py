"""The states of the world: their codes (ISO 3166-1, two letters), and their names in the languages of the pages."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from babel import Locale
from django.conf import settings
from django.utils.choices import BaseChoiceIterator
from django.utils.functional import Promise
from django.utils.translation import get_language

from crs.czech_order import czech_order

CZECHIA = "CZ"
# The citizenships of most foreigners in Czechia (source: Czech Statistical Office, foreigners by citizenship).
COMMON_STATES = ("SK", "UA", "VN", "PL", "RU")
# Territories of CLDR that are no codes of ISO 3166-1, but unions, outlying parts of states, and codes for tests.
# Kosovo (XK) stays: it has no code of ISO, and its passports are recognised in Czechia.
_NOT_STATES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ", "AQ", "BV", "HM"}
)
# Letters that do not stand in them, such as a space, come first.
_ALPHABETS = {"uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "vi": "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"}
# Grave, acute, tilde, hook above, dot below.
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


def state_name(country: str, language: str | None = None) -> str:
    """The name of the state, by default in the language of the page; "" for none."""
    return _names(_language(language)).get(country, "")


def states(language: str | None = None) -> list[tuple[str, str]]:
    """Code and name of all states, in the order of the alphabet."""
    return list(_sorted(_language(language)))


class OfferedStates(BaseChoiceIterator):
    """All states as choices of a field: the `first`, those from which most people come, and the others.

    In the language of the page, from a list that is made once. Django looks at the choices of a field with each
    drawing and each check, and makes those that a function returns anew each time: 250 pairs.
    """

    def __init__(self, *first: str, empty: str | Promise | None = None) -> None:
        self._first = first
        self._empty = empty

    def __iter__(self) -> Iterator[tuple[str, str | Promise]]:
        """Code and name; `empty` is what an empty answer is called."""
        if self._empty is not None:
            yield "", self._empty
        yield from _offered(_language(None), self._first)


@cache
def _offered(language: str, first: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    above = (*first, *COMMON_STATES)
    names = _names(language)
    return (*((code, names[code]) for code in above), *(one for one in _sorted(language) if one[0] not in above))


def _language(language: str | None) -> str:
    code = (language or get_language() or "cs")[:2]
    return code if code in dict(settings.LANGUAGES) else "cs"


@cache
def _names(language: str) -> dict[str, str]:
    territories = Locale(language).territories
    return {
        code: str(name)
        for code, name in territories.items()
        if re.fullmatch("[A-Z]{2}", code) and code not in _NOT_STATES
    }


@cache
def _sorted(language: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(_names(language).items(), key=lambda item: _order(language, item[1])))


def _order(language: str, name: str) -> str | list[int]:
    """The key to sort a name by. The alphabets of Ukrainian and Vietnamese do not stand in the order of their codes."""
    if language not in _ALPHABETS:
        return czech_order(name)
    alphabet = _ALPHABETS[language]
    # A Vietnamese tone does not count; the marks that make another letter of it do.
    letters = unicodedata.normalize("NFC", _TONES.sub("", unicodedata.normalize("NFD", name.casefold())))
    return [alphabet.find(letter) for letter in letters]
