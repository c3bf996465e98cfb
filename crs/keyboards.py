"""What a scanner meant: it types as if the keyboard were English, and the computer reads it as Czech or Slovak.

Both keyboards have letters with accents where the English one has digits; they differ in two of them, which stand for
the same digits. Y and Z change places on most of them and nothing tells on which, so a text with either is not read.
"""

from crs.errors import DomainError
from crs.typed import CZECH_KEYS

# Beside the digits and the hyphen. '/' is the key of '-' there, and so on; "'" and ')' differ on the two keyboards, but
# both are signs that no code holds.
_SIGNS = str.maketrans("-_%\"!?:§ůôŮÔ/(úÚ)äÄ'°", "/?_:\"<>';;;;{}[[]]]|~")
_KEYS = CZECH_KEYS | _SIGNS
_ACCENTS = frozenset("ěľščřťžýáíé")
_EXCHANGED = frozenset("YZyz")


class KeysExchanged(DomainError):
    """The text has a key that may have been another one: Y, Z, or a digit, which stands for a sign with Shift."""


def is_betrayed(text: str) -> bool:
    """Whether letters with accents stand in it, which no code has."""
    return not _ACCENTS.isdisjoint(text.lower())


def roughly_english(text: str) -> str:
    """The text that the scanner meant, but for the keys that may be exchanged."""
    return text.translate(_KEYS)


def as_english(text: str) -> str:
    """The text that the scanner meant, of signs of ASCII. Raises KeysExchanged."""
    accents = [one for one in text if one.lower() in _ACCENTS]
    # Caps Lock makes capitals of all of them; one among small ones is a letter behind an accent typed apart.
    has_both = any(map(str.isupper, accents)) and any(map(str.islower, accents))
    meant = roughly_english(text)
    if has_both or not meant.isascii() or not _EXCHANGED.isdisjoint(text) or any(map(str.isdecimal, text)):
        raise KeysExchanged
    return meant
