"""Ends a worker or a beat that lives but does nothing, so that its supervisor starts it again.

Every way of running CRS starts again what ended (`make run`, `docker compose`); none of them sees
that a living process is deaf (docs/adr/0014-what-died-is-started-again.md).
"""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from celery.worker import state
from kombu import Consumer, Message, Queue
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

EXIT_CODE = 70  # sysexits.h: internal software error
SECONDS_OF_SILENCE = 60
SECONDS_BETWEEN_PROBES = 10
# Our longest task takes about a minute; whatever takes this long will never end.
SECONDS_OF_LONGEST_TASK = 1800


class Watchdog(threading.Thread):
    """Ends this process when nobody called `alive()` for `seconds`.

    `is_excused` is asked each second; while it answers yes, silence does not count. Seconds in
    which the whole process stood still do not count either.
    """

    def __init__(self, *, name: str, seconds: int, is_excused: Callable[[], bool] = lambda: False) -> None:
        super().__init__(name=f"watchdog of the {name}", daemon=True)
        self._what = name
        self._seconds = seconds
        self._is_excused = is_excused
        self._silent = 0

    def alive(self) -> None:
        """Say that the process does its work."""
        self._silent = 0

    def run(self) -> None:
        """Count the silence; returns never, or ends the process."""
        while self._silent < self._seconds:
            time.sleep(1)
            self._silent = 0 if self._is_excused() else self._silent + 1
        logger.critical("The %s has done nothing for %d s; it ends, to be started again.", self._what, self._seconds)
        # Not sys.exit(): an orderly end waits for what hangs.
        os._exit(EXIT_CODE)


class Consumption(bootsteps.StartStopStep):
    """Watches that a worker consumes: it must receive the probes that it sends to itself through the broker.

    They lie in a queue of this process's own and come in through the connection, the channel and
    the limit of unacknowledged messages of its tasks; what keeps tasks from coming keeps probes too.
    A worker all of whose slots are busy takes nothing, and is not deaf. A worker that is stopping
    and does not come to its end is ended as well.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)
    label = "Watchdog"

    def __init__(self, consumer: Any, **_: Any) -> None:
        super().__init__(consumer)
        self._watchdog = Watchdog(name="worker", seconds=SECONDS_OF_SILENCE, is_excused=self._is_busy)
        self._started = self._seconds_since_a_start = 0

    def start(self, consumer: Any) -> None:
        """Listen to our own queue, and send the first probe; only in a process that is a worker.

        A worker in a thread of another program, such as a test, must not end that. It is made in any thread, but
        started in its own.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        self._app, self._slots = consumer.app, consumer.pool.num_processes
        # A probe that nobody fetched vanishes by itself, with the queue of a process that is gone.
        self._queue = Queue(f"watchdog.{uuid.uuid4().hex}", expires=2 * SECONDS_OF_SILENCE)
        channel = consumer.task_consumer.channel
        Consumer(channel, [self._queue], on_message=self._receive, no_ack=True).consume()
        self._timer = consumer.timer.call_repeatedly(SECONDS_BETWEEN_PROBES, self._send)
        self._watchdog.alive()
        if not self._watchdog.is_alive():
            self._watchdog.start()

    def stop(self, consumer: Any) -> None:
        """Send no more probes: from here on the time for an orderly end runs."""
        if hasattr(self, "_timer"):
            self._timer.cancel()

    def _receive(self, message: Message) -> None:
        self._watchdog.alive()

    def _send(self) -> None:
        try:
            with self._app.producer_or_acquire() as producer:
                producer.publish({}, routing_key=self._queue.name, declare=[self._queue], retry=False)
        except OperationalError as error:
            logger.warning("The worker could not send its probe: %s", error)

    def _is_busy(self) -> bool:
        """Whether all slots have a task, and one of those started within SECONDS_OF_LONGEST_TASK."""
        started = state.all_total_count[0]
        self._seconds_since_a_start = 0 if started != self._started else self._seconds_since_a_start + 1
        self._started = started
        has_no_slot = len(state.reserved_requests) >= self._slots
        return has_no_slot and self._seconds_since_a_start < SECONDS_OF_LONGEST_TASK
