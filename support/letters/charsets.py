"""Bytes as text, whatever a letter says about its characters."""

import codecs
import encodings
import pkgutil
import re
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import lru_cache
from typing import NamedTuple

from charset_normalizer import from_bytes

# What charset-normalizer may find in bytes that are no UTF-8: the people of this country and their guests.
CANDIDATES = ["cp1250", "iso8859_2", "cp1251", "cp1252", "koi8_r", "cp852"]
LAST_RESORT = "cp1250"
# So much is looked at to guess, however long the text is.
SAMPLE_BYTES = 4096

_KNOWN = {module.name for module in pkgutil.iter_modules(encodings.__path__)} | set(aliases)
_WINDOWS = re.compile(r"(?:x-)?(?:windows|win|cp|ms-?ansi)[-_ ]?(125[0-8])")
# Names that promise fewer characters than people write; the larger sets differ only where the small ones have none.
_LARGER = {"iso8859-1": "cp1252", "ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
_WIDE = ("utf-16", "utf-32")
# Codecs of Python that run programs of escapes, or hide that they lose something.
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
_JAPANESE = re.compile(rb"\x1b\$[@B]")
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LINE_WITH_HIGH_BYTES = re.compile(rb"[^\n]{0,200}[\x80-\xff][^\n]{0,200}")
_C1 = re.compile(rb"[\x80-\x9f]")
# Š Ž ž š ť of ISO-8859-2 inside words; in cp1250 they are © ® ľ ą ».
_ISO_LETTERS = re.compile(rb"[\xa9\xae](?=[A-Za-z\xc0-\xff])|[\xb9\xbe]|(?<=[A-Za-z\xc0-\xff])\xbb(?=[a-z\xc0-\xff])")


class Decoded(NamedTuple):
    """A text, whether its character set had to be guessed, and whether characters are lost."""

    text: str
    was_guessed: bool = False
    has_losses: bool = False


def decoded(content: bytes, declared: str = "") -> Decoded:
    """The text of `content`: UTF-8 if it is that, else as declared, else what is likely. It never raises."""
    codec = _codec(declared)
    if codec.startswith(_WIDE) and b"\0" not in content:
        codec = ""
    if _JAPANESE.search(content) and codec in ("", "utf-8", "cp1252"):
        codec = "iso2022_jp_2"
    is_ascii = content.isascii()
    if is_ascii and codec in ("", "utf-8", "cp1252", "cp1250", "iso8859-2"):
        return Decoded(content.decode("ascii"))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or (not codec and _is_wide(content)):
        codec = "utf-16" if content[:1] in b"\xff\xfe" else ("utf-16-be" if content[:1] == b"\0" else "utf-16-le")
    if not is_ascii and not codec.startswith(_WIDE) and (text := _strict(content, "utf-8-sig")) is not None:
        # Bytes of other sets are hardly ever UTF-8 by chance, while many sets take the bytes of UTF-8.
        return Decoded(text)
    if codec and (text := _strict(content, _really(codec, content))) is not None:
        return Decoded(text)
    if codec in ("", "utf-8") and _is_damaged_utf8(content):
        return Decoded(content.decode("utf-8", "replace"), has_losses=True)
    if codec and not _is_single_byte(codec) and codec != "utf-8":
        text = _replaced(content, codec)
        if text.count("\N{REPLACEMENT CHARACTER}") * 10 <= len(text):
            return Decoded(text, has_losses=True)
    text = content.decode(_likely(content), "replace")
    return Decoded(text, was_guessed=True, has_losses="\N{REPLACEMENT CHARACTER}" in text)


@lru_cache(maxsize=500)
def _codec(declared: str) -> str:
    """Python's name of a declared character set; '' if it is none that Python knows."""
    name = declared.strip(" \t\r\n\"';").lower().partition("*")[0][:60]
    if windows := _WINDOWS.fullmatch(name):
        return f"cp{windows[1]}"
    for spelled in (name, name.removeprefix("x-")):
        # Python remembers each name that it was ever asked for, and looks for a module of this name.
        if normalize_encoding(spelled) not in _KNOWN:
            continue
        try:
            found = codecs.lookup(spelled)
        except (LookupError, ValueError):
            continue
        # `_is_text_encoding` is how bytes.decode itself tells rot13 and zip from character sets.
        if found.name in _NO_CHARSETS or not found._is_text_encoding:
            return ""
        return _LARGER.get(found.name, found.name)
    return ""


def _is_single_byte(codec: str) -> bool:
    return codec.startswith(("cp125", "iso8859", "koi8", "mac", "cp85", "cp86", "latin"))


def _really(codec: str, content: bytes) -> str:
    """The set of Windows where ISO-8859-2 is declared and the bytes between its halves, where it has none, are used."""
    return "cp1250" if codec == "iso8859-2" and _C1.search(content) else codec


def _strict(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except Exception:
        return None


def _replaced(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec, "replace")
    except Exception:
        return "\N{REPLACEMENT CHARACTER}"


def _is_wide(content: bytes) -> bool:
    """Whether it is UTF-16 that does not say so: every other byte of its beginning is zero."""
    start = content[:200]
    return len(start) >= 8 and start.count(0) * 5 >= len(start) * 2


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether it is UTF-8 but for a few bytes, as where a letter was cut."""
    sample = _sample(content)
    rest, whole = _SEQUENCE.subn(b"", sample)
    broken = len(re.findall(rb"[\x80-\xff]+", rest))
    return whole > 0 and whole >= broken * 3


def _sample(content: bytes) -> bytes:
    if len(content) <= SAMPLE_BYTES:
        return content
    found: list[bytes] = []
    size = 0
    for line in _LINE_WITH_HIGH_BYTES.finditer(content):
        found.append(line[0])
        size += len(line[0])
        if size >= SAMPLE_BYTES:
            break
    return b"\n".join(found)[: SAMPLE_BYTES * 2]


def _likely(content: bytes) -> str:
    sample = _sample(content)
    try:
        best = from_bytes(sample, cp_isolation=CANDIDATES).best()
    except Exception:
        best = None
    found = best.encoding if best else LAST_RESORT
    if found in ("cp1250", "cp852", "iso8859_2", "cp1252") and not _C1.search(sample):
        # The library takes the two sets of Czech for equal where only these letters tell them apart.
        return "iso8859_2" if _ISO_LETTERS.search(sample) else "cp1250"
    return found
