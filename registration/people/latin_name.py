"""Names in Latin letters, as the machine-readable zone of a travel document has them (ICAO 9303 part 3; DOMAIN 1.5)."""

import re
import unicodedata

from crs.typed import plain
from registration.people.errors import SpellingNeedsLatinLetters

LONGEST = 80
_SPECIAL = {
    "Ä": "AE",
    "Ö": "OE",
    "Ü": "UE",
    "ẞ": "SS",
    "Æ": "AE",
    "Ø": "OE",
    "Å": "AA",
    "Œ": "OE",
    "Þ": "TH",
    "Ĳ": "IJ",
} | {"Ð": "D", "Đ": "D", "Ł": "L", "Ŋ": "N", "Ħ": "H", "Ŧ": "T", "Ə": "E", "ĸ": "Q", "ı": "I"}
_SPACES = frozenset(" -‐‑‒–—―−<")


def is_latin(name: str) -> bool:
    """Whether the rule knows all letters of the name, so that nobody needs to spell it."""
    try:
        machine_readable(name)
    except SpellingNeedsLatinLetters:
        return False
    return True


def machine_readable(name: str) -> str:
    """The name as `fnt` and `gnt` of a certificate have it: A to Z with single '<', at most 80 characters.

    Raises SpellingNeedsLatinLetters for letters of another script and for Latin ones that the rule leaves out: only the
    travel document can spell them.
    """
    spelled = re.sub("<+", "<", "".join(_letters(character) for character in _folded(name)))
    return spelled.strip("<")[:LONGEST].rstrip("<")


def spelling(text: str) -> str:
    """The spelling of a travel document as it is kept: A to Z with single spaces, in upper case.

    Marks on Latin letters are taken off by the rule. Raises SpellingNeedsLatinLetters.
    """
    spelled = machine_readable(text)
    if not spelled:
        raise SpellingNeedsLatinLetters
    return spelled.replace("<", " ")


def spelling_of(name: str, spelled: str) -> str:
    """The `spelling` of a name; empty where nothing was typed and none is needed. Raises SpellingNeedsLatinLetters."""
    return spelling(spelled) if spelled or not is_latin(name) else ""


def _folded(name: str) -> str:
    """Upper case, composed; 'ß' has an upper case of its own here, so that it is one letter."""
    composed = unicodedata.normalize("NFC", plain(name)).replace("ß", "ẞ")
    return unicodedata.normalize("NFC", composed.upper())


def _letters(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character in _SPACES:
        return "<"
    parts = unicodedata.normalize("NFKD", character).upper()
    # Marks, apostrophes of any shape (some are 'modifier letters', Lm), dots and other signs are dropped.
    base = "".join(_SPECIAL.get(part, part) for part in parts if unicodedata.category(part) in ("Lu", "Ll", "Lo"))
    if base and not re.fullmatch("[A-Z]+", base):
        raise SpellingNeedsLatinLetters
    return base
