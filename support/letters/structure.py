"""The parts of a letter (RFC 2045, 2046) as places in its bytes: nothing is copied and nothing calls itself.

The parser of the standard library is not used: it recurses, begins a new line at a lone CR, tests each line for
every layer around it, and keeps three copies of a letter (docs/adr/0031-reading-letters.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from support.letters import headers
from support.letters.parameters import Parameters, parameters
from support.letters.transfer import Carried, carried

DEEPEST = 30
MOST_PARTS = 400
# Lines that only begin like a boundary, and what may stand behind one.
MOST_OTHER_LINES, LONGEST_TAIL = 10_000, 1_000

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
_NONE = Parameters("", {})


@dataclass(eq=False)
class Part:
    """A letter or a part of one: `raw[begin:end]`, of which the head ends where `body` begins."""

    raw: bytes
    begin: int
    body: int
    end: int
    fields: list[tuple[str, bytes]]
    default_type: str = "text/plain"
    children: list["Part"] = field(default_factory=list)
    # Text below the last of its parts.
    epilogue: bytes = b""
    is_damaged: bool = False
    # Parts inside it were not looked for.
    is_too_deep: bool = False
    # It stands for all parts from here on.
    is_rest: bool = False

    def first(self, name: str) -> bytes:
        """The first field of this name, empty if there is none."""
        return next((value for found, value in self.fields if found == name), b"")

    def all(self, name: str) -> list[bytes]:
        """All fields of this name."""
        return [value for found, value in self.fields if found == name]

    @cached_property
    def content_type(self) -> Parameters:
        """Content-Type, with a type that can be relied on."""
        stated = self.first("content-type")
        if not stated.strip():
            return Parameters(self.default_type, {})
        found = parameters(stated)
        if _TYPE.fullmatch(found.value):
            return found
        is_text = not found.value or found.value.startswith("text")
        return Parameters("text/plain" if is_text else "application/octet-stream", found.named)

    @cached_property
    def disposition(self) -> Parameters:
        """Content-Disposition; empty where there is none."""
        stated = self.first("content-disposition")
        return parameters(stated) if stated else _NONE

    @property
    def type(self) -> str:
        """Such as 'text/plain'."""
        return self.content_type.value

    @cached_property
    def content(self) -> Carried:
        """What its body carries."""
        return carried(self.raw[self.body : self.end], self.first("content-transfer-encoding"))

    @property
    def as_it_came(self) -> bytes:
        """The part with its head."""
        return self.raw[self.begin : self.end]


def structure(raw: bytes) -> Part:
    """The letter, with all parts in it down to `DEEPEST` layers and up to `MOST_PARTS`. It never raises."""
    raw = headers.in_lines(raw)
    top = _part(raw, 0, len(raw), "text/plain")
    waiting = [(top, 0)]
    count = 1
    # The outer layers first, so that no inner one can hide what comes after it.
    while waiting:
        part, depth = waiting.pop()
        if not part.type.startswith("multipart/") or part.is_rest:
            continue
        if depth >= DEEPEST:
            part.is_too_deep = True
            continue
        part.children = _children(part, MOST_PARTS - count)
        count += len(part.children)
        waiting.extend((child, depth + 1) for child in reversed(part.children))
    return top


def leaves(top: Part) -> Iterator[Part]:
    """The parts that have no parts, in their order."""
    waiting = [top]
    while waiting:
        part = waiting.pop()
        if part.children:
            waiting.extend(reversed(part.children))
        else:
            yield part


def _part(raw: bytes, begin: int, end: int, default_type: str) -> Part:
    head = headers.split(raw, begin, end)
    return Part(raw, begin, head.body, end, head.fields, default_type, is_damaged=head.is_damaged)


def _children(part: Part, most: int) -> list[Part]:
    boundary = part.content_type.named.get("boundary", "").encode("latin-1", "replace").rstrip()
    if not boundary or len(boundary) > 1000:
        return []
    raw = part.raw
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    children: list[Part] = []
    begin = -1
    for line_begin, line_end, is_last in _delimiters(raw, boundary, part.body, part.end):
        if begin >= 0:
            if len(children) >= most:
                rest = Part(raw, begin, begin, part.end, [], "text/plain", is_rest=True)
                return [*children, rest]
            children.append(_part(raw, begin, _without_line_end(raw, begin, line_begin), default))
        begin = line_end
        if is_last:
            part.epilogue = raw[line_end : min(part.end, line_end + 100_000)].strip()
            return children
    if begin >= 0:
        # The last line is missing: the letter was cut, or its writer forgot it.
        part.is_damaged = True
        children.append(_part(raw, begin, part.end, default))
    return children


def _delimiters(raw: bytes, boundary: bytes, begin: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Where each line of a boundary begins and ends, and whether it says that it is the last one."""
    mark = b"\n--" + boundary
    # The line end before it belongs to it, and is there: a body begins below a line.
    at = raw.find(mark, begin - 1, end)
    others = 0
    while at >= 0 and others < MOST_OTHER_LINES:
        after = at + len(mark)
        newline = raw.find(b"\n", after, min(end, after + LONGEST_TAIL))
        line_end = newline if newline >= 0 else min(end, after + LONGEST_TAIL)
        tail = raw[after:line_end].strip(b" \t\r")
        if tail in (b"", b"--"):
            yield at + 1, min(line_end + 1, end), tail == b"--"
        else:
            others += 1
        at = raw.find(mark, line_end if newline >= 0 else after, end)


def _without_line_end(raw: bytes, begin: int, end: int) -> int:
    """The end without the line end that belongs to the boundary."""
    if end > begin and raw[end - 1] == 10:
        end -= 1
        if end > begin and raw[end - 1] == 13:
            end -= 1
    return end
