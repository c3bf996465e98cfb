"""A server that takes letters by SMTP or LMTP and answers 250 only once they are kept (ADR 0037).

It hears the mail server of the house, not the world: it relays nothing, asks nobody for a password, and takes letters
for the desks' own addresses alone.
"""

import asyncio
import logging
import re
import socket
from asyncio import BaseTransport, LimitOverrunError
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from django.conf import settings
from django.db import connections
from django.utils import timezone

from crs import outages
from support.mail_in import receiving
from support.mail_in.desks import desk_of
from support.mail_out.tokens import ticket_id_of
from support.models import Desk

logger = logging.getLogger(__name__)
# It would write down whoever sends a letter and to whom.
logging.getLogger("mail.log").setLevel(logging.ERROR)

# As long as a server must wait for a client (RFC 5321, 4.5.3.2.7); of a letter so many bytes must come in that time.
SECONDS_OF_SILENCE = 300.0
BYTES_WITHIN_SILENCE = 64 * 1024
# Whoever keeps a connection for longer opens a new one.
SECONDS_OF_A_CONNECTION = 3600.0
MOST_CONNECTIONS = 100
MOST_COMMANDS = 500  # of one kind, in one connection
MOST_RECIPIENTS = 100
# Of letters that come in or are being filed, which takes some ten times as much; who finds it used up tries again.
MOST_BYTES = 2 * settings.LARGEST_LETTER
THREADS = 4
# A letter that is being filed when we are told to stop has so long.
SECONDS_TO_END = 30.0

TAKEN = "250 2.0.0 Taken, it is kept"
TRY_AGAIN = "451 4.3.0 Not taken now, please try again later"
NO_ROOM = "452 4.3.1 Too many letters come in at once, please try again later"
TOO_LARGE = "552 5.3.4 The letter is too large: 25 MB of files are taken at most"
TOO_MANY = "452 4.5.3 Too many recipients, the others in another letter please"
UNKNOWN = "550 5.1.1 No such recipient here"

