"""SMS in the GSM 7-bit alphabet (3GPP TS 23.038): one part holds 160 characters instead of 70.

Czech letters outside that alphabet would turn the whole text into UCS-2 and double its price and
its time on the way, so diacritics are taken off, as every Czech bank and carrier does.
"""

import unicodedata

SINGLE_PART = 160
JOINED_PART = 153  # seven septets of each part say which part it is

_BASIC = frozenset(
    "@£$¥\nΔ_ΦΓΛΩΠΨΣΘΞ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ§¿abcdefghijklmnopqrstuvwxyz"
)
_EXTENDED = frozenset("^{}\\[~]|€")  # each takes two septets

# Characters that neither stand in the alphabet nor decompose into some that do.
_REPLACEMENTS = {
    **dict.fromkeys("„“”‟«»″", '"'),
    **dict.fromkeys("‚‘’‛‹›′`´", "'"),
    **dict.fromkeys("‐‑‒–—―−•·", "-"),
    "×": "x",
    "→": "->",
    "⁄": "/",
    "°": " st.",
    "ß": "ss",
    "ẞ": "SS",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "ł": "l",
    "Ł": "L",
    "þ": "th",
    "Þ": "Th",
    "ı": "i",
    "\t": " ",
    "\u2028": "\n",
    "\u2029": "\n",
}


def plain(text: str) -> str:
    """`text` in plain GSM-7: no diacritics, straight quotes and dashes, `?` for what has no likeness."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_plain_character(character) for character in lines)


def septets(text: str) -> int:
    """How many septets `text` takes. Raises ValueError where a character is not GSM-7."""
    return sum(_weight(character) for character in text)


def parts(text: str) -> int:
    """How many SMS parts carry `text`. Raises ValueError where a character is not GSM-7."""
    if septets(text) <= SINGLE_PART:
        return 1
    count, used = 1, 0
    for character in text:
        weight = _weight(character)
        if used + weight > JOINED_PART:  # the two septets of an extended character stay together
            count, used = count + 1, 0
        used += weight
    return count


def _plain_character(character: str) -> str:
    if character in _REPLACEMENTS:
        return _REPLACEMENTS[character]
    if character in _BASIC or character in _EXTENDED:
        return character
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(_likeness(piece) for piece in decomposed)


def _likeness(piece: str) -> str:
    """The replacement of one piece of a decomposed character."""
    if piece in _BASIC or piece in _EXTENDED:
        return piece
    if piece in _REPLACEMENTS:
        return _REPLACEMENTS[piece]
    category = unicodedata.category(piece)
    if category.startswith("M") or category in {"Cc", "Cf"}:
        return ""  # accents, control characters, invisible marks
    return " " if category == "Zs" else "?"


def _weight(character: str) -> int:
    if character in _BASIC:
        return 1
    if character in _EXTENDED:
        return 2
    raise ValueError(f"{character!r} is not in the GSM 7-bit alphabet")
