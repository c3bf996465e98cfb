"""Clients that keep a server waiting, each for as long as the server lets it, and then again."""

import asyncio
import socket
import ssl
import threading
from collections import Counter
from typing import Self

HOST = "localhost"
IDLE, HEADERS, BODY, CHUNKED, READER = "idle", "half headers", "body", "chunked", "reader"
KINDS = (IDLE, HEADERS, BODY, CHUNKED, READER)
SECONDS_BETWEEN_BYTES = 2.0
SMALLEST_BUFFER = 2048
# With the cookie of forms: without it Django refuses before it asks for the body.
_FORM = (
    "POST /jazyk/ HTTP/1.1\r\nHost: localhost\r\n"
    f"Cookie: csrftoken={'a' * 32}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
)
# What a client sends at once, and what it adds from time to time so that it never quite falls silent.
_FIRST = {
    HEADERS: b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    BODY: f"{_FORM}Content-Length: 1000\r\n\r\nnext=".encode(),
    CHUNKED: f"{_FORM}Transfer-Encoding: chunked\r\n\r\n".encode(),
    READER: b"GET /large/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
}
_MORE = {HEADERS: b"a", BODY: b"b", CHUNKED: b"1\r\nc\r\n"}


class SlowClients:
    """`count` clients, shared out among `kinds`, from entering to leaving; who is closed comes back."""

    def __init__(
        self, port: int, *, count: int, kinds: tuple[str, ...] = KINDS, large: str = "/", has_tls: bool = False
    ) -> None:
        self.port = port
        self.count = count
        self.kinds = kinds
        self.closed: Counter[str] = Counter()
        self._large = large.encode()
        self._tls = trusting() if has_tls else None
        self._all_are_there = threading.Event()
        self._connected = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._all_are_there.wait(120), f"{self._connected} of {self.count} connected"
        return self

    def __exit__(self, *raised: object) -> None:
        self._loop.call_soon_threadsafe(self._everything.cancel)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        kinds = [self.kinds[number % len(self.kinds)] for number in range(self.count)]
        self._everything = asyncio.gather(*(self._client(kind) for kind in kinds))
        try:
            self._loop.run_until_complete(self._everything)
        except asyncio.CancelledError:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    async def _client(self, kind: str) -> None:
        is_first = True
        while True:
            try:
                await self._connect_and_dawdle(kind, is_first=is_first)
            except OSError:
                pass
            is_first = False
            self.closed[kind] += 1
            await asyncio.sleep(0.2)

    async def _connect_and_dawdle(self, kind: str, *, is_first: bool) -> None:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALLEST_BUFFER)
        line.setblocking(False)
        await self._loop.sock_connect(line, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(
            sock=line, ssl=self._tls, server_hostname=HOST if self._tls else None, limit=SMALLEST_BUFFER
        )
        try:
            writer.write(_FIRST.get(kind, b"").replace(b"/large/", self._large))
            self._note_connected(is_first=is_first)
            if kind == READER:
                # It takes the first bytes, so the answer is on its way, and then a few from time to time.
                while await reader.read(16):
                    await asyncio.sleep(SECONDS_BETWEEN_BYTES)
            await self._until_closed(reader, writer, _MORE.get(kind, b""))
        finally:
            writer.transport.abort()

    async def _until_closed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, more: bytes) -> None:
        while True:
            try:
                async with asyncio.timeout(SECONDS_BETWEEN_BYTES):
                    if not await reader.read(4096):
                        return
            except TimeoutError:
                writer.write(more)

    def _note_connected(self, *, is_first: bool) -> None:
        self._connected += is_first
        if self._connected == self.count:
            self._all_are_there.set()


def trusting() -> ssl.SSLContext:
    """TLS that takes the test's own certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
