"""How a nasty letter is built, and what is expected of its reading."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

DESK, LINE = "podpora@localhost", "1221@localhost"
JANA = "jana.novakova@ockovani.example.cz"
TEXT = "Dobrý den,\r\nlednice v Žďáru hlásí příliš vysokou teplotu. Šťastný Řehoř tu není.\r\n"
WORDS = "lednice v Žďáru hlásí příliš vysokou teplotu. Šťastný Řehoř tu není."
# A picture of one point.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DATE = "Thu, 26 Nov 2026 09:00:00 +0100"


@dataclass(frozen=True)
class Nasty:
    """A letter, named for what it breaks; `kind` is its number among the kinds that others have met.

    What is left out of the expectations is not asked. `text` has to hold all its pieces, `notices` are at least these.
    """

    name: str
    kind: int
    build: Callable[[], bytes]
    subject: str | None = None
    # An address, '' for nobody.
    from_: str | None = JANA
    text: tuple[str, ...] = ()
    not_text: tuple[str, ...] = ()
    # The names of all files, in order.
    files: tuple[str, ...] | None = ()
    notices: tuple[str, ...] = ()
    not_notices: tuple[str, ...] = ()
    is_readable: bool = True
    envelope_sender: str = JANA
    envelope_recipient: str = DESK
    # support.letters.sorting.Sort
    sort: str = "HUMAN"
    may_be_answered: bool = True
    # Other facts of the reading, by the name of the field of ReadLetter.
    facts: dict[str, object] = field(default_factory=dict)

    @cached_property
    def raw(self) -> bytes:
        """The letter's bytes."""
        return self.build()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Pair:
    """Two letters that are one, or that only look so."""

    name: str
    kind: int
    first: bytes
    second: bytes
    are_one: bool

    def __str__(self) -> str:
        return self.name


def head(name: str, **others: str | bytes | None) -> bytes:
    """The fields of a usual letter; `others` replace them, or leave them out with None. '_' stands for '-'."""
    fields: dict[str, str | bytes | None] = {
        "Return-Path": None,
        "Received": "from mx.example.cz by localhost with ESMTP id 1; Thu, 26 Nov 2026 09:00:01 +0100",
        "From": f"Jana Novakova <{JANA}>",
        "To": DESK,
        "Subject": "Lednice",
        "Date": DATE,
        "Message-ID": f"<{name.replace(' ', '.').encode('ascii', 'ignore').decode()}@example.cz>",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    replaced = {key.replace("_", "-").removesuffix("-").lower(): value for key, value in others.items()}
    lines: list[bytes] = []
    for key, value in fields.items():
        actual = replaced.pop(key.lower(), value)
        if actual is not None:
            lines.append(key.encode() + b": " + _bytes(actual))
    lines += [key.encode() + b": " + _bytes(value) for key, value in replaced.items() if value is not None]
    return b"\r\n".join(lines) + b"\r\n"


def letter(name: str, body: str | bytes = TEXT, **fields: str | bytes | None) -> bytes:
    """A letter with one part."""
    return head(name, **fields) + b"\r\n" + _bytes(body)


def parts(name: str, *inner: bytes, kind: str = "mixed", **fields: str | bytes | None) -> bytes:
    """A letter of several parts."""
    content_type = f'multipart/{kind}; boundary="=_outer"'
    fields = {"Content_Type": content_type, "Content_Transfer_Encoding": None, **fields}
    return head(name, **fields) + b"\r\n" + between("=_outer", *inner)


def between(boundary: str, *inner: bytes) -> bytes:
    """Parts between the lines of a boundary."""
    mark = b"--" + boundary.encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in inner) + mark + b"--\r\n"


def part(body: str | bytes, content_type: str | None = "text/plain; charset=utf-8", *fields: str | bytes) -> bytes:
    """A part of a letter."""
    lines = [f"Content-Type: {content_type}".encode()] if content_type else []
    lines += [_bytes(one) for one in fields]
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n" + _bytes(body)


def group(kind: str, boundary: str, *inner: bytes) -> bytes:
    """Several parts as one."""
    return part(between(boundary, *inner), f'multipart/{kind}; boundary="{boundary}"')


def attached(content: bytes, content_type: str, name: str | None, *fields: str) -> bytes:
    """A file in base64."""
    disposition = "attachment" if name is None else f'attachment; filename="{name}"'
    encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return part(
        encoded, content_type, f"Content-Disposition: {disposition}", "Content-Transfer-Encoding: base64", *fields
    )


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
