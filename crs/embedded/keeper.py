"""The process that starts the embedded servers, restarts one that died or hangs, and stops both at the end.

The end is when nobody holds `users.lock` any more. The kernel drops a dead process's lock, so a
`kill -9` is noticed like an ordinary exit, and no counter can be left wrong.
"""

import fcntl
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from types import ModuleType
from typing import IO

from crs.embedded import postgres, valkey
from crs.embedded.paths import KEEPER_LOCK, USERS_LOCK, is_embedded_database, is_embedded_redis
from crs.embedded.private import open_private
from crs.embedded.state import State

SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_BETWEEN_CHECKS = 1.0
# How long a server may be silent before it is killed and started again.
SECONDS_OF_SILENCE = 10.0
LONGEST_PAUSE = 30.0
# A server that never started will not; the person who waits for it reads why.
FAILURES_AT_FIRST = 5


class Kept:
    """One server: watched, and started again with a pause that grows while that fails."""

    def __init__(self, server: ModuleType) -> None:
        self.server = server
        self.was_ready = False
        self.failures = 0
        self._next_check = 0.0
        self._answered_at = time.monotonic()

    def check(self) -> None:
        """Look at the server, and kill or start it where that is due. Raises what made a start fail."""
        now = time.monotonic()
        if now < self._next_check:
            return
        # Beforehand: whatever is raised from here on, the next check has its pause.
        self._next_check = now + min(SECONDS_BETWEEN_CHECKS * 2 ** min(self.failures, 10), LONGEST_PAUSE)
        state = self.server.state()
        if state is State.SILENT and now - self._answered_at > SECONDS_OF_SILENCE:
            _say(f"{self.server.__name__} has been silent for {SECONDS_OF_SILENCE:.0f} s; it is killed.")
            self.server.kill()
            state = self.server.state()
        if state is State.GONE:
            self._start()
        if state is not State.SILENT:
            self._answered_at = time.monotonic()
        if state is State.READY:
            self.was_ready, self.failures = True, 0

    def _start(self) -> None:
        _say(f"{self.server.__name__} is started.")
        self.failures += 1
        try:
            self.server.start()
        except Exception:
            self.server.kill()  # the rest of one that was killed can keep the next from starting
            raise
        self._next_check = 0.0


def main() -> None:
    """Keep the servers running until the last user is gone."""
    for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl-C is for the users; the keeper goes after them
        signal.signal(number, signal.SIG_IGN)
    os.umask(0o077)
    kept = [Kept(postgres)] if is_embedded_database() else []
    kept += [Kept(valkey)] if is_embedded_redis() else []
    with open_private(KEEPER_LOCK) as alive, open_private(USERS_LOCK) as users:
        if not _is_only(alive):
            return
        alive.truncate(0)
        alive.write(str(os.getpid()))
        alive.flush()
        try:
            while not _is_last(users):
                for each in kept:
                    _check(each)
                os.utime(alive.fileno())  # a keeper that does not do this hangs
                time.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            # From here on a new user waits for our lock on users.lock, then starts a new keeper.
            for each in reversed(kept):
                each.server.stop()


def _check(kept: Kept) -> None:
    try:
        kept.check()
    except Exception as error:  # a keeper that ends keeps nothing: whatever it is, it is tried again
        if not kept.was_ready and kept.failures >= FAILURES_AT_FIRST:
            sys.exit(str(error))
        _say(traceback.format_exc())


def _say(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")


def _is_only(alive: IO[str]) -> bool:
    """Whether no other keeper runs. Asked several times: a look for a keeper takes the lock for a moment too."""
    for _ in range(10):
        with suppress(BlockingIOError):
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.05)
    return False


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    main()
