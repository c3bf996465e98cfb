"""Keeps a server that is away, or hangs, from costing every request its time-out."""

import logging
import time
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import TypeVar
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

T = TypeVar("T")

# For so long after a failure nobody in this process waits for the server again.
PAUSE_SECONDS = 5.0


class Breaker:
    """One server as this process knows it: whether it answered when it was asked last."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._lock = Lock()
        self._asked_again_at: float | None = None

    def call(self, ask: Callable[[], T], *, errors: type[Exception] | tuple[type[Exception], ...], otherwise: T) -> T:
        """The result of `ask()`; `otherwise` where it raises one of `errors`, or where the server is known to be away.

        The log has a line when the server goes and one when it is back, not one for each call.
        """
        if not self._may_ask():
            return otherwise
        try:
            answer = ask()
        except errors as error:
            self._note_failure(error)
            return otherwise
        self._note_answer()
        return answer

    def _may_ask(self) -> bool:
        """Whether the server answered last time, or its pause is over; then one caller tries and the others go on."""
        if self._asked_again_at is None:
            return True
        with self._lock:
            now = time.monotonic()
            if self._asked_again_at is not None and now < self._asked_again_at:
                return False
            self._asked_again_at = now + PAUSE_SECONDS
            return True

    def _note_failure(self, error: Exception) -> None:
        with self._lock:
            was_there, self._asked_again_at = self._asked_again_at is None, time.monotonic() + PAUSE_SECONDS
        if was_there:
            name = type(error).__name__
            logger.error("%s does not answer (%s: %s); until it does, nobody waits for it", self.server, name, error)

    def _note_answer(self) -> None:
        if self._asked_again_at is None:
            return
        with self._lock:
            was_away, self._asked_again_at = self._asked_again_at is not None, None
        if was_away:
            logger.warning("%s answers again", self.server)


def breaker_of(url: str) -> Breaker:
    """The breaker of the server at `url`: one for a process, whatever is kept there."""
    address = urlsplit(url)
    # The path is the socket, or else the number of a database.
    return _known(address.path if not address.hostname else f"{address.hostname}:{address.port or ''}")


@cache
def _known(server: str) -> Breaker:
    return Breaker(server)
