"""A mailbox on an IMAP server, as far as letters are fetched from it (`support.mail_in.fetching`)."""

import imaplib
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socket import SHUT_RDWR
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.utils import encode_folder

# One word of the server.
SECONDS_OF_SILENCE = 20.0
# Then the connection is cut: a server may be slow word by word.
SECONDS_AT_MOST = 300.0
LISTED_AT_ONCE = 1000
PORTS = {"imaps": 993, "imap": 143, "imap+starttls": 143}
DELETED, FLAGGED, TOO_LARGE = r"\Deleted", r"\Flagged", "CrsTooLarge"

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_UIDVALIDITY = re.compile(rb"\bUIDVALIDITY (\d+)")
# A letter that comes within the line, as servers may send short ones.
_SHORT = re.compile(rb'\bBODY\[\](?:<0>)? (?:"((?:[^"\\]|\\.)*)"|NIL)', re.IGNORECASE)


class MailboxAway(Exception):
    """The mailbox cannot be read at present. Its letters are safe where they are."""


class Refused(Exception):
    """The server refuses one command; the others may go well."""


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


@dataclass(frozen=True)
class Found:
    """A letter in the folder. The size is what the server says, which is not always right."""

    uid: str
    size: int
    flags: frozenset[str]


def mailbox_of(url: str) -> Mailbox:
    """Read the address of a mailbox. Raises ValueError, which never repeats it: a password stands in it."""
    box = _read(url)
    if box is None:
        raise ValueError(
            "It is no address of a mailbox such as imaps://user:password@host/INBOX?done=Archive; "
            "what is not a letter or digit in user and password stands percent-encoded."
        )
    return box


def _read(url: str) -> Mailbox | None:
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        (parts.hostname or "").encode("idna")  # a ValueError where no host can have that name
        done = parse_qs(parts.query, strict_parsing=True)["done"][0] if parts.query else ""
    except (ValueError, KeyError):
        return None
    if not (parts.scheme in PORTS and parts.hostname and parts.username and parts.password) or parts.fragment:
        return None
    user, password = unquote(parts.username), unquote(parts.password)
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Mailbox(parts.scheme, parts.hostname, port, user, password, folder, done)


@contextmanager
def opened(box: Mailbox) -> Iterator["OpenMailbox"]:
    """Log in and open the folder; the folder for what is done is made if it is missing. Raises MailboxAway."""
    try:
        with _logged_in(box) as session:
            if box.done_folder and not session.folder.exists(box.done_folder):
                session.folder.create(box.done_folder)
            session.folder.set(box.folder)
            yield OpenMailbox(box, session)
    except (imaplib.IMAP4.error, ImapToolsError, OSError, EOFError, ValueError) as error:
        raise MailboxAway(f"{type(error).__name__}: {error}"[:300]) from error


class OpenMailbox:
    """A folder that is open."""

    def __init__(self, box: Mailbox, session: BaseMailBox) -> None:
        self._box, self._session, self._client = box, session, session.client
        _, permanent = self._client.response("PERMANENTFLAGS")
        # imaplib keeps what was said before the log-in.
        _, answer = self._client.capability()
        self._can = frozenset(b" ".join(answer).decode().upper().split())
        self._validity = self._uid_validity()
        # Which flags it keeps, if it says so; `\*`: any.
        kept = b" ".join(part for part in permanent if part).decode(errors="replace")
        self.has_no_marks_of_ours = bool(kept) and not (r"\*" in kept or TOO_LARGE in kept)

    def letters(self) -> Iterator[Found]:
        """All letters, the oldest first, in several answers: one for all may be longer than imaplib reads."""
        count = int(self._client.response("EXISTS")[1][0] or 0)
        for first in range(1, count + 1, LISTED_AT_ONCE):
            numbers = f"{first}:{min(first + LISTED_AT_ONCE - 1, count)}"
            status, answer = self._client.fetch(numbers, "(UID RFC822.SIZE FLAGS)")
            if status != "OK":
                raise imaplib.IMAP4.abort(f"FETCH: {status}")
            for line in answer:
                if not isinstance(line, bytes):
                    continue
                uid, size, flags = _UID.search(line), _SIZE.search(line), _FLAGS.search(line)
                if uid and size:  # a line without them is news of a letter's flags, for which nobody asked
                    named = flags[1].decode(errors="replace").split() if flags else ()
                    yield Found(uid[1].decode(), int(size[1]), frozenset(named))

    def content(self, uid: str) -> bytes | None:
        """The letter, or one byte more of it than we take; None where it is no longer there."""
        for part in self._ask("FETCH", uid, f"(UID BODY.PEEK[]<0.{settings.LARGEST_LETTER + 1}>)"):
            if isinstance(part, tuple) and b"BODY[]" in part[0].upper():
                return part[1]
            if isinstance(part, bytes) and (short := _SHORT.search(part)):
                return re.sub(rb"\\(.)", rb"\1", short[1] or b"")
        return None

    def take_out(self, uid: str) -> None:
        """Move the letter to the folder for what is done, or delete it: this one, whatever others have marked.

        Raises Refused.
        """
        if self._uid_validity() != self._validity:
            raise imaplib.IMAP4.abort("The folder was made anew meanwhile: its UIDs name other letters now.")
        if self._box.done_folder:
            done = encode_folder(self._box.done_folder).decode()
            if "MOVE" in self._can:
                self._ask("MOVE", uid, done)
                return
            self._ask("COPY", uid, done)
        self._ask("STORE", uid, "+FLAGS", rf"({DELETED})")
        # Without UIDPLUS it stays marked, and is passed over: EXPUNGE alone would delete what other people marked.
        if "UIDPLUS" in self._can:
            self._ask("EXPUNGE", uid)

    def mark_too_large(self, uid: str) -> None:
        """Mark it for us and for people. Raises Refused."""
        flags = FLAGGED if self.has_no_marks_of_ours else f"{FLAGGED} {TOO_LARGE}"
        self._ask("STORE", uid, "+FLAGS", f"({flags})")

    def _ask(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
        status, answer = self._client.uid(command, *arguments)
        if status != "OK":
            raise Refused(f"{command}: {status} {answer!r}"[:300])
        return answer

    def _uid_validity(self) -> bytes:
        """The number that changes when the folder is made anew, and the UIDs begin again."""
        folder = encode_folder(self._box.folder).decode()
        status, answer = self._client.status(folder, "(UIDVALIDITY)")
        found = _UIDVALIDITY.search(b" ".join(part for part in answer if isinstance(part, bytes)))
        if status != "OK" or found is None:
            raise imaplib.IMAP4.abort("The server does not say UIDVALIDITY.")
        return found[1]


@contextmanager
def _logged_in(box: Mailbox) -> Iterator[BaseMailBox]:
    session = _connected(box)
    session.client.read = _bounded(session.client.read)  # type: ignore[assignment, method-assign]
    cut = threading.Timer(SECONDS_AT_MOST, _cut, [session])
    cut.daemon = True
    cut.start()
    try:
        # LOGIN has no characters but ASCII, and some servers know nothing else.
        is_plain = box.user.isascii() and box.password.isascii()
        (session.login if is_plain else session.login_utf8)(box.user, box.password, None)
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
    """Imaplib reads as many bytes as the server announces, however many."""

    def bounded(size: int) -> bytes:
        if size > settings.LARGEST_LETTER + 1:
            raise imaplib.IMAP4.abort(f"The server announces {size} bytes, more than was asked for.")
        return read(size)

    return bounded


def _cut(session: BaseMailBox) -> None:
    with suppress(OSError):
        session.client.sock.shutdown(SHUT_RDWR)
