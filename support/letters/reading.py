"""Reads a letter from the bytes that came. No letter stops it: what it cannot make out stays in the raw letter."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from django.utils import timezone

from crs.typed import plain
from support.letters import addresses, bodies, headers
from support.letters.charsets import decoded
from support.letters.delivery_reports import DeliveryReport, report_of
from support.letters.message_ids import message_id, message_ids
from support.letters.notices import Notice
from support.letters.parts import NOBODY, Address, ReadLetter
from support.letters.structure import Part, leaves, structure

LONGEST_SUBJECT = 500
MOST_NAMES, MOST_VALUES, LONGEST_VALUE = 300, 20, 2_000
MOST_OF_A_REPORT, MOST_PARTS_OF_A_REPORT, DEEPEST_REPORT = 200_000, 30, 4
# A clock may be so wrong without anybody being told.
LATE, EARLY = timedelta(days=365), timedelta(days=1)

_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to")
_REPORTS = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
            "message/global-disposition-notification")  # fmt: skip
_DAEMONS = (b"daemon", b"postmaster", b"microsoftexchange")

logger = logging.getLogger(__name__)


def read(raw: bytes) -> ReadLetter:
    """What the letter says. It never raises: of a letter that cannot be read, `text` is all of it."""
    try:
        top = structure(raw)
        return _letter(top) if any(name in headers.KNOWN for name, _value in top.fields) else _unreadable(raw)
    except Exception as error:  # a letter may not stop those behind it
        # Its words stand in no log.
        logger.error("A letter of %s bytes could not be read: %s", len(raw), type(error).__name__)  # noqa: TRY400
        return _unreadable(raw)


def _letter(top: Part) -> ReadLetter:
    body = bodies.body_of(top)
    notices = body.notices
    from_, *others = [*_people(top, "from"), NOBODY]
    sender = next(iter(_people(top, "sender")), None)
    reply_to = next((one for one in _people(top, "reply-to") if one.address), None)
    if not from_.address:
        # A name alone is nobody to answer.
        from_ = next((one for one in (*others, sender, reply_to) if one and one.address), from_)
    others = [one for one in others if one.address and one.address != from_.address]
    if not from_.address:
        notices.setdefault(Notice.NO_SENDER)
    if others:
        notices.setdefault(Notice.SEVERAL_SENDERS)
    date, is_odd = _date(top)
    if is_odd:
        notices.setdefault(Notice.DATE_ODD)
    invitations = [file.summary for file in body.files if file.content_type == "text/calendar" and file.summary]
    text = body.text or "\n\n".join(invitations)
    if not text.strip():
        notices.setdefault(Notice.EMPTY)
    if len(text) > bodies.MOST_CHARACTERS:
        notices.setdefault(Notice.TRUNCATED)
    subject = plain(bodies.cleaned_text(headers.text_of(top.first("subject"))[: LONGEST_SUBJECT * 4]))
    return ReadLetter(
        is_readable=True,
        subject=subject[:LONGEST_SUBJECT],
        from_=from_,
        others_from=tuple(others),
        sender=sender,
        reply_to=reply_to,
        to=_people(top, "to"),
        cc=_people(top, "cc"),
        delivered_to=tuple(
            dict.fromkeys(one.address for name in _DELIVERED for one in _people(top, name) if one.address)
        ),
        message_id=message_id(top.first("message-id")),
        in_reply_to=message_ids(top.first("in-reply-to")),
        references=message_ids(top.first("references")),
        date=date,
        text=text[: bodies.MOST_CHARACTERS],
        html_was_used=body.html_was_used,
        files=tuple(body.files),
        notices=tuple(str(notice) for notice in notices),
        headers=_headers(top),
        report=_report(top),
    )


def _unreadable(raw: bytes) -> ReadLetter:
    text = bodies.cleaned_text(decoded(raw[: bodies.MOST_CHARACTERS]).text)
    notices = [Notice.UNREADABLE]
    if len(raw) > bodies.MOST_CHARACTERS:
        notices.append(Notice.TRUNCATED)
    return ReadLetter(
        is_readable=False, subject="", from_=NOBODY, others_from=(), sender=None, reply_to=None, to=(), cc=(),
        delivered_to=(), message_id="", in_reply_to=(), references=(), date=None, text=text, html_was_used=False,
        files=(), notices=tuple(notices), headers=MappingProxyType({}), report=None,
    )  # fmt: skip


def _people(top: Part, name: str) -> tuple[Address, ...]:
    """Everybody in all fields of this name."""
    found: dict[Address, None] = {}
    for value in top.all(name)[:MOST_VALUES]:
        found |= dict.fromkeys(addresses.addresses(value))
        if len(found) >= addresses.MOST_ADDRESSES:
            break
    return tuple(found)[: addresses.MOST_ADDRESSES]


def _date(top: Part) -> tuple[datetime | None, bool]:
    """When the letter says that it was written, in UTC, and whether that cannot be."""
    stated = headers.text_of(top.first("date"))[:200]
    try:
        found = parsedate_to_datetime(stated)
        date = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None, True
    now = timezone.now()
    return date, not now - LATE <= date <= now + EARLY


def _headers(top: Part) -> Mapping[str, tuple[str, ...]]:
    """The head as text, bounded; what machines write of themselves stands there."""
    found: dict[str, list[str]] = {}
    for name, value in top.fields:
        values = found.get(name)
        if values is None and len(found) < MOST_NAMES:
            values = found[name] = []
        if values is not None and len(values) < MOST_VALUES:
            values.append(headers.text_of(value[:LONGEST_VALUE]))
    return MappingProxyType({name: tuple(values) for name, values in found.items()})


def _report(top: Part) -> DeliveryReport | None:
    """What a server reports of a letter of ours."""
    is_report = (
        top.type == "multipart/report"
        or top.first("x-failed-recipients")
        or any(leaf.type in _REPORTS for leaf in leaves(top))
    )
    sender = (top.first("from") + top.first("return-path")).lower()
    if not is_report and b"<>" not in sender and not any(name in sender for name in _DAEMONS):
        return None
    return report_of(_message(top, 0))


def _message(part: Part, depth: int) -> Message:
    """The part as the standard library has it, without what a report does not need. Its own parser would recurse."""
    message = Message()
    for name, value in part.fields[:MOST_NAMES]:
        message[name] = headers.unfolded(value).decode("utf-8", "replace")
    if part.children and depth < DEEPEST_REPORT:
        message.set_payload([_message(child, depth + 1) for child in part.children[:MOST_PARTS_OF_A_REPORT]])
    elif part.type in ("message/rfc822", "message/global"):
        message.set_payload([_message(structure(part.content.content[:MOST_OF_A_REPORT]), DEEPEST_REPORT)])
    elif part.type.startswith(("text/", "message/")):
        body = part.raw[part.body : min(part.end, part.body + MOST_OF_A_REPORT)]
        message.set_payload(body.decode("ascii", "surrogateescape"))
    return message
