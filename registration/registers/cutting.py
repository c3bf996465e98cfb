"""A bound on the whole of an answer.

The time-outs of `requests` are those of one wait: a server that sends a byte every few seconds never meets them.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any
from weakref import WeakSet

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

# A connection that is just being made when time is over is cut a moment later.
_SECONDS_BETWEEN_CUTS = 0.1


class CuttingAdapter(HTTPAdapter):
    """Makes connections for one thread, which can be cut while it waits for them."""

    def __init__(self, **options: Any) -> None:
        self._is_over = False
        self._made: WeakSet[HTTPConnection] = WeakSet()
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Have all connections made so that they are known here."""
        super().init_poolmanager(*args, **options)
        adapter = self

        class Connection(HTTPConnection):
            def connect(self) -> None:
                adapter._note(self)
                super().connect()

        class SecureConnection(HTTPSConnection):
            def connect(self) -> None:
                adapter._note(self)
                super().connect()

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = SecureConnection

        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        """End every wait at a connection once `seconds` have passed in the block; then no new one is made either."""
        is_done = Event()

        def watch() -> None:
            wait = seconds
            while not is_done.wait(wait):
                self._is_over, wait = True, _SECONDS_BETWEEN_CUTS
                for connection in list(self._made):
                    with suppress(OSError, AttributeError):  # not connected, or closed already
                        # Not the TLS socket's own: that one would take the cipher away from whoever reads.
                        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)  # type: ignore[arg-type]

        watcher = Thread(target=watch, name="cut-register", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            is_done.set()
            watcher.join()
            self._is_over = False

    def _note(self, connection: HTTPConnection) -> None:
        """Raises TimeoutError where time is over."""
        if self._is_over:
            raise TimeoutError
        self._made.add(connection)
