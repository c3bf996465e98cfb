"""Waiting for what other processes do."""

import time
from collections.abc import Callable


def wait_until(
    is_so: Callable[[], object], what: str | Callable[[], str], *, seconds: float = 60, pause: float = 0.1
) -> None:
    """Wait until `is_so`, asking every `pause` seconds. Raises AssertionError with `what` was waited for."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, what if isinstance(what, str) else what()
        time.sleep(pause)