_PATH = re.compile(
    r"""<(?:@[^:<>\s]+:)?(?P<address>(?:"(?:[^"\\]|\\.)*"|[^<>"\s])*)>(?P<rest>.*)|(?P<bare>[^<>\s]+)(?P<more>.*)""",
    re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def address_of(url: str) -> tuple[type[SMTP], str, int]:
    """Protocol, host and port of a SUPPORT_LISTENER. Raises ValueError with what is wrong."""
    parts = urlsplit(url)
    if parts.scheme not in PROTOCOLS or not parts.hostname or parts.port is None or parts.path.strip("/"):
        raise ValueError(f"{url!r} is no address to listen on such as lmtp://127.0.0.1:2424 or smtp://127.0.0.1:2525")
    return PROTOCOLS[parts.scheme], parts.hostname, parts.port


class Listener:
    """Takes letters from `start` to `stop`. `taken` and `refused` count the answers that letters got."""

    def __init__(self, protocol: type[SMTP], host: str, port: int) -> None:
        self.taken = self.refused = 0
        self.bytes_held = 0
        self._protocol, self._host, self._port = protocol, host, port
        self._name = socket.gethostname()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="letters")
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError where that is not possible."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self._host, self._port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no more letters, and see those that are complete through; what is half there comes again."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            if not connection.is_filing:
                connection.say_goodbye("421 4.3.2 The server is being stopped, please try again later")
        deadline = asyncio.get_running_loop().time() + SECONDS_TO_END
        while self._connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def is_stopping(self) -> bool:
        """Whether no more letters are taken."""
        return self._server is not None and not self._server.is_serving()

    def opened(self, connection: "Connection") -> bool:
        """Note a connection. Of too many, the one that is silent for longest makes room; False: none does."""
        if len(self._connections) >= MOST_CONNECTIONS:
            idle = [one for one in self._connections if not one.is_filing]
            if not idle:
                return False
            min(idle, key=lambda one: one.active_at).say_goodbye("421 4.7.0 Silent for too long, others wait")
        self._connections.add(connection)
        return True

    def closed(self, connection: "Connection") -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    async def take(self, letter: bytes, *, sender: str, recipients: Iterable[str]) -> list[str]:
        """File a letter at the desk of each recipient; the answers in the order of the recipients."""
        # A desk gets it once, however many of its addresses are named; the one with a token of ours knows its ticket.
        recipients = list(recipients)
        by_desk: dict[Desk | None, str] = {}
        for address in sorted(recipients, key=lambda address: ticket_id_of(address) is None):
            by_desk.setdefault(desk_of(address), address)
        loop = asyncio.get_running_loop()
        answers = {
            desk: await loop.run_in_executor(self._threads, _accept, letter, desk, sender, address)
            for desk, address in by_desk.items()
            if desk is not None  # RCPT lets only the desks' addresses in
        }
        self.count(*answers.values())
        return [answers[desk] for desk in map(desk_of, recipients) if desk is not None]

    def count(self, *answers: str) -> None:
        """Count what became of letters."""
        taken = sum(answer == TAKEN for answer in answers)
        self.taken += taken
        self.refused += len(answers) - taken

    def _connection(self) -> SMTP:
        return self._protocol(
            self,
            data_size_limit=settings.LARGEST_LETTER,
            enable_SMTPUTF8=True,
            hostname=self._name,
            ident="CRS",
            timeout=SECONDS_OF_SILENCE,
            command_call_limit=MOST_COMMANDS,
            loop=asyncio.get_running_loop(),
        )

    # --- what aiosmtpd asks of a handler ------------------------------------------------------------

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Name what is understood beside aiosmtpd's own."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take any sender; `<>` is that of a bounce."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the desks' addresses, with a token too, and no others."""
        if desk_of(address) is None:
            return UNKNOWN
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        """What went wrong in our own code is no fault of the letter."""
        logger.error("A conversation with a mail server went wrong", exc_info=error)
        return TRY_AGAIN


def _accept(letter: bytes, desk: Desk, sender: str, recipient: str) -> str:
    """Runs in a thread of the pool: whatever the database does there holds up nobody who is just sending."""
    try:
        receiving.accept(letter, desk=desk, envelope_sender=sender, envelope_recipient=recipient, now=timezone.now())
    except Exception as error:  # whatever it is, the sender's server still has the letter and brings it again
        if outages.is_outage(error):
            logger.warning("A letter is not taken, for a server is away: %s", type(error).__name__)
        else:
            logger.exception("A letter is not taken")
        return TRY_AGAIN
    finally:
        # What a request of Django's does at its end: the next letter gets a connection that works.
        connections.close_all()
    return TAKEN


class Connection(SMTP):
    """One client. What aiosmtpd does otherwise than we need is said at each method."""

    # Command lines, and the steps in which longer lines of letters are read.
    line_length_limit = 64 * 1024
    command_size_limit = 2048

    def __init__(self, listener: Listener, **options: Any) -> None:
        super().__init__(listener, **options)
        self.is_filing = False
        self.active_at = self.loop.time()
        self._listener = listener
        self._bytes_held = 0
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin, unless there are too many; it ends after a while whatever the client does."""
        super().connection_made(transport)
        self._end = self.loop.call_later(SECONDS_OF_A_CONNECTION, self._timeout_cb)
        if not self._listener.opened(self):
            self.say_goodbye("421 4.7.0 Too many connections, please try again later")

    def connection_lost(self, error: Exception | None) -> None:
        """Give back what this client held."""
        self._listener.closed(self)
        self._hold(0)
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(error)

    def say_goodbye(self, words: str) -> None:
        """Tell the client that it is closed, and close."""
        self.active_at = float("inf")  # it makes room once
        if isinstance(self.transport, asyncio.Transport):
            self.transport.write(words.encode() + b"\r\n")
            self.transport.close()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The address as it is. The stdlib's parser, which aiosmtpd asks, refuses some that people have (`jana.@`)."""
        found = _PATH.fullmatch(arg.strip())
        if found is None or _CONTROL.search(arg):
            return None, None
        address, rest = found["address"], found["rest"]
        if address is None:
            address, rest = found["bare"], found["more"]
        # Bytes that are no UTF-8 would not fit into the database.
        return address.encode(errors="surrogateescape").decode(errors="replace") or "<>", rest

    def _reset_timeout(self, duration: float | None = None) -> None:
        self.active_at = self.loop.time()
        super()._reset_timeout(duration)

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: N802
        """Tell nobody which addresses there are; aiosmtpd repeats whatever it was given."""
        await self.push("252 2.0.0 Send a letter to find out")

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take a letter. aiosmtpd's own refuses lines of more than 998 bytes."""
        if await self.check_helo_needed():
            return
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        letter = bytearray()
        refusal = await self._read_into(letter)
        self.envelope = self._create_envelope()
        self._reset_timeout()
        if refusal is not None:
            answers = [refusal] * len(envelope.rcpt_tos)
            self._listener.count(*answers)
        else:
            sender = envelope.mail_from or ""  # "<>" is the null sender, of which bounces are known
            whole = bytes(letter)
            letter.clear()
            self.is_filing = True
            try:
                answers = await self._listener.take(whole, sender=sender, recipients=envelope.rcpt_tos)
            finally:
                self.is_filing = False
                self._hold(0)
        await self._answer(answers)
        if self._listener.is_stopping:
            self.say_goodbye("421 4.3.2 The server is being stopped")

    async def _answer(self, answers: list[str]) -> None:
        """SMTP has one answer for all: only a letter that everybody has is taken."""
        await self.push(next((answer for answer in answers if answer != TAKEN), TAKEN))

    async def _read_into(self, letter: bytearray) -> str | None:
        """Read up to the line with a dot. Returns why the letter is refused, once all of it came, or None.

        Only CR LF ends a line here. A lone CR or LF is a byte like any other, so nobody can hide the end of a letter,
        and commands after it, from a server that reads it otherwise than we do.
        """
        begins_line, size, checked, refusal = True, 0, 0, None
        while True:
            part = await self._read_part()
            ends_line = part.endswith(b"\r\n")
            if begins_line and part.startswith(b"."):
                if part == b".\r\n":
                    return refusal
                part = part[1:]
            begins_line = ends_line
            size += len(part)
            if size > checked:
                checked = size + BYTES_WITHIN_SILENCE
                self._reset_timeout()
                if refusal is None and not self._hold(checked):
                    refusal = NO_ROOM
            if size > settings.LARGEST_LETTER:
                refusal = TOO_LARGE
            if refusal is None:
                letter += part
            elif letter:
                # The rest is read and forgotten: most clients hear us only at the end.
                letter.clear()
                self._hold(0)
            if size > 2 * settings.LARGEST_LETTER:
                self.say_goodbye(TOO_LARGE)
                await asyncio.Event().wait()  # for connection_lost, which ends this coroutine

    async def _read_part(self) -> bytes:
        """A line with its end, or a part of a long one without; the last part of a line may be its end alone."""
        try:
            return bytes(await self._reader.readuntil(b"\r\n"))
        except LimitOverrunError as error:
            return bytes(await self._reader.readexactly(error.consumed))

    def _hold(self, size: int) -> bool:
        """Whether this client may keep `size` bytes of its letter in memory."""
        if self._listener.bytes_held - self._bytes_held + size > MOST_BYTES:
            return False
        self._listener.bytes_held += size - self._bytes_held
        self._bytes_held = size
        return True


class LmtpConnection(LMTP, Connection):
    """LMTP (RFC 2033): after DATA each recipient has an answer of its own, where aiosmtpd gives one."""

    async def _answer(self, answers: list[str]) -> None:
        for answer in answers:
            await self.push(answer)


PROTOCOLS: dict[str, type[SMTP]] = {"smtp": Connection, "lmtp": LmtpConnection}
