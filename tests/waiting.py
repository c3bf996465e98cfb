"""Waiting for what other processes and connections do."""

import time
from collections.abc import Callable

from django.db import connection


def wait_until(
    is_so: Callable[[], object], what: str | Callable[[], str], *, seconds: float = 60, pause: float = 0.1
) -> None:
    """Wait until `is_so`, asking every `pause` seconds. Raises AssertionError with `what` was waited for."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, what if isinstance(what, str) else what()
        time.sleep(pause)


def wait_until_somebody_waits() -> None:
    """Wait until another connection of this database waits for a lock, as it does when it has met ours."""
    asked = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    def is_so() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(asked)
            return cursor.rowcount > 0

    wait_until(is_so, "a connection that waits for a lock", seconds=10, pause=0.01)
