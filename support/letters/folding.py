"""What a person wrote, and what their mail program quoted below it.

A rule of ours knows how the mail programs of this country begin to quote. Where a text before that looks quoted too,
mail-parser-reply is asked, in a process of its own and for a short time.
"""

import json
import re
from dataclasses import dataclass

from crs.own_process import Busy, Lost
from support.letters import text_process

# To wait for other letters, and again for the answer; the rule of ours needs no time.
SECONDS = 2.0
# No letter of a person is longer; beyond, the rule of ours is enough.
MOST_CHARACTERS_TO_ASK_ABOUT = 30_000
_MOST_LINES_OF_HEADER = 4
_MOST_LINES_OF_BLOCK = 12

# Programs put marks, stars of bold text and invisible signs before their lines.
_START = r"[\s*\u200b\u200e\u200f\u202a-\u202e\u2068\u2069\ufeff]*+"
_DASHES = r"[-_=–—]{2,}+"
_SEPARATOR = re.compile(
    rf"{_START}{_DASHES}\s*(?:původní|puvodni|original|ursprüngliche|pôvodná)\s"
    rf"*(?:zpráva|zprava|e-?mail|message|nachricht|správa|text)\s*{_DASHES}\s*$",
    re.IGNORECASE,
)
# What follows was sent on for us to read: it is the matter of the letter.
_FORWARDED = re.compile(
    rf"{_START}(?:{_DASHES}\s*(?:forwarded message|přeposlaná zpráva|předávaná zpráva|přeposlaný e-?mail|"
    rf"předaná zpráva|forwarded e-?mail|weitergeleitete nachricht|preposlaná správa)[^\n]{{0,200}}"
    rf"|(?:begin forwarded message|začátek přeposlané zprávy)\s*:)\s*$",
    re.IGNORECASE,
)
_LINE = re.compile(rf"{_START}_{{20,}}\s*$")
_FROM = re.compile(rf"{_START}(?:od|from|von)\s*:{_START}\S", re.IGNORECASE)
_FIELD = re.compile(
    rf"{_START}(?:od|from|odesláno|odeslano|sent|datum|date|komu|pro|to|kopie|cc|předmět|predmet|subject|"
    rf"odesílatel|odoslané|predmet|priorita|importance|důležitost|přílohy|attachments|skrytá|bcc|von|gesendet|an|betreff)"
    rf"(?:\skopie)?\s*:",
    re.IGNORECASE,
)
_NAMES_WHEN_OR_WHAT = re.compile(
    rf"{_START}(?:odesláno|odeslano|sent|datum|date|předmět|predmet|subject|odoslané|gesendet|betreff)\s*:",
    re.IGNORECASE,
)
_HEADER_BEGINS = re.compile(
    rf"{_START}(?:dne|dňa|on|am|le|(?:po|út|ut|st|čt|ct|pá|pa|so|ne|pon|ut|str|stv|pia|sob|ned)[.,]?\s+\d|"
    rf"\d{{1,2}}\.\s?\d{{1,2}}\.\s?\d{{2,4}}\b|\d{{4}}-\d\d-\d\d\b)",
    re.IGNORECASE,
)
_HEADER_ENDS = re.compile(
    r"(?:napsal(?:a|\(a\)|/a|o)?|napísal(?:a|\(a\))?|píše|odesílatel\b.{0,300}|wrote|writes|schrieb)\s*:?\s*:\s*$"
    r"|<[^<>\s]{3,320}>\s*:\s*$",
    re.IGNORECASE,
)
_QUOTED_LINE = re.compile(r"[\s\u200b\ufeff]{0,8}[>|›]")
_SIGN_OF_QUOTE = re.compile(
    r"^[ \t]{0,8}(?:>|[-_]{5})|wrote\s?:|napsal\(a\)\s?:|^[* \t]{0,8}(?:from|sent|subject|od|odesláno|předmět)\s?:",
    re.IGNORECASE | re.MULTILINE,
)
_NAMES_WRITER = re.compile(rf"wrote|napsal|original message|^{_START}(?:od|from)\s*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Folded:
    """A text in two: one after the other, they are all of it."""

    own: str
    quoted: str


def fold(text: str) -> Folded:
    """The text, parted where the quoted letters begin.

    All of it is the person's own where they wrote between the lines that they quote, sent a letter on, or wrote nothing
    above it. Takes no more than twice `SECONDS`, and hardly any time where nothing looks quoted. It never raises.
    """
    lines = text.splitlines(keepends=True)
    at = _first_quoted(lines)
    if at is None:
        return Folded(text, "")
    head = "".join(lines[:at])
    if len(head) <= MOST_CHARACTERS_TO_ASK_ABOUT and _SIGN_OF_QUOTE.search(head):
        at = _asked(lines, at, head)
    own = "".join(lines[:at])
    if not _has_words(own):
        return Folded(text, "")
    return Folded(own, "".join(lines[at:]))


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _first_quoted(lines: list[str]) -> int | None:
    """The line at which quoting begins: after the last one where there is none, None where all is to be read."""
    last_words = _line_after_last_unquoted(lines)
    for at, line in enumerate(lines):
        if _FORWARDED.match(line):
            return None
        if _SEPARATOR.match(line):
            return at
        if _LINE.match(line) and _is_block(lines, at + 1):
            return at
        if _FROM.match(line) and _is_block(lines, at):
            return at
        if at >= last_words and _QUOTED_LINE.match(line):
            return at
        if _HEADER_BEGINS.match(line) and (end := _end_of_header(lines, at)):
            return at if _is_quoted_to_its_end(lines, end, last_words) else None
    return len(lines)


def _line_after_last_unquoted(lines: list[str]) -> int:
    """Where the last lines begin that are all quoted or empty."""
    at = len(lines)
    while at and (not lines[at - 1].strip() or _QUOTED_LINE.match(lines[at - 1])):
        at -= 1
    return at


def _is_block(lines: list[str], at: int) -> bool:
    """Whether the fields of a quoted letter stand there, as Outlook and Seznam write them."""
    begun = False
    fields = 0
    says_when = False
    for line in lines[at : at + _MOST_LINES_OF_BLOCK]:
        if not line.strip():
            continue
        if not begun and not _FROM.match(line):
            return False
        begun = True
        if _FIELD.match(line):
            fields += 1
            says_when = says_when or bool(_NAMES_WHEN_OR_WHAT.match(line))
        if fields >= 3 and says_when:
            return True
    return False


def _end_of_header(lines: list[str], at: int) -> int:
    """The line after 'Dne … napsal(a):', which programs break in several; 0 where there is none."""
    joined = ""
    for end in range(at, min(at + _MOST_LINES_OF_HEADER, len(lines))):
        if not lines[end].strip():
            return 0
        joined = f"{joined} {lines[end].strip()}"[-1000:]
        if _HEADER_ENDS.search(joined):
            return end + 1
    return 0


def _is_quoted_to_its_end(lines: list[str], at: int, last_words: int) -> bool:
    """Whether nobody wrote between the quoted lines: they all have a sign, or none has, as in letters of HTML."""
    first = next((line for line in lines[at:] if line.strip()), "")
    return not _QUOTED_LINE.match(first) or at >= last_words or _goes_on_otherwise(lines, at)


def _goes_on_otherwise(lines: list[str], at: int) -> bool:
    """Whether the first line without a sign begins another quoted letter, or a signature."""
    for number in range(at, len(lines)):
        line = lines[number]
        if line.strip() and not _QUOTED_LINE.match(line):
            return bool(
                line.rstrip("\r\n") in ("-- ", "--")
                or _SEPARATOR.match(line)
                or _LINE.match(line)
                or (_FROM.match(line) and _is_block(lines, number))
                or (_HEADER_BEGINS.match(line) and _end_of_header(lines, number))
            )
    return True


def _asked(lines: list[str], at: int, head: str) -> int:
    """Where mail-parser-reply sees the first quoted letter, or `at`."""
    try:
        header = str(json.loads(text_process.ask("fold", head, seconds=SECONDS)).get("header", ""))
    except (Busy, Lost, ValueError, AttributeError):
        return at
    if not _NAMES_WRITER.search(header):
        return at  # 'Datum: 5. 1.' and 'Komu: sklad' are also lines of a person's list
    wanted = [line.strip() for line in header.splitlines() if line.strip()]
    plain = [line.strip() for line in lines[:at]]
    for number in range(at) if wanted else ():
        if plain[number] == wanted[0] and [one for one in plain[number:] if one][: len(wanted)] == wanted:
            return number
    return at
