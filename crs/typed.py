"""What people type, paste and scan, made plain before anything looks at it."""

import unicodedata

# What the row of digits gives where a scanner types as if the keyboard were English and the computer reads it as Czech.
_CZECH_ROW = {**dict(zip("+ěščřžýáíé", "1234567890", strict=True)), **dict(zip("ĚŠČŘŽÝÁÍÉ", "234567890", strict=True))}
# Between the digits of a number they mean nothing; '-' and '/' change places on the two keyboards.
_SEPARATORS = frozenset(" -‐‑‒–—―−/.·")


def plain(text: str) -> str:
    """The text in composed letters, with single ordinary spaces and without invisible characters."""
    visible = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in ("Cf", "Cc")
    )
    # Composed only now: an invisible character may have stood between a letter and its mark.
    return unicodedata.normalize("NFC", " ".join("".join(visible).split()))


def number(text: str) -> str:
    """A number of digits or Latin letters as typed, without separators; what is no separator stays.

    Wide digits become ordinary ones. A text made only of the signs of the Czech row of digits is read as a scanner
    with an English keyboard meant it: '+ěš' is 123.
    """
    ordinary = plain(unicodedata.normalize("NFKC", text))
    compact = "".join(character for character in ordinary if character not in _SEPARATORS)
    compact = unicodedata.normalize("NFKC", compact)
    if compact and all(character in _CZECH_ROW for character in compact):
        return "".join(_CZECH_ROW[character] for character in compact)
    return compact
