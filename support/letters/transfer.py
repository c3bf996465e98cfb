"""Undoes what carries bytes through servers that know ASCII only."""

import binascii
import re
from typing import NamedTuple

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANKS = b" \t\r\n"
_NO_LETTERS = bytes(set(range(256)) - set(_LETTERS))
_PADDING = re.compile(rb"=+")
# Words among base64 are looked for up to here.
MOST_TO_SEARCH = 1_000_000
MOST_PIECES = 1_000
MOST_LINES = 600_000
_LONGEST_WORD = 30
_BROKEN_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n|[ \t]*\Z)")
_NAME = re.compile(rb"[A-Za-z0-9_-]+")


class Carried(NamedTuple):
    """The bytes of a part; `rest` is what stood beside them and was not encoded."""

    content: bytes
    rest: bytes = b""
    is_damaged: bool = False


def carried(body: bytes, encoding: bytes) -> Carried:
    """What `body` carries under a Content-Transfer-Encoding; as much of it as can be read. It never raises."""
    found = _NAME.search(encoding)
    name = found[0].lower().replace(b"_", b"-") if found else b""
    if name == b"base64":
        return _base64(body)
    if name in (b"quoted-printable", b"quotedprintable"):
        return Carried(binascii.a2b_qp(body), is_damaged=_BROKEN_ESCAPE.search(body) is not None)
    if name in (b"x-uuencode", b"uuencode", b"x-uue", b"uue"):
        return _uu(body)
    return Carried(body, is_damaged=name not in (b"", b"7bit", b"8bit", b"binary"))


def _base64(body: bytes) -> Carried:
    others = body.translate(None, _LETTERS + _BLANKS)
    if not others.strip(b"=") and (not others or body.rstrip().endswith(others)):
        try:
            return Carried(binascii.a2b_base64(body))
        except binascii.Error:  # cut, or without its padding
            return Carried(_joined(body), is_damaged=True)
    if len(body) > MOST_TO_SEARCH:
        return Carried(_joined(body), is_damaged=True)
    lines, rest = [], []
    for line in body.splitlines():
        stripped = line.strip()
        # Words that somebody put above or below it, such as the footer of a mailing list, against a few bad bytes.
        if b" " in stripped and max(map(len, stripped.split())) < _LONGEST_WORD:
            rest.append(line)
        else:
            lines.append(stripped)
    return Carried(_joined(b"\n".join(lines)), b"\n".join(rest), is_damaged=bool(rest) or bool(others.strip(b"=")))


def _joined(body: bytes) -> bytes:
    """Bytes of base64 with junk in it, or of several pieces each with its own padding."""
    return b"".join(_piece(piece.translate(None, _NO_LETTERS)) for piece in _PADDING.split(body, MOST_PIECES))


def _piece(letters: bytes) -> bytes:
    whole = len(letters) - (len(letters) % 4 == 1)
    return binascii.a2b_base64(letters[:whole] + b"=" * (-whole % 4))


def _uu(body: bytes) -> Carried:
    content: list[bytes] = []
    is_damaged = False
    is_inside = False
    if body.count(b"\n") > MOST_LINES:
        return Carried(body, is_damaged=True)
    for line in body.splitlines():
        if line.startswith(b"begin "):
            is_inside = True
        elif line.strip() in (b"end", b"`"):
            is_inside = False
        elif is_inside:
            try:
                content.append(binascii.a2b_uu(line))
            except binascii.Error:
                is_damaged = True
    return Carried(b"".join(content), is_damaged=is_damaged) if content else Carried(body, is_damaged=True)
