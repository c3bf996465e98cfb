"""Fetches letters from the desks' mailboxes; each leaves it only once it is at its ticket (ADR 0037)."""

import logging
import re
import time
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import close_old_connections
from django.utils import timezone

from crs import outages
from crs.messaging import alarms
from support.letters.sorting import NULL_SENDER
from support.mail_in import mailbox, receiving
from support.mail_in.desks import desk_of
from support.mail_in.mailbox import DELETED, FLAGGED, TOO_LARGE, Found, Mailbox, MailboxAway, OpenMailbox, Refused
from support.mail_out.tokens import ticket_id_of
from support.models import Desk, Letter

logger = logging.getLogger(__name__)

# After so long no other letter is begun.
SECONDS_OF_A_RUN = 120.0
# Whoever fetches says at each letter that it goes on; one that died holds the next one up for no longer.
SECONDS_ALONE = 60
# Operators learn once a day of a mailbox that cannot be read for so long.
PATIENCE = timedelta(minutes=15)
ONE_DAY = 86_400

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_RETURN_PATH = re.compile(rb"^return-path:[ \t]*<?([^<>\r\n]*)", re.IGNORECASE | re.MULTILINE)
_DELIVERED_TO = re.compile(
    rb"^(?:delivered-to|x-original-to|x-delivered-to|envelope-to):[ \t]*<?([^<>\s]+)", re.IGNORECASE | re.MULTILINE
)
_RECEIVED_FOR = re.compile(rb"\sfor\s+<([^<>\s]+)>", re.IGNORECASE)


@dataclass
class Fetched:
    """What became of the letters of a mailbox, in one run."""

    filed: int = 0
    waiting: int = 0  # kept, not at a ticket yet
    failed: int = 0  # not kept, or not taken out of the mailbox
    too_large: int = 0
    gone: int = 0  # somebody else moved them meanwhile
    later: int = 0  # for the next run

    def __add__(self, other: "Fetched") -> "Fetched":
        return Fetched(*map(sum, zip(astuple(self), astuple(other), strict=True)))


def fetch_all(*, now: datetime) -> dict[Desk, Fetched | MailboxAway | None]:
    """Fetch each mailbox that is configured, and say what became of it; one that fails holds up no other."""
    return {Desk(desk): _fetch_or_note(Desk(desk), now=now) for desk, url in settings.SUPPORT_MAILBOXES.items() if url}


def fetch(desk: Desk, *, now: datetime) -> Fetched | None:
    """Bring what lies in the mailbox of a desk to its tickets; None where another process is just at it.

    A letter that fails stays, and those after it are fetched all the same. Raises MailboxAway, and what the database
    raises while it is away.
    """
    box, fetched = mailbox.mailbox_of(settings.SUPPORT_MAILBOXES[desk]), Fetched()
    alone = f"support:fetching:{desk}"
    # To save work, and only that: two who fetch one letter find one row, and to delete it twice changes nothing.
    if not cache.add(alone, 1, SECONDS_ALONE):
        return None
    stop_at = time.monotonic() + SECONDS_OF_A_RUN
    try:
        with mailbox.opened(box) as folder:
            letters = [found for found in folder.letters() if DELETED not in found.flags]
            for number, found in enumerate(letters):
                if time.monotonic() > stop_at:
                    fetched.later = len(letters) - number
                    break
                cache.touch(alone, SECONDS_ALONE)
                _bring(folder, box, found, desk, fetched, now=now)
    finally:
        cache.delete(alone)
    return fetched


