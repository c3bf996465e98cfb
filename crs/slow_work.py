"""Places for requests that may take seconds, in each web process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from crs.web.threads import THREADS

# All threads of a web process but one may wait for papers or for the voice of a captcha; the last one serves the other
# pages and tells people that there is no place.
places = BoundedSemaphore(THREADS - 1)
# In this time one paper gets ready (docs/performance.md weighs it).
SECONDS_FOR_A_PLACE = 0.1
# People who got none are asked to wait so long.
SECONDS_TO_RETRY = 3


class NoPlace(Exception):
    """Others have all the places."""


@contextmanager
def place() -> Iterator[None]:
    """Hold a place for the time of a `with`. Raises NoPlace."""
    if not places.acquire(timeout=SECONDS_FOR_A_PLACE):
        raise NoPlace
    try:
        yield
    finally:
        places.release()
