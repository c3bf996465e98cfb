"""Files as other hands save them: what a file is, whatever its name says, and the text in it.

A name tells little: a packed file is called '.csv', a workbook is renamed, a page of the web is saved where a table was
meant. So the first bytes are asked. What is no text is refused in words that say what it is and what to do.
"""

import codecs
import gzip
import io
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from crs.errors import DomainError

_GZIP = b"\x1f\x8b"
_BEGINNING, _HEAD = 64 * 1024, 64
_CHUNK = 1024 * 1024
# So many characters more of one kind than of the other leave no doubt about the encoding.
_PLENTY = 1_000
_ESCAPED = re.compile("[\udc80-\udcff]")
_FOREIGN = re.compile("[^\x00-\x7f\udc80-\udcff]")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAVE_IT = "open it there and save it as “CSV UTF-8”"
_UNPACK_IT = "unpack it first"
_KINDS = (
    (b"\xd0\xcf\x11\xe0", f"is a document of an old Excel or Word, no text: {_SAVE_IT}"),
    (b"%PDF", "is a PDF, no text"),
    (b"\x89PNG", "is a picture, no text"),
    (b"\xff\xd8\xff", "is a picture, no text"),
    (b"GIF8", "is a picture, no text"),
    (b"BZh", f"is packed by bzip2: {_UNPACK_IT}"),
    (b"\xfd7zXZ", f"is packed by xz: {_UNPACK_IT}"),
    (b"\x28\xb5\x2f\xfd", f"is packed by zstd: {_UNPACK_IT}"),
    (b"7z\xbc\xaf", f"is an archive (7z): {_UNPACK_IT}"),
    (b"Rar!", f"is an archive (RAR): {_UNPACK_IT}"),
    (b"SQLite format 3", "is a database of SQLite, no text"),
    (b"{\\rtf", "is a document of a word processor (RTF), no plain text"),
)


class UnreadableFile(DomainError):
    """The whole file cannot be used: it is missing, damaged or another one."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The text of a file, unpacked where it is packed by gzip; bytes that are no text come as surrogates or U+FFFD.

    Raises UnreadableFile where the file is missing, damaged, empty or no text, also while its text is read.
    """
    try:
        with path.open("rb") as named, _from_the_beginning(named) as file:
            encoding = _known_encoding(_unpacked(file).read(_BEGINNING), path.name) or _utf_8_or_czech(_unpacked(file))
            yield io.TextIOWrapper(_unpacked(file), encoding, _errors(encoding), newline="")
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(f"{path} cannot be read: {_reason(error)}.") from error


def text_of(data: bytes, name: str, *, longest: int) -> str:
    """The text of a file that is held in memory, unpacked to at most `longest` bytes. Raises UnreadableFile."""
    if data.startswith(_GZIP):
        try:
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(longest + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFile(f"{name} cannot be unpacked: {_reason(error)}") from error
        if len(data) > longest:
            raise UnreadableFile(f"{name} holds more than {longest // 1024 // 1024} MB.")
    encoding = _known_encoding(data[:_BEGINNING], name) or _utf_8_or_czech(io.BytesIO(data))
    return data.decode(encoding, _errors(encoding))


def json_of(data: bytes, name: str, *, longest: int) -> str:
    """As `text_of`, for a file that should hold JSON: it says what else it is. Raises UnreadableFile."""
    text = text_of(data, name, longest=longest).removeprefix("\ufeff")
    if words := another_text(text[:_BEGINNING], wanted="JSON"):
        raise UnreadableFile(f"{name} {words}.")
    return text


def what_else(data: bytes) -> str:
    """What `data` are that are not what was wanted, in words as `no_text`; empty where nobody knows."""
    beginning = data[:_BEGINNING]
    return no_text(beginning) or another_text(beginning.decode("utf-8", "replace"), wanted="JSON")


def as_utf_8(data: bytes, name: str, *, longest: int) -> bytes:
    """The bytes, unpacked where gzip packed them, in UTF-8 where they are marked as UTF-16. Raises UnreadableFile."""
    if data.startswith((_GZIP, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return text_of(data, name, longest=longest).encode("utf-8", "surrogateescape")
    return data


def no_text(beginning: bytes) -> str:
    """What a file is that begins so, in words to be put behind its name; empty where it may be text."""
    if not beginning.strip():
        return "is empty"
    if beginning.startswith(b"PK\x03\x04"):
        if b"[Content_Types].xml" in beginning or b"xl/" in beginning:
            return f"is a workbook of Excel (.xlsx), no text: {_SAVE_IT}"
        if b"opendocument" in beginning:
            return f"is a document of LibreOffice, no text: {_SAVE_IT}"
        return f"is an archive (ZIP): {_UNPACK_IT}"
    return next((words for mark, words in _KINDS if beginning.startswith(mark)), "")


def another_text(beginning: str, *, wanted: str = "table") -> str:
    """What a text is that begins so and is not what is `wanted`, in words as `no_text`; empty where it may be that."""
    start = beginning.lstrip("\ufeff \t\r\n\x0b\x0c").lower()
    if not start:
        return "is empty"
    if start.startswith("<"):
        if re.match(r"<(!doctype\s+html|html|head|body|table|meta|script|div|!--)", start) or "<html" in start[:2000]:
            return "is a page of the web (HTML), perhaps of a log-in or an outage: download the file itself"
        return f"is XML, no {wanted}"
    is_json = re.match(r'\{\s*(\}|")|\[\s*(\]|\{|\[|")', start)
    if is_json and wanted != "JSON":
        return f"is JSON, no {wanted}"
    return ""


@contextmanager
def _from_the_beginning(file: BinaryIO) -> Iterator[BinaryIO]:
    """The file where it can be read anew; what comes through a pipe is kept on the disk meanwhile."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as kept:
        shutil.copyfileobj(file, kept)
        yield cast("BinaryIO", kept)


def _unpacked(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    is_packed = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_packed else file


def _known_encoding(beginning: bytes, name: str) -> str:
    """The encoding that the first bytes name; empty where they leave it open. Raises UnreadableFile for no text."""
    if words := no_text(beginning):
        raise UnreadableFile(f"{name} {words}.")
    for mark, encoding in _MARKS.items():
        if beginning.startswith(mark):
            return encoding
    # Every second byte of European letters in UTF-16 is zero.
    pairs = len(beginning) // 2
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if pairs and beginning[first : 2 * pairs : 2].count(0) > pairs * 0.7 and not beginning[1 - first :: 2].count(0):
            return encoding
    if b"\0" in beginning[:_HEAD]:
        raise UnreadableFile(f"{name} is no text but a file of a program.")
    return ""


def _utf_8_or_czech(data: BinaryIO) -> str:
    """UTF-8, or the page in which Czech Windows saves (1250) where more bytes are no UTF-8 than letters are."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    balance = 0
    while abs(balance) < _PLENTY and (part := data.read(_CHUNK)):
        text = decoder.decode(part)
        if not text.isascii():
            balance += len(_FOREIGN.findall(text)) - len(_ESCAPED.findall(text))
    return "cp1250" if balance < 0 else "utf-8"


def _errors(encoding: str) -> str:
    return "replace" if encoding.startswith("utf-16") else "surrogateescape"


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "it ends too early; download it again"
    return (isinstance(error, OSError) and error.strerror) or f"it is damaged ({error})"
