"""The application that granian serves: bodies come in its event loop, and Django works in a few threads.

A WSGI server gives a request to a thread as soon as the headers are there, and the thread then waits
for the body for as long as the client likes. Here nobody but the event loop waits for a client.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from typing import Any, Protocol, cast

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from crs.web import pages
from crs.web.bodies import Held, largest_body
from crs.web.environ import Scope, environ
from crs.web.threads import THREADS, Full, Threads
from crs.wsgi import application as django

logger = logging.getLogger(__name__)

# Requests that wait for a thread, at most: two seconds of work. A request beyond them is asked to come back.
MOST_WAITING = 500
SECONDS_FOR_BODY = 10
# No request may take so long. If all threads do, something in them hangs for good.
SECONDS_TO_BE_STUCK = 120
SECONDS_BETWEEN_LOOKS = 1
EXIT_CODE_WHEN_STUCK = 70


class Body(Protocol):
    """The answer of a WSGI application."""

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None:
        """Let go of whatever the answer needed."""


WSGIApplication = Callable[[dict[str, Any], Callable[..., None]], Body]


class Exchange(Protocol):
    """The other half of a request in RSGI: its body, and the way to answer. Answering works in any thread."""

    def __call__(self) -> Awaitable[bytes]:
        """The whole body."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer; granian sends it for as long as a slow reader takes, without a thread."""


class Refused(Exception):
    """The request goes no further; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Application:
    """The RSGI application of one web process, on a WSGI application that its threads ask."""

    def __init__(self, wsgi: WSGIApplication, *, seconds_to_be_stuck: float = SECONDS_TO_BE_STUCK) -> None:
        self._wsgi = wsgi
        self._seconds_to_be_stuck = seconds_to_be_stuck

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._threads = Threads(THREADS, most_waiting=MOST_WAITING)
        self._held = Held()
        # Tasks that receive a body, with their deadlines. `_look` checks them once a second, because a timer for each
        # costs 30 µs.
        self._receiving: dict[asyncio.Task[None], float] = {}
        loop.call_later(SECONDS_BETWEEN_LOOKS, self._look)

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        # Answered in the loop: liveness must not wait for a free thread.
        if scope.path == "/healthz" and scope.method in {"GET", "HEAD"}:
            exchange.response_bytes(200, [("content-type", "text/plain")], b"ok")
            return
        try:
            length = self._length(scope)
        except Refused as refused:
            exchange.response_bytes(*pages.refusal(refused.status, path=scope.path))
            return
        answered = self._loop.create_future()
        try:
            try:
                body = await self._body(length, exchange)
                self._threads.put(lambda: self._answer(scope, body, exchange, lambda: self._finish(answered, length)))
            except BaseException:
                self._held.give_back(length)
                raise
        except Refused as refused:
            exchange.response_bytes(*pages.refusal(refused.status, path=scope.path))
        except Full:
            logger.warning("%d requests wait for a thread; more are sent away", MOST_WAITING)
            exchange.response_bytes(*pages.refusal(503, path=scope.path, reloads_itself=scope.method == "GET"))
        else:
            await answered

    def _length(self, scope: Scope) -> int:
        """The length of the body, for which there is room from now on. Raises Refused where it is too long, or unknown.

        The room is given back when a thread is through with the request (`_finish`), or the body did not come so far.
        """
        headers = scope.headers
        if "transfer-encoding" in headers:
            # No browser sends a form in chunks, and the proxy gives us those of programs in one piece.
            raise Refused(411)
        length = int(headers.get("content-length", "0"))
        if length > largest_body(scope.path):
            raise Refused(413)
        if not self._held.take(length):
            raise Refused(503)
        return length

    async def _body(self, length: int, exchange: Exchange) -> bytes:
        """The whole body. Raises Refused for one that does not come."""
        if not length:
            return b""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._receiving[task] = self._loop.time() + SECONDS_FOR_BODY
        try:
            return await exchange()
        except (asyncio.CancelledError, ProtocolClosed):  # the latter where the client left, and will not read the page
            raise Refused(408) from None
        finally:
            del self._receiving[task]

    def _answer(self, scope: Scope, body: bytes, exchange: Exchange, finish: Callable[[], None]) -> None:
        """Ask Django, in a thread. Whatever happens, the client gets an answer and the loop learns of it."""
        answer = pages.refusal(500, path=scope.path)
        try:
            answer = self._ask_django(environ(scope, body))
        finally:
            try:
                exchange.response_bytes(*answer)
            finally:
                self._loop.call_soon_threadsafe(finish)

    def _ask_django(self, request: dict[str, Any]) -> pages.Answer:
        begun: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            begun[:] = int(status[:3]), headers

        with closing(self._wsgi(request, start_response)) as response:
            body = b"".join(response)
        status, headers = begun
        return status, headers, body

    def _finish(self, answered: asyncio.Future[None], length: int) -> None:
        self._held.give_back(length)
        if not answered.done():  # it is cancelled where the client left
            answered.set_result(None)

    def _look(self) -> None:
        """Give up bodies that do not come, and this process if nothing moves in it any more."""
        now = self._loop.time()
        for task, deadline in self._receiving.items():
            if deadline < now:
                task.cancel()
        if self._threads.are_stuck(self._seconds_to_be_stuck):
            logger.critical("All %d threads hang; this web process ends and another takes its place", THREADS)
            os._exit(EXIT_CODE_WHEN_STUCK)
        self._loop.call_later(SECONDS_BETWEEN_LOOKS, self._look)


application = Application(cast("WSGIApplication", django))
