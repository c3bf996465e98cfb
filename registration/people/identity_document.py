"""The identity document of a person without a Czech insured number (DOMAIN 2.2): its number, its state, its hash."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language

from crs import typed
from crs.czech_order import czech_order
from crs.keyed_hash import keyed_hash
from registration.models import Person
from registration.people.errors import DocumentNumberHasOtherSigns, DocumentNumberIsNone, UnknownState

SHORTEST, LONGEST = 4, 20
# Territories of CLDR that are no codes of ISO 3166-1, but unions, outlying parts of states, and codes for tests.
# Kosovo (XK) stays: it has no code of ISO, and its passports are recognised in Czechia.
_NOT_STATES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ", "AQ", "BV", "HM"}
)


# Letters that do not stand in them, such as a space, come first.
_ALPHABETS = {"uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "vi": "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"}
# Grave, acute, tilde, hook above, dot below.
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


@dataclass(frozen=True)
class IdentityDocument:
    """A document that names one person: made by `parse`, so that one document has one spelling."""

    type: str
    country: str
    number: str

    @property
    def lookup_hash(self) -> str:
        """The keyed hash under which its holder is found without reading the number."""
        return keyed_hash("identity-document", self.type, self.country, self.number)


def parse(*, document_type: str, country: str, number: str) -> IdentityDocument:
    """The document as staff type or scan it. Raises UnknownState and a subclass of InvalidDocumentNumber."""
    if country not in _names("en"):
        raise UnknownState
    return IdentityDocument(Person.DocumentType(document_type).value, country, clean_number(number))


def clean_number(text: str) -> str:
    """The number in upper case, without spaces, hyphens, the filler '<' and invisible characters.

    Raises DocumentNumberHasOtherSigns where something else than Latin letters and digits stands in it, and
    DocumentNumberIsNone where it is too short, too long or without a digit.
    """
    number = typed.number(text).replace("<", "")
    # Before the upper case, which would turn 'ß' into letters that stand in no document.
    if re.search("[^A-Za-z0-9]", number):
        raise DocumentNumberHasOtherSigns
    if not SHORTEST <= len(number) <= LONGEST or not re.search("[0-9]", number):
        raise DocumentNumberIsNone
    return number.upper()


def masked(number: str) -> str:
    """The number for a list: its last three signs only."""
    return "•" * (len(number) - 3) + number[-3:]


def state_name(country: str, language: str | None = None) -> str:
    """The name of the state, by default in the language of the page; "" for none."""
    return _names(_language(language)).get(country, "")


def states(language: str | None = None) -> list[tuple[str, str]]:
    """Code and name of all states, in the order of the alphabet."""
    return list(_sorted(_language(language)))


def hashes_of(number: str) -> Iterable[str]:
    """The hashes under which a document with this number may be kept, whatever its type and state."""
    for document_type in Person.DocumentType.values:
        for country in _names("en"):
            yield IdentityDocument(document_type, country, number).lookup_hash


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
