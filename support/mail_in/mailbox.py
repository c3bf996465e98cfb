"""Fetches letters from a desk's mailbox by IMAP; each leaves it only once it is at its ticket (ADR 0037)."""

import imaplib
import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from socket import SHUT_RDWR
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import close_old_connections
from django.utils import timezone
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.utils import encode_folder

from crs import outages
from crs.messaging import alarms
from support.letters.reading import read
from support.mail_in import receiving
from support.mail_in.desks import desk_of
from support.models import Desk, Letter

logger = logging.getLogger(__name__)

# One word of the server.
SECONDS_OF_SILENCE = 20.0
# After so long no other letter is begun, and then the connection is cut: a server may be slow word by word.
SECONDS_OF_A_RUN, SECONDS_AT_MOST = 120.0, 300.0
# Whoever fetches says at each letter that it goes on; one that died holds the next one up for no longer.
SECONDS_ALONE = 60
LISTED_AT_ONCE = 1000
PATIENCE = timedelta(minutes=15)
ONE_DAY = 86_400

TOO_LARGE = "CrsTooLarge"
PORTS = {"imaps": 993, "imap": 143, "imap+starttls": 143}

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_BODY = re.compile(rb'\bBODY\[\](?:<0>)? (?:"((?:[^"\\]|\\.)*)"|NIL|\{0\})', re.IGNORECASE)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_RETURN_PATH = re.compile(rb"^return-path:[ \t]*<?([^<>\r\n]*)", re.IGNORECASE | re.MULTILINE)
_DELIVERED_TO = re.compile(
    rb"^(?:delivered-to|x-original-to|x-delivered-to|envelope-to):[ \t]*<?([^<>\s]+)", re.IGNORECASE | re.MULTILINE
)


class MailboxAway(Exception):
    """The mailbox cannot be read at present. Its letters are safe where they are."""


@dataclass(frozen=True)
class Mailbox:
    """What the address of a mailbox says."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    done_folder: str  # empty: letters that are filed are deleted


@dataclass
class Fetched:
    """What became of the letters of a mailbox, in one run."""

    filed: int = 0
    waiting: int = 0  # kept, not at a ticket yet
    failed: int = 0  # not kept, or not taken out of the mailbox
    too_large: int = 0
    gone: int = 0  # somebody else moved them meanwhile
    later: int = 0  # for the next run


@dataclass(frozen=True)
class _Found:
    uid: str
    size: int
    flags: frozenset[str]


def mailbox_of(url: str) -> Mailbox:
    """Read the address of a mailbox. Raises ValueError, which never repeats it: a password stands in it."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        if not (parts.hostname and parts.username and parts.password) or parts.fragment:
            raise ValueError(url)
        done = parse_qs(parts.query, strict_parsing=True)["done"][0] if parts.query else ""
    except (ValueError, KeyError):
        raise ValueError(
            "It is no address of a mailbox such as imaps://user:password@host/INBOX?done=Archive; "
            "what is not a letter or digit in user and password stands percent-encoded."
        ) from None
    return Mailbox(
        parts.scheme,
        parts.hostname,
        port,
        unquote(parts.username),
        unquote(parts.password),
        unquote(parts.path.strip("/")) or "INBOX",
        done,
    )


def fetch_all(*, now: datetime) -> dict[Desk, Fetched | MailboxAway]:
    """Fetch each mailbox that is configured; one that is away does not keep the others waiting for more than a word."""
    return {Desk(desk): _fetch_or_note(Desk(desk), now=now) for desk, url in settings.SUPPORT_MAILBOXES.items() if url}


def fetch(desk: Desk, *, now: datetime) -> Fetched:
    """Bring what lies in the mailbox of a desk to its tickets; nothing where another process is just at it.

    A letter that fails stays, and those after it are fetched all the same. Raises MailboxAway, and what the database
    raises while it is away.
    """
    box, fetched = mailbox_of(settings.SUPPORT_MAILBOXES[desk]), Fetched()
    alone = f"support:fetching:{desk}"
    # To save work, and only that: two who fetch one letter find one row, and to delete it twice changes nothing.
    if not cache.add(alone, 1, SECONDS_ALONE):
        return fetched
    stop_at = time.monotonic() + SECONDS_OF_A_RUN
    try:
        with _session(box) as session:
            validity = _validity(session, box)
            listed = list(_listed(session))
            for number, found in enumerate(listed):
                if time.monotonic() > stop_at:
                    fetched.later = len(listed) - number
                    break
                cache.touch(alone, SECONDS_ALONE)
                _bring(session, box, validity, found, desk, fetched, now=now)
    except (imaplib.IMAP4.error, ImapToolsError, OSError, EOFError) as error:
        raise MailboxAway(f"{type(error).__name__}: {error}") from error
    finally:
        cache.delete(alone)
    return fetched


