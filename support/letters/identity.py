"""By what a letter is known again, whichever way it came."""

import hashlib
import re

from support.letters import headers

_CHUNK = 1_000_000
# What servers and mailboxes on the way write into a letter.
_TRACES = frozenset({
    "return-path", "received", "received-spf", "delivered-to", "envelope-to", "authentication-results",
    "dkim-signature", "domainkey-signature", "dkim-filter", "sender-rewritten", "bcc", "status", "content-length",
    "lines", "delivery-date", "priority-delivery", "autoforwarded", "apparently-to",
})  # fmt: skip
_STARTS_OF_TRACES = ("arc-", "x-", "resent-", "dkim-", "authentication-", "received-")
_STARTS_OF_X_TRACES = (
    "x-spam", "x-virus", "x-received", "x-original-to", "x-delivered-to", "x-envelope-", "x-forwarded-", "x-rcpt-to",
    "x-ms-exchange-", "x-gm-", "x-google-", "x-uid",
)  # fmt: skip
_BLANKS = re.compile(rb"\s+")


def identity(raw: bytes) -> str:
    """The hash of a letter without what servers add on its way, 64 hex digits. It never raises.

    The same letter by two ways has one: line ends, folds, the order of fields and empty lines at the end do not count.
    Where there is no Message-ID to tell two letters apart, fields beginning with 'X-' count, and the first `Received`:
    a sensor sends the same words again when it is too warm again.
    """
    raw = headers.in_lines(raw)
    head = headers.split(raw, 0, len(raw))
    fields = [(name.encode(), _BLANKS.sub(b" ", value).strip()) for name, value in head.fields]
    has_id = _has(head, "message-id")
    # Each server writes its own above those that are there. Its name here is one that no field has.
    origin = [(b"received ", value) for name, value in fields if name == b"received" and not has_id][-1:]
    found = hashlib.sha256()
    for name, value in sorted(fields + origin):
        if not _is_trace(name.decode(), has_id):
            found.update(b"%d:%s%d:%s" % (len(name), name, len(value), value))
    found.update(b"\n")
    end = len(raw.rstrip(b"\r\n"))
    at = head.body
    while at < end:
        # A piece ends with a line, so that a CR is never parted from its LF.
        to = raw.find(b"\n", at + _CHUNK, end) + 1 or end
        found.update(raw[at:to].replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        at = to
    return found.hexdigest()


def has_origin(raw: bytes) -> bool:
    """Whether something in the letter tells it from another of the same words: its Message-ID, or when it set out."""
    raw = headers.in_lines(raw)
    head = headers.split(raw, 0, len(raw))
    return _has(head, "message-id") or _has(head, "received")


def _has(head: headers.Head, field: str) -> bool:
    return any(name == field and value.strip() for name, value in head.fields)


def _is_trace(name: str, has_id: bool) -> bool:
    if name.startswith("x-") and not has_id:
        return name.startswith(_STARTS_OF_X_TRACES)
    return name in _TRACES or name.startswith(_STARTS_OF_TRACES)


def message_key(message_id: str) -> str:
    """The hash of a Message-ID under which answers find it, whatever its case; '' for none."""
    trimmed = message_id.strip().strip("<>").strip().lower()
    return hashlib.sha256(trimmed.encode("utf-8", "surrogatepass")).hexdigest() if trimmed else ""
