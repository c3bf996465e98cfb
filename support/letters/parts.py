"""A letter as it is read: plain values, cleaned and bounded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from support.letters.delivery_reports import DeliveryReport


@dataclass(frozen=True)
class Address:
    """Somebody in a header; `address` is empty where none could be read, `name` where none was given."""

    name: str
    address: str


NOBODY = Address("", "")


@dataclass(frozen=True)
class ReadFile:
    """A file in a letter. Its name is for people's eyes; nothing is stored under it."""

    name: str
    content_type: str
    content: bytes
    content_id: str
    is_inline: bool
    # What a letter or an invitation in it says.
    summary: str


@dataclass(frozen=True)
class ReadLetter:
    """What a letter says. If it is not readable, `text` is all of it as it came."""

    is_readable: bool
    subject: str
    from_: Address
    others_from: tuple[Address, ...]
    sender: Address | None
    reply_to: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    date: datetime | None
    text: str
    html_was_used: bool
    files: tuple[ReadFile, ...]
    # Codes of notices.Notice.
    notices: tuple[str, ...]
    # Lower-case names, values in the order in which they stand.
    headers: Mapping[str, tuple[str, ...]]
    report: DeliveryReport | None
