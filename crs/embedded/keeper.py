"""The process that starts the embedded servers, restarts one that died, and stops both at the end.

The end is when nobody holds `users.lock` any more. The kernel drops a dead process's lock, so a
`kill -9` is noticed like an ordinary exit, and no counter can be left wrong.
"""

import fcntl
import signal
import sys
import time
from typing import IO

from crs.embedded import postgres, valkey
from crs.embedded.paths import LOCAL, is_embedded_database, is_embedded_redis

SECONDS_BETWEEN_LOOKS = 0.25
LOOKS_BETWEEN_CHECKS = 4


def main() -> None:
    """Keep the servers running until the last user is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the users; the keeper goes after them
    with (LOCAL / "keeper.lock").open("a") as alive, (LOCAL / "users.lock").open("a") as users:
        fcntl.flock(alive, fcntl.LOCK_EX)
        _start()
        looks = 0
        while not _is_last(users):
            time.sleep(SECONDS_BETWEEN_LOOKS)
            looks += 1
            if looks % LOOKS_BETWEEN_CHECKS == 0:
                _start()
        # From here on a new user waits for our lock on users.lock, then starts a new keeper.
        if is_embedded_redis():
            valkey.stop()
        if is_embedded_database():
            postgres.stop()


def _start() -> None:
    if is_embedded_database() and not postgres.is_running():
        postgres.start()
    if is_embedded_redis() and not valkey.is_running():
        valkey.start()


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    try:
        main()
    except (postgres.PostgresFailed, valkey.ValkeyFailed) as error:
        sys.exit(str(error))
