"""The few threads in which Django works, and the request that each of them is at."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

Job = Callable[[], None]

# Of a web process: as many as it has connections to the database (docs/performance.md).
THREADS = 4


class Full(Exception):
    """As many requests wait as may wait."""


@dataclass
class _Thread:
    # When its present request began, seconds of the monotonic clock; None while it waits for one.
    began: float | None = None


class Threads:
    """A fixed number of threads that take jobs in the order in which they came."""

    def __init__(self, count: int, *, most_waiting: int) -> None:
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._most_waiting = most_waiting
        self._threads = [_Thread() for _ in range(count)]
        for number, thread in enumerate(self._threads):
            threading.Thread(target=self._work, args=(thread,), name=f"web-{number}", daemon=True).start()

    def put(self, job: Job) -> None:
        """Have `job` done by the next free thread. Raises Full rather than let people wait for minutes."""
        if self.waiting() >= self._most_waiting:
            raise Full
        self._jobs.put(job)

    def waiting(self) -> int:
        """Jobs that no thread has taken yet."""
        return self._jobs.qsize()

    def are_stuck(self, seconds: float) -> bool:
        """Whether every thread has been at one job for longer than `seconds`."""
        long_ago = time.monotonic() - seconds
        return all(thread.began is not None and thread.began < long_ago for thread in self._threads)

    def _work(self, thread: _Thread) -> None:
        while True:
            job = self._jobs.get()
            thread.began = time.monotonic()
            try:
                job()
            except Exception:  # a thread must outlive whatever one request did
                logger.exception("A request ended in an error outside Django")
            del job  # with the body of its request, which would stay in memory until the next one
            thread.began = None
