"""The text of an SMS as it goes out: in plain GSM-7, or in UCS-2 where the language has letters of another script.

One part of a UCS-2 message holds 70 characters, of a longer one 67 (3GPP TS 23.038), so such texts cost more parts.
"""

import re

from crs.messaging import gsm7
from crs.no_break import breakable

SINGLE_PART = 70
JOINED_PART = 67
# Languages that cannot be read without their own letters. Vietnamese can: their banks and carriers take them off too.
_OWN_LETTERS = {"uk": re.compile("[\u0400-\u04ff]")}


def sendable(text: str, *, language: str) -> str:
    """The text as it is sent: with its letters where `language` needs them, else in GSM-7."""
    letters = _OWN_LETTERS.get(language)
    if letters is None or not letters.search(text):
        return gsm7.plain(text)
    return breakable(text.replace("\r\n", "\n").replace("\r", "\n"))


def parts(text: str) -> int:
    """How many parts carry the text."""
    try:
        return gsm7.parts(text)
    except ValueError:
        return _ucs2_parts(text)


def _ucs2_parts(text: str) -> int:
    sizes = [len(character.encode("utf-16-le")) // 2 for character in text]
    if sum(sizes) <= SINGLE_PART:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > JOINED_PART:  # the halves of a character stay together
            count, used = count + 1, 0
        used += size
    return count
