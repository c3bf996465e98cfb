"""Finds the certificates of signers in files as other programs save them."""

import base64
import re
from collections.abc import Iterator

# A certificate of a signer has about a thousand bytes; one of sixteen times that is none.
LONGEST_DER = 16_384
_PEM = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]*)-----END", re.DOTALL)
_SPACES = b" \t\r\n\v\f=\x00"
_USUAL_ALPHABET = bytes.maketrans(b"-_", b"+/")


def ders_in(data: bytes) -> Iterator[bytes]:
    """The certificates of a file, undecoded: PEM with any text around it and any ends of lines, base64 alone, or DER.

    A byte order mark and UTF-16 are read, too. Nothing comes of a file that holds none.
    """
    text = in_utf8(data)
    if blocks := _PEM.findall(text):
        yield from (der for block in blocks if (der := from_base64(block)))
    elif data[:1] == b"\x30":
        yield data
    elif (der := from_base64(text)) and der[:1] == b"\x30":
        yield der


def in_utf8(data: bytes) -> bytes:
    """The file without a byte order mark, and in UTF-8 where it was in UTF-16, as Notepad saves."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        data = data.decode("utf-16", "replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def from_base64(text: bytes) -> bytes | None:
    """The bytes of base64 in lines or in one piece, in either alphabet, padded or not; None where it is none."""
    packed = text.translate(_USUAL_ALPHABET, _SPACES)
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except ValueError:
        return None
