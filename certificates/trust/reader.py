"""Reads what stands at an address: with limits to its bytes and to its seconds, which no server can stretch."""

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter

_OK, _NO_CONTENT = 200, 204


class Unread(Exception):
    """The address cannot be read; the text says why."""


class TooLong(Unread):
    """The answer is longer than it may be."""


@dataclass(frozen=True)
class Answer:
    """What a server answered; it has a body with the status 200 only. A redirect is not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Reader:
    """A session with one server after another."""

    def __init__(self, *, seconds_to_connect: float, seconds_between_bytes: float) -> None:
        self._timeouts = (seconds_to_connect, seconds_between_bytes)
        self._opened: list[socket.socket] = []
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Adapter(self._opened))

    def get(self, url: str, *, longest: int, seconds: float, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer, whole, with all that it takes in `seconds`. Raises Unread, and TooLong."""
        until = time.monotonic() + seconds
        # A time limit of a socket begins anew with each byte, in the headers too. So the socket is shut from outside.
        watchdog = threading.Timer(max(seconds, 0), self._shut)
        watchdog.daemon = True
        watchdog.start()
        try:
            with self._session.get(
                url, headers=headers, timeout=self._timeouts, stream=True, allow_redirects=False
            ) as answer:
                body = _body(answer, longest) if answer.status_code in {_OK, _NO_CONTENT} else b""
        except TooLong:
            raise
        except Exception as error:  # of requests, and of what lies below it
            if time.monotonic() >= until:
                raise Unread(f"{url} takes longer than {seconds:.0f} seconds.") from error
            raise Unread(f"{url} cannot be read: {error}") from error
        finally:
            watchdog.cancel()
        if time.monotonic() >= until:
            # What was shut may look like what ended.
            raise Unread(f"{url} takes longer than {seconds:.0f} seconds.")
        return Answer(answer.status_code, answer.headers, body)

    def _shut(self) -> None:
        for opened in self._opened:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)


def _body(answer: requests.Response, longest: int) -> bytes:
    body = bytearray()
    while part := answer.raw.read1(64 * 1024, decode_content=True):
        body += part
        if len(body) > longest:
            raise TooLong(f"{answer.url} sends more than {longest:,} bytes.")
    return bytes(body)


class _Adapter(HTTPAdapter):
    """Keeps the sockets that it opens, so that they can be shut."""

    def __init__(self, opened: list[socket.socket]) -> None:
        super().__init__()
        self._opened = opened

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = _watched(type(pool).ConnectionCls, self._opened)
        return pool


def _watched(kind: Any, opened: list[socket.socket]) -> type:
    """The class of connections, with each socket noted when it is open."""

    def connect(connection: Any) -> None:
        kind.connect(connection)
        # The socket, not the connection: this lets go of it where the answer ends with it.
        opened.append(connection.sock)

    return type(kind.__name__, (kind,), {"connect": connect})
