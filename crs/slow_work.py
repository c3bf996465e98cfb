"""Places for requests that may take seconds, in each web process."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore

from crs.web.threads import THREADS

# All threads of a web process but one may wait for papers or for the voice of a captcha; the last one serves the other
# pages and tells people that there is no place.
places = BoundedSemaphore(THREADS - 1)
# Files of strangers take one of these places, however many come: staff print papers in the others. One more file may
# wait for its turn, in the last thread and so not for long.
_uploads, _turn = BoundedSemaphore(2), BoundedSemaphore(1)
SECONDS_FOR_A_TURN = 1.0
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


@contextmanager
def place_for_upload() -> Iterator[None]:
    """Hold the place of strangers' files for the time of a `with`. Raises NoPlace."""
    with ExitStack() as held:
        for semaphore, seconds in ((_uploads, 0.0), (_turn, SECONDS_FOR_A_TURN)):
            if not semaphore.acquire(timeout=seconds):
                raise NoPlace
            held.callback(semaphore.release)
        held.enter_context(place())
        yield
