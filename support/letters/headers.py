"""The head of a letter or of a part of one: fields as bytes, and their values as text.

A line ends at LF or CRLF and nowhere else. A lone CR inside a line would let its sender write a field that the servers
on the way have not seen.
"""

import binascii
import re
from typing import NamedTuple

from support.letters.charsets import decoded

# A head is read so far; a longer one goes on as text.
MOST_BYTES = 1_000_000
MOST_FIELDS = 5_000
# Lines that are no fields are taken for parts of one if another field follows soon.
MOST_BROKEN_LINES, FAR = 50, 50_000
# A value is read so far.
MOST_OF_A_VALUE = 20_000

_BLANK_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"^([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)\n?", re.MULTILINE)
_POSTMARK = re.compile(rb">?From (?![ \t]*:)[^\n]*\n")
# Any of them makes a letter of what came.
KNOWN = frozenset({
    "from", "to", "cc", "subject", "date", "sender", "reply-to", "message-id", "received", "return-path",
    "mime-version", "content-type", "content-transfer-encoding", "content-disposition",
})  # fmt: skip
_KNOWN = re.compile(rb"^(?:%s)[ \t]*:" % "|".join(sorted(KNOWN)).encode(), re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(rb"[\r\n]+(?=[ \t])|[\r\n]")
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,60})?\?(?:([bB])\?([^?]*)|([qQ])\?((?:[^?]|\?(?!=)){0,4000}))\?=")
_ESCAPE = re.compile(rb"[^0-9A-Za-z+/]")


class Head(NamedTuple):
    """Fields with lower-case names, where the body begins, and whether lines stood between them that are no fields."""

    fields: list[tuple[str, bytes]]
    body: int
    is_damaged: bool


def in_lines(raw: bytes) -> bytes:
    """The letter without empty lines above it. If all its lines end at CR, as on old computers, they end at LF."""
    raw = raw.lstrip(b"\r\n")
    last = raw.rfind(b"\n")
    is_one_line = last < 0 or (raw.find(b"\n") == last and not raw[last:].strip(b"\r\n"))
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if is_one_line else raw


def split(raw: bytes, start: int, end: int) -> Head:
    """The head that begins at `start`. The body of a head without a blank line after it begins where no field is."""
    if raw.startswith((b"\n", b"\r\n"), start, end):
        return Head([], start + (1 if raw[start] == 10 else 2), is_damaged=False)
    limit = min(end, start + MOST_BYTES)
    blank = _BLANK_LINE.search(raw, start, limit)
    last = blank.start() + 1 if blank else limit
    body = blank.end() if blank else limit
    fields: list[tuple[str, bytes]] = []
    broken = 0
    at = start
    if postmark := _POSTMARK.match(raw, start, last):
        at = postmark.end()
    while at < last and len(fields) < MOST_FIELDS:
        field = _FIELD.match(raw, at, last)
        if field:
            fields.append((field[1].decode("ascii").lower(), field[2]))
            at = field.end()
            continue
        # Neither a field nor its continuation. If fields go on below it, it is a line that was folded without a space.
        broken += 1
        if broken > MOST_BROKEN_LINES or not _KNOWN.search(raw, at, min(last, at + FAR)):
            return Head(fields, at, is_damaged=True)
        following = raw.find(b"\n", at, last) + 1 or last
        if fields:
            name, value = fields[-1]
            fields[-1] = (name, value[:MOST_OF_A_VALUE] + b" " + raw[at:following])
        at = following
    # Of too many fields the last ones are text: they may be what somebody wants to say.
    return Head(fields, at if at < last else body, broken > 0 or at < last)


def unfolded(value: bytes) -> bytes:
    """A value on one line, without NUL, and not longer than it is worth."""
    value = value[:MOST_OF_A_VALUE].strip()
    if b"\n" in value or b"\r" in value:
        value = _FOLD.sub(lambda found: b"" if found[0].endswith(b"\n") else b" ", value)
    return value.replace(b"\0", b"") if b"\0" in value else value


def text_of(value: bytes) -> str:
    """The text of a value, whether it is ASCII, encoded words (RFC 2047), raw bytes of any set, or all of it."""
    line = unfolded(value)
    text = line.decode("ascii") if line.isascii() and b"\x1b" not in line else decoded(line).text
    return words(text)


def words(text: str) -> str:
    """The text with its encoded words decoded. Bytes of neighbours are joined first: many split a character."""
    if "=?" not in text:
        return text
    out: list[str] = []
    pending: list[bytes] = []
    charset = ""
    at = 0
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        if pending and (between.strip() or word[1].lower() != charset):
            out.append(decoded(b"".join(pending), charset).text)
            pending = []
            between = between if between.strip() else ""
        elif pending:
            between = ""
        out.append(between)
        charset = word[1].lower()
        pending.append(_of_base64(word[3]) if word[2] else _of_quoted(word[5]))
        at = word.end()
    if pending:
        out.append(decoded(b"".join(pending), charset).text)
    out.append(text[at:])
    return "".join(out)


def _of_base64(text: str) -> bytes:
    letters = _ESCAPE.sub(b"", text.encode("ascii", "ignore"))
    whole = len(letters) - (len(letters) % 4 == 1)
    return binascii.a2b_base64(letters[:whole] + b"=" * (-whole % 4))


def _of_quoted(text: str) -> bytes:
    return binascii.a2b_qp(text.encode("utf-8", "surrogateescape"), header=True)