def _fetch_or_note(desk: Desk, *, now: datetime) -> Fetched | MailboxAway:
    since_key = f"support:mailbox-away:{desk}"
    try:
        fetched = fetch(desk, now=now)
    except MailboxAway as error:
        logger.error("The mailbox of %s cannot be read: %s", desk, error)
        cache.add(since_key, now.timestamp(), ONE_DAY)
        since = cache.get(since_key)
        is_long = since is not None and now.timestamp() - since >= PATIENCE.total_seconds()
        if is_long and cache.add(f"{since_key}:told", 1, ONE_DAY):
            context = {"desk": str(desk), "error": str(error), "minutes": int(PATIENCE.total_seconds() // 60)}
            alarms.tell_operators("support/mailbox_away", context, now=now)
        return error
    cache.delete(since_key)
    return fetched


def _bring(
    session: BaseMailBox, box: Mailbox, validity: bytes, found: _Found, desk: Desk, fetched: Fetched, *, now: datetime
) -> None:
    if r"\Deleted" in found.flags:
        return
    is_noted = TOO_LARGE in found.flags or (r"\Flagged" in found.flags and found.size > settings.LARGEST_LETTER)
    raw = None
    if found.size <= settings.LARGEST_LETTER and not is_noted:
        raw = _content(session, found.uid)
        if raw is None:
            fetched.gone += 1
            return
    if raw is None or len(raw) > settings.LARGEST_LETTER:  # servers are not always right about the size
        fetched.too_large += 1
        if not is_noted:
            _note_too_large(session, box, found, desk, now=now)
        return
    letter = _accepted(raw, desk, found.uid)
    if letter is None:
        fetched.failed += 1
    elif letter.state == Letter.State.RECEIVED:
        fetched.waiting += 1
    else:
        try:
            _take_out(session, box, validity, found.uid)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:  # the next run finds the letter filed, and tries again
            logger.error("Letter %s is filed and could not be taken out of the mailbox of %s: %s", letter.pk, desk, error)
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
    # Without a word of the server: an empty one would make a bounce of it.
    sender = path[1].decode(errors="replace").strip() if path else read(raw).from_.address
    addresses = [address.decode(errors="replace") for address in _DELIVERED_TO.findall(headers)]
    ours = sorted((one for one in addresses if desk_of(one) == desk), key=lambda one: "+" not in one)
    return sender, ours[0] if ours else settings.SUPPORT_ADDRESSES[desk]


# --- the server ------------------------------------------------------------------------------------


@contextmanager
def _session(box: Mailbox) -> Iterator[BaseMailBox]:
    """The mailbox, with its folder selected, and the folder for what is done made if it is missing."""
    session = _connected(box)
    session.client.read = _bounded(session.client.read)  # type: ignore[method-assign]
    cut = threading.Timer(SECONDS_AT_MOST, _cut, [session])
    cut.daemon = True
    cut.start()
    try:
        # The other way of logging in has no characters but ASCII.
        is_plain = box.user.isascii() and box.password.isascii()
        (session.login if is_plain else session.login_utf8)(box.user, box.password, None)
        if box.done_folder and not session.folder.exists(box.done_folder):
            session.folder.create(box.done_folder)
        session.folder.set(box.folder)
        yield session
        with suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
            session.logout()
    finally:
        cut.cancel()
        with suppress(OSError):
            session.client.shutdown()


def _connected(box: Mailbox) -> BaseMailBox:
    if box.scheme == "imap":
        return MailBoxUnencrypted(box.host, box.port, timeout=SECONDS_OF_SILENCE)
    # Without a context of ours imaplib would believe any certificate.
    tls = ssl.create_default_context()
    kind = MailBox if box.scheme == "imaps" else MailBoxStartTls
    return kind(box.host, box.port, timeout=SECONDS_OF_SILENCE, ssl_context=tls)


def _bounded(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """imaplib reads as many bytes as the server announces, however many."""

    def bounded(size: int) -> bytes:
        if size > settings.LARGEST_LETTER + 1:
            raise imaplib.IMAP4.abort(f"The server announces {size} bytes, more than was asked for.")
        return read(size)

    return bounded


def _cut(session: BaseMailBox) -> None:
    with suppress(OSError):
        session.client.sock.shutdown(SHUT_RDWR)


def _ask(session: BaseMailBox, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
    """The server's answer to a command with UIDs. Raises imaplib.IMAP4.error where it refuses."""
    status, answer = session.client.uid(command, *arguments)
    if status != "OK":
        raise imaplib.IMAP4.error(f"{command}: {status} {answer!r}"[:300])
    return answer


def _listed(session: BaseMailBox) -> Iterator[_Found]:
    """All letters of the folder, the oldest first, in several answers: one for all may be longer than imaplib reads."""
    _, (count, *_) = session.client.response("EXISTS")
    for first in range(1, int(count or 0) + 1, LISTED_AT_ONCE):
        last = min(first + LISTED_AT_ONCE - 1, int(count))
        status, answer = session.client.fetch(f"{first}:{last}", "(UID RFC822.SIZE FLAGS)")
        if status != "OK":
            raise imaplib.IMAP4.error(f"FETCH: {status}")
        for line in answer:
            if not isinstance(line, bytes):
                continue
            uid, size, flags = _UID.search(line), _SIZE.search(line), _FLAGS.search(line)
            if uid and size:  # a line without them is news of a letter's flags, for which nobody asked
                named = flags[1].decode(errors="replace").split() if flags else ()
                yield _Found(uid[1].decode(), int(size[1]), frozenset(named))


def _content(session: BaseMailBox, uid: str) -> bytes | None:
    """The letter, byte by byte, or one byte more of it than we take; None where it is no longer there."""
    for part in _ask(session, "FETCH", uid, f"(UID BODY.PEEK[]<0.{settings.LARGEST_LETTER + 1}>)"):
        if isinstance(part, tuple) and b"BODY[]" in part[0].upper():
            return part[1]
        if isinstance(part, bytes) and (short := _BODY.search(part)):
            return re.sub(rb"\\(.)", rb"\1", short[1] or b"")
    return None


def _validity(session: BaseMailBox, box: Mailbox) -> bytes:
    """The number that changes when the folder is made anew, and the UIDs begin again."""
    status, answer = session.client.status(encode_folder(box.folder), "(UIDVALIDITY)")  # type: ignore[arg-type]
    found = re.search(rb"UIDVALIDITY (\d+)", b" ".join(part for part in answer if isinstance(part, bytes)))
    if status != "OK" or found is None:
        raise imaplib.IMAP4.abort("The server does not say UIDVALIDITY.")
    return found[1]


def _take_out(session: BaseMailBox, box: Mailbox, validity: bytes, uid: str) -> None:
    """Move the letter to the folder for what is done, or delete it: this one letter, whatever others have marked."""
    if _validity(session, box) != validity:
        raise imaplib.IMAP4.abort("The folder was made anew meanwhile: its UIDs name other letters now.")
    if box.done_folder:
        done = encode_folder(box.done_folder).decode()
        if "MOVE" in session.client.capabilities:
            _ask(session, "MOVE", uid, done)
            return
        _ask(session, "COPY", uid, done)
    _ask(session, "STORE", uid, "+FLAGS", r"(\Deleted)")
    # Without UIDPLUS it stays marked, and is passed over: EXPUNGE alone would delete what other people marked.
    if "UIDPLUS" in session.client.capabilities:
        _ask(session, "EXPUNGE", uid)


def _note_too_large(session: BaseMailBox, box: Mailbox, found: _Found, desk: Desk, *, now: datetime) -> None:
    """Leave the letter where it is, marked, and tell somebody once."""
    try:
        _ask(session, "STORE", found.uid, "+FLAGS", rf"(\Flagged {TOO_LARGE})")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:  # a mark that nobody can set would tell them every minute
        logger.error("A letter in the mailbox of %s is too large and could not be marked: %s", desk, error)
        return
    logger.error("Letter with UID %s in the mailbox of %s is too large: %d bytes", found.uid, desk, found.size)
    context = {"desk": str(desk), "folder": box.folder, "megabytes": found.size // 1024 // 1024, "uid": found.uid}
    alarms.tell_operators("support/letter_too_large", context, now=now)