def _bring(folder: OpenMailbox, box: Mailbox, found: Found, desk: Desk, fetched: Fetched, *, now: datetime) -> None:
    is_over = found.size > settings.LARGEST_LETTER
    # People flag letters too: it is our mark only where the server knows no other.
    if TOO_LARGE in found.flags or (is_over and folder.has_no_marks_of_ours and FLAGGED in found.flags):
        fetched.too_large += 1
        return
    try:
        raw = None if is_over else folder.content(found.uid)
    except Refused as error:
        logger.warning("Letter with UID %s in the mailbox of %s cannot be read: %s", found.uid, desk, error)
        fetched.failed += 1
        return
    if raw is None and not is_over:
        fetched.gone += 1
        return
    if raw is None or len(raw) > settings.LARGEST_LETTER:  # servers are not always right about the size
        fetched.too_large += 1
        _note_too_large(folder, box, found, desk, now=now)
        return
    letter = _accepted(raw, desk, found.uid)
    if letter is None:
        fetched.failed += 1
        return
    if letter.state == Letter.State.RECEIVED:
        fetched.waiting += 1
        return
    try:
        folder.take_out(found.uid)
    except Refused as error:  # the next run finds the letter filed, and tries again
        logger.warning("Letter %s is filed and could not be taken out of the mailbox of %s: %s", letter.pk, desk, error)
        fetched.failed += 1
    else:
        fetched.filed += 1


def _accepted(raw: bytes, desk: Desk, uid: str) -> Letter | None:
    """The letter, kept; None where that failed through itself. Raises what the database raises while it is away."""
    sender, recipient = _envelope(raw, desk)
    try:
        return receiving.accept(
            raw, desk=desk, envelope_sender=sender, envelope_recipient=recipient, now=timezone.now()
        )
    except Exception as error:
        close_old_connections()
        if outages.is_outage(error):
            raise
        logger.exception("Letter with UID %s in the mailbox of %s stays there", uid, desk)
        return None


def _envelope(raw: bytes, desk: Desk) -> tuple[str, str]:
    """Sender and recipient as the server wrote them into the letter when it put it into the mailbox."""
    end = _END_OF_HEADERS.search(raw)
    headers = raw[: end.start() if end else None]
    path = _RETURN_PATH.search(headers)
    # Where the server wrote none nothing is known of it, which is not the sender of bounces.
    sender = (path[1].decode(errors="replace").strip() or NULL_SENDER) if path else ""
    named = _DELIVERED_TO.findall(headers) + _RECEIVED_FOR.findall(headers)
    ours = [address for address in (name.decode(errors="replace") for name in named) if desk_of(address) == desk]
    # The one with a token of ours knows its ticket.
    return sender, min(
        ours, key=lambda address: ticket_id_of(address) is None, default=settings.SUPPORT_ADDRESSES[desk]
    )


def _note_too_large(folder: OpenMailbox, box: Mailbox, found: Found, desk: Desk, *, now: datetime) -> None:
    """Leave the letter where it is, marked, and tell somebody once."""
    try:
        folder.mark_too_large(found.uid)
    except Refused as error:  # a mark that nobody can set would tell them every minute
        logger.warning("A letter in the mailbox of %s is too large and could not be marked: %s", desk, error)
        return
    logger.error("Letter with UID %s in the mailbox of %s is too large: %d bytes", found.uid, desk, found.size)
    context = {"desk": desk.value, "folder": box.folder, "megabytes": found.size // 1024 // 1024, "uid": found.uid}
    alarms.tell_operators("support/letter_too_large", context, now=now)


def _fetch_or_note(desk: Desk, *, now: datetime) -> Fetched | MailboxAway | None:
    since_key = f"support:mailbox-away:{desk}"
    try:
        fetched = fetch(desk, now=now)
    except Exception as fault:
        if isinstance(fault, MailboxAway):
            error = fault
            logger.warning("The mailbox of %s cannot be read: %s", desk, error)
        elif outages.is_outage(fault):
            raise
        else:
            error = MailboxAway(type(fault).__name__)
            logger.exception("The mailbox of %s cannot be read", desk)
        cache.add(since_key, now.timestamp(), ONE_DAY)
        since = cache.get(since_key)
        if since is None or now.timestamp() - since < PATIENCE.total_seconds():
            return error
        if cache.add(f"{since_key}:told", 1, ONE_DAY):
            context = {"desk": desk.value, "error": str(error), "minutes": int((now.timestamp() - since) // 60)}
            alarms.tell_operators("support/mailbox_away", context, now=now)
        return error
    if fetched is not None:
        cache.delete_many([since_key, f"{since_key}:told"])
    return fetched
