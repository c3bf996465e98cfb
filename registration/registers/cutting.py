"""A bound on the whole of an answer.

The time-outs of `requests` are those of one wait: a server that sends a byte every few seconds never meets them.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any
from weakref import WeakSet

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class CuttingAdapter(HTTPAdapter):
    """Makes connections for one thread, which can be cut while it waits for them."""

    def __init__(self, **options: Any) -> None:
        self._is_over = False
        # The sockets: a connection forgets its own while the last answer is still being read.
        self._made: WeakSet[socket.socket] = WeakSet()
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Have all connections made so that they are known here."""
        super().init_poolmanager(*args, **options)
        adapter = self

        class Connection(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                adapter._note(self.sock)

        class SecureConnection(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                adapter._note(self.sock)

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = SecureConnection

        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        """End every wait at a connection once `seconds` have passed in the block; then no new one is made either."""
        timer = Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            self._is_over = False

    def _cut(self) -> None:
        self._is_over = True
        for made in list(self._made):
            with suppress(OSError):  # closed already
                # Not the TLS socket's own: that one would take the cipher away from whoever reads.
                socket.socket.shutdown(made, socket.SHUT_RDWR)

    def _note(self, made: socket.socket | None) -> None:
        """Raises TimeoutError where time is over. A connection being made just then is cut here or in `_cut`."""
        if made is not None:
            self._made.add(made)
        if self._is_over:
            raise TimeoutError
