"""The lines that a local CRS prints: those of its processes and its own."""

import os
import queue
import sys
import threading
import time
from contextlib import suppress

MOST_LINES_WAITING = 1000
SECONDS_FOR_LAST_LINES = 1.0


class Terminal(threading.Thread):
    """Prints in a thread of its own: a terminal that was stopped (Ctrl-S) or a full pipe holds nobody up.

    Lines that come while MOST_LINES_WAITING others wait are dropped; their number stands before the next line.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_LINES_WAITING)
        self._dropped = 0
        # Not through sys.stdout: while a thread waits in there, the program cannot end.
        sys.stdout.flush()
        self._output = sys.stdout.fileno()
        self.start()

    def say(self, name: str, text: str) -> None:
        """Print a line of `name`; never waits. For one thread only."""
        lines = _line(name, text)
        if self._dropped:
            lines = _line("system", f"{self._dropped} lines were dropped, as nobody took them") + lines
        try:
            self._lines.put_nowait(lines)
        except queue.Full:
            self._dropped += 1
        else:
            self._dropped = 0

    def close(self) -> None:
        """Give the last lines a moment."""
        with suppress(queue.Full):
            self._lines.put(None, timeout=SECONDS_FOR_LAST_LINES)
            self.join(SECONDS_FOR_LAST_LINES)

    def run(self) -> None:
        """Print until `close`; a terminal that has gone away does not end us."""
        while (lines := self._lines.get()) is not None:
            left = lines.encode()
            with suppress(OSError):
                while left:
                    left = left[os.write(self._output, left) :]


def _line(name: str, text: str) -> str:
    return f"{time.strftime('%H:%M:%S')} {name:6} | {text}\n"
