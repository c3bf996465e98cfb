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


def wait_for_lock_waiters(count: int = 1) -> None:
    """Wait until `count` connections of this database wait for a lock, as they do when they have met ours."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    def is_so() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(asked)
            return bool(cursor.fetchone()[0] >= count)

    wait_until(is_so, f"{count} connections that wait for a lock", seconds=10, pause=0.01)
