"""A field with parameters, such as Content-Type: RFC 2045, RFC 2231, and what is written instead of them."""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from support.letters.charsets import decoded
from support.letters.headers import unfolded, words

MOST_PARAMETERS = 200
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')
_FOR_PEOPLE = ("name", "filename")
_ESCAPED = re.compile(r"\\(.)")
_NUMBERED = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*)?)?")


class Parameters(NamedTuple):
    """The value before the first semicolon, in lower case, and the parameters by their lower-case names."""

    value: str
    named: dict[str, str]


def parameters(field: bytes) -> Parameters:
    """The parts of a field. Of two parameters with one name the first counts."""
    line = unfolded(field).decode("latin-1")
    value = line.partition(";")[0].partition("(")[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for count, found in enumerate(_PARAMETER.finditer(line)):
        if count >= MOST_PARAMETERS:
            break
        name, text = found[1].lower(), _unquoted(found[2])
        if numbered := _NUMBERED.fullmatch(name):
            is_encoded = name.endswith("*")
            pieces.setdefault(numbered[1], []).append((int(numbered[2] or 0), is_encoded, text))
        else:
            plain.setdefault(name, text)
    named = {
        name: words(decoded(text.encode("latin-1")).text) if name in _FOR_PEOPLE else text
        for name, text in plain.items()
    }
    # What RFC 2231 encodes goes before the plain twin that is sent for old readers.
    named.update((name, _joined(found)) for name, found in pieces.items())
    return Parameters(value, named)


def _unquoted(text: str) -> str:
    if text.startswith('"'):
        return _ESCAPED.sub(r"\1", text[1:].removesuffix('"') if len(text) > 1 else "")
    return text.strip()


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """A value in numbered pieces. Its bytes are joined before they are decoded: a character may be split."""
    pieces.sort(key=lambda piece: piece[0])
    charset = ""
    content = b""
    for place, (_number, is_encoded, piece) in enumerate(pieces):
        text = piece
        if place == 0 and is_encoded and text.count("'") >= 2:
            charset, _language, text = text.split("'", 2)
        raw = text.encode("latin-1")
        content += unquote_to_bytes(raw) if is_encoded else raw
    return words(decoded(content, charset).text)
