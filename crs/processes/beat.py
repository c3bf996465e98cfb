"""The scheduler that `celery beat` runs (`CELERY_BEAT_SCHEDULER`)."""

import logging
from typing import Any

from celery.beat import PersistentScheduler

from crs.processes.watchdog import Watchdog

logger = logging.getLogger(__name__)

# Something is due at least every 15 s; a broker that is silent holds one task up for some 20 s.
SECONDS_OF_SILENCE = 180


class Scheduler(PersistentScheduler):
    """Celery's own scheduler, which ends when it hangs and starts with whatever a crash left of its file."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._watchdog = Watchdog(name="beat", seconds=SECONDS_OF_SILENCE)
        super().__init__(*arguments, **named)

    def setup_schedule(self) -> None:
        """Read when each task last ran; a file that cannot be read is replaced, and all start counting anew."""
        try:
            super().setup_schedule()
        except Exception:  # Celery replaces many kinds of torn file; a kill can leave others
            logger.exception("The schedule's file cannot be read and is made anew.")
            self._remove_db()  # type: ignore[attr-defined]  # celery-types does not know it
            super().setup_schedule()

    def tick(self, *arguments: Any, **named: Any) -> float:
        """Send what is due; returns the seconds until something else is."""
        self._watchdog.alive()
        if not self._watchdog.is_alive():
            self._watchdog.start()
        return super().tick(*arguments, **named)
