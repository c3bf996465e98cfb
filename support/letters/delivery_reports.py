"""What servers report of a letter that we sent: it did not arrive, it waits, it was opened.

RFC 3464 (delivery status), RFC 8098, once RFC 3798 (disposition), and the plain texts of qmail, Exim and Gmail.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from enum import StrEnum, auto

# Of what strangers send, so much is looked at.
_MOST_PARTS = 30
_DEEPEST = 4
_MOST_RECIPIENTS = 50
_MOST_CHARACTERS = 200_000
LONGEST_REASON = 300
LONGEST_ADDRESS = 320

_ADDRESS = r"[^\s<>()\[\]:;,\"@]{1,320}+@[^\s<>()\[\]:;,\"@]{1,320}+"
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,996}>")
_ID_LINE = re.compile(
    r"^[ >]{0,8}Message-ID:[ \t]{0,8}\r?\n?[ \t]{0,8}(<[^<>\s]{1,996}>)", re.MULTILINE | re.IGNORECASE
)
_QMAIL = "This is the qmail-send program"
_QMAIL_RECIPIENT = re.compile(rf"^<({_ADDRESS})>:[ \t]*\r?\n((?:[^\r\n]+\r?\n?){{1,10}})", re.MULTILINE)
# After these words, in texts without a form, stands whom it did not reach.
_FAILED_TEXT = re.compile(
    r"could not be delivered|couldn't be delivered|delivery (?:has )?failed|undeliver|permanent(?:ly)? (?:error|fail)|"
    r"address(?:es)? (?:failed|not found)|wasn't delivered|nebyla? doručen|nelze doručit|nepodařilo se doručit|"
    r"se nepodařilo doručit|nedoručiteln|doručení se nezdařilo",
    re.IGNORECASE,
)
_ANY_ADDRESS = re.compile(rf"(?<![^\s<(\":;])({_ADDRESS})")
_DAEMON = re.compile(
    r"^\s*(?:[^<]{0,200}<)?\s*\"?(?:mailer-daemon|postmaster|mail-daemon|microsoftexchange)", re.IGNORECASE
)


class ReportKind(StrEnum):
    """What a report says."""

    FAILED = auto()
    DELAYED = auto()
    DELIVERED = auto()
    READ = auto()


@dataclass(frozen=True)
class ReportedRecipient:
    """What became of a letter to one address; `status` as RFC 3463 has it ('5.1.1'), '' where it is not said."""

    address: str
    kind: ReportKind
    status: str
    reason: str


@dataclass(frozen=True)
class DeliveryReport:
    """What a report says of one letter of ours; `kind` is the worst of it."""

    kind: ReportKind
    recipients: tuple[ReportedRecipient, ...]
    # With its angle brackets; '' where the report does not tell which letter it is about.
    original_message_id: str

    @property
    def failed(self) -> tuple[ReportedRecipient, ...]:
        """Those whom it will not reach."""
        return tuple(one for one in self.recipients if one.kind == ReportKind.FAILED)


def report_of(message: Message) -> DeliveryReport | None:
    """The report that the letter is, or None. A letter that merely has a report attached is none. It never raises."""
    try:
        return _report_of(message)
    except Exception:  # the library raises whatever a broken header brings about
        return None


def _report_of(message: Message) -> DeliveryReport | None:
    parts = list(_parts(message))
    is_report = message.get_content_type() == "multipart/report"
    for part in parts:
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/global-delivery-status") and (
            is_report or _is_daemons(message)
        ):
            recipients = _recipients(part)
            return _made(recipients, _original_id(message, parts))
        if kind in ("message/disposition-notification", "message/global-disposition-notification") and (
            is_report or part is message
        ):
            fields = next(iter(_blocks(part)), Message())
            address = _address(_field(fields, "Final-Recipient") or _field(fields, "Original-Recipient"))
            recipient = ReportedRecipient(address, ReportKind.READ, "", _field(fields, "Disposition")[:LONGEST_REASON])
            original = _MESSAGE_ID.search(_field(fields, "Original-Message-ID"))
            found = original[0] if original else _original_id(message, parts)
            return DeliveryReport(ReportKind.READ, (recipient,), found)
    if is_report and str(message.get_param("report-type", "")).lower() == "delivery-status":
        return _made((), _original_id(message, parts))
    return _report_in_words(message, parts)


def _made(recipients: tuple[ReportedRecipient, ...], original_id: str) -> DeliveryReport:
    for kind in (ReportKind.FAILED, ReportKind.DELAYED, ReportKind.DELIVERED):
        if any(one.kind == kind for one in recipients):
            return DeliveryReport(kind, recipients, original_id)
    return DeliveryReport(ReportKind.FAILED, recipients, original_id)


def _parts(message: Message, depth: int = 0) -> Iterator[Message]:
    """The letter and its parts, never those of a letter within it."""
    yield message
    if depth < _DEEPEST and message.get_content_maintype() == "multipart":
        for part in _within(message)[:_MOST_PARTS]:
            yield from _parts(part, depth + 1)


def _recipients(part: Message) -> tuple[ReportedRecipient, ...]:
    found = []
    for fields in _blocks(part)[: _MOST_RECIPIENTS + 1]:
        action = _field(fields, "Action").lower().split("(")[0].strip()
        address = _address(_field(fields, "Final-Recipient")) or _address(_field(fields, "Original-Recipient"))
        if not action and not address:
            continue  # the fields of the whole letter
        status = _STATUS.search(_field(fields, "Status"))
        reason = re.sub(r"^[\w-]+\s*;\s*", "", " ".join(_field(fields, "Diagnostic-Code").split()))
        kind = _kind(action, status[0] if status else "")
        found.append(ReportedRecipient(address, kind, status[0] if status else "", reason[:LONGEST_REASON]))
    return tuple(found)


def _kind(action: str, status: str) -> ReportKind:
    if action == "delayed" or (not action and status.startswith("4")):
        return ReportKind.DELAYED
    if action in ("delivered", "relayed", "expanded") or (not action and status.startswith("2")):
        return ReportKind.DELIVERED
    return ReportKind.FAILED


def _blocks(part: Message) -> list[Message]:
    """The groups of fields in a part; some servers send them in base64, which the library does not undo."""
    blocks = _within(part)
    if any(_field(block, name) for block in blocks for name in ("Final-Recipient", "Action", "Disposition")):
        return blocks
    text = "\n\n".join(str(block.get_payload()) for block in blocks) if blocks else str(part.get_payload())
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        text = b64decode(re.sub(r"[^A-Za-z0-9+/=]", "", text)).decode("utf-8", "replace")
    text = text[:_MOST_CHARACTERS].replace("\r\n", "\n")
    return [HeaderParser().parsestr(block.lstrip("\n")) for block in re.split(r"\n[ \t]*\n", text) if block.strip()]


def _within(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _field(fields: Message, name: str) -> str:
    return str(fields.get(name, "")).strip()


def _address(field: str) -> str:
    """The address in `rfc822; jana@example.cz`."""
    found = _ANY_ADDRESS.search(field.rpartition(";")[2])
    return found[1].strip("'")[:LONGEST_ADDRESS] if found else ""


def _original_id(message: Message, parts: list[Message]) -> str:
    """The Message-ID of our letter: in what of it comes back, else to what the report answers."""
    for part in parts:
        kind = part.get_content_type()
        if kind in ("message/rfc822", "message/global") and (within := _within(part)):
            found = _MESSAGE_ID.search(_field(within[0], "Message-ID"))
        elif kind in ("text/rfc822-headers", "message/global-headers", "message/rfc822-headers"):
            found = _MESSAGE_ID.search(_field(_headers_in(part), "Message-ID"))
        else:
            continue
        if found:
            return found[0]
    for name in ("X-Original-Message-ID", "Original-Message-ID", "In-Reply-To", "References"):
        ids = _MESSAGE_ID.findall(_field(message, name)[-10_000:])
        if ids:
            return str(ids[-1])
    return ""


def _headers_in(part: Message) -> Message:
    within = _within(part)
    return within[0] if within else HeaderParser().parsestr(_text(part).lstrip())


def _text(part: Message) -> str:
    decoded = part.get_payload(decode=True)
    return decoded[:_MOST_CHARACTERS].decode("utf-8", "replace") if isinstance(decoded, bytes) else ""


def _is_daemons(message: Message) -> bool:
    return bool(_DAEMON.match(_field(message, "From"))) or _field(message, "Return-Path") == "<>"


def _report_in_words(message: Message, parts: list[Message]) -> DeliveryReport | None:
    """What qmail, Exim, Gmail and old Exchange write for people, without a form."""
    named = [address.strip() for address in _field(message, "X-Failed-Recipients").split(",") if "@" in address]
    if not named and not _is_daemons(message):
        return None
    text = next((_text(part) for part in parts if part.get_content_type() == "text/plain"), "")
    reasons = {}
    if _QMAIL in text:
        reasons = {found[1]: " ".join(found[2].split()) for found in _QMAIL_RECIPIENT.finditer(text)}
    elif named:
        reasons = dict.fromkeys(named, "")
    elif in_words := _FAILED_TEXT.search(text):
        # In words, the first address after them; where there is none, nobody can be named.
        first = _ANY_ADDRESS.search(text, in_words.end())
        reasons = {first[1].strip("'."): ""} if first else {}
    else:
        return None
    original = _ID_LINE.search(text)
    recipients = []
    for address, reason in [*reasons.items()][:_MOST_RECIPIENTS]:
        status = _STATUS.search(reason or text)
        recipients.append(
            ReportedRecipient(
                address[:LONGEST_ADDRESS], ReportKind.FAILED, status[0] if status else "", reason[:LONGEST_REASON]
            )
        )
    return _made(tuple(recipients), original[1] if original else _original_id(message, parts))
