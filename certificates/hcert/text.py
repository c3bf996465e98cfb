"""The text of a QR code and the bytes behind it: prefix, base45 (RFC 9285), zlib (RFC 1950)."""

import re
import struct
import unicodedata
import zlib
from urllib.parse import unquote

import base45

from certificates.hcert.refusals import Reason, Refusal

PREFIX = "HC1:"
# A QR code holds 4,296 characters at most; the rest is room for the line ends of a text that was pasted.
LONGEST_TEXT = 8_000
# Published codes unfold to 800 bytes at most; a code with every text at its longest to about 2,000.
LONGEST_CONTENT = 8_192
# The library's encoder takes two and a half times as long as the signature. This is its alphabet, two letters at once.
_LETTERS = base45.BASE45_CHARSET
_PAIRS = [first + second for second in _LETTERS for first in _LETTERS]
_QUOTED_LINE = re.compile(r"^(?:> ?)+", re.MULTILINE)
_AROUND = " \"'`´„“”‚‘’«»‹›<>()[]"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def written(content: bytes) -> str:
    """The text of the QR code for the content."""
    return PREFIX + _base45(zlib.compress(content, 9))


def unfolded(text: str) -> bytes:
    """The content behind the text. Raises Refusal."""
    if len(text) > LONGEST_TEXT:
        raise Refusal(Reason.TOO_LONG)
    clean = _as_scanned(text)
    if clean[: len(PREFIX)].upper() != PREFIX:
        raise Refusal(Reason.NO_PREFIX)
    try:
        packed: bytes = base45.b45decode(clean[len(PREFIX) :])
    except ValueError as error:
        raise Refusal(Reason.NOT_BASE45) from error
    return _inflated(packed)


def _base45(data: bytes) -> str:
    """The data in base45: three letters for two bytes, two for one that is left over."""
    pairs, letters, square = _PAIRS, _LETTERS, 45 * 45
    units = struct.unpack_from(f">{len(data) // 2}H", data)
    rest = pairs[data[-1]] if len(data) % 2 else ""
    return "".join([pairs[unit % square] + letters[unit // square] for unit in units]) + rest


def _as_scanned(text: str) -> str:
    """The text without line ends, invisible characters, and what a mail or a web page put around it.

    Spaces inside are letters of base45. None ends in one: the last letter stands for 32 ('W') at most, a space for 36.
    No quotation mark is a letter, and no '>'.
    """
    text = _QUOTED_LINE.sub("", text)
    if not (text.isascii() and text.isprintable()):
        # Only the ordinary space is a letter; a web page or an office program makes others of it.
        text = "".join(
            " " if unicodedata.category(character) == "Zs" else character
            for character in text
            if unicodedata.category(character) not in _UNSEEN
        )
    text = text.strip(_AROUND)
    # With its colon so, all of it is written as in an address; otherwise '%20' are three letters of base45.
    return unquote(text) if text[:6].upper() == "HC1%3A" else text


def _inflated(packed: bytes) -> bytes:
    content, is_whole = _decompressed(packed)
    if not is_whole or _has_spare_bits(packed, content):
        raise Refusal(Reason.NOT_COMPRESSED)
    return content


def _decompressed(packed: bytes) -> tuple[bytes, bool]:
    """What a stream holds, and whether it ends where the bytes end. Raises Refusal."""
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(packed, LONGEST_CONTENT + 1)
    except zlib.error as error:
        raise Refusal(Reason.NOT_COMPRESSED) from error
    if len(content) > LONGEST_CONTENT:
        raise Refusal(Reason.TOO_LARGE)
    return content, stream.eof and not stream.unused_data


def _has_spare_bits(packed: bytes, content: bytes) -> bool:
    """Whether the last byte before the checksum has a bit set that means nothing: the highest that is set in it.

    Every compressor leaves those after the last block 0. With them a code could be changed and still say the same; so
    it can by being compressed anew, which nobody can tell.
    """
    last = len(packed) - 5
    highest = 1 << max(packed[last].bit_length() - 1, 0)
    changed = bytearray(packed)
    changed[last] &= ~highest & 0xFF
    try:
        return packed[last] != 0 and _decompressed(bytes(changed)) == (content, True)
    except Refusal:
        return False
