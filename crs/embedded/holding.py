"""How a process makes sure of the embedded servers and lets them go."""

import fcntl
import os
import subprocess
import sys
import time
from typing import IO

from crs.embedded.paths import LOCAL, LOGS, ROOT, is_embedded_database, is_embedded_redis

SECONDS_TO_START = 90.0
SECONDS_TO_STOP = 20.0

_held: IO[str] | None = None


class ServersFailed(Exception):
    """The embedded servers did not start; the text says why."""


def hold() -> None:
    """Start the embedded servers if they are needed and do not run; keep them while this process lives.

    Does nothing where `DATABASE_URL` and `REDIS_URL` are both set. Raises ServersFailed.
    """
    global _held
    if _held is not None or not (is_embedded_database() or is_embedded_redis()):
        return
    LOGS.mkdir(parents=True, exist_ok=True)
    users = (LOCAL / "users.lock").open("a")
    fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper is just stopping the servers
    with (LOCAL / "start.lock").open("a") as start:
        fcntl.flock(start, fcntl.LOCK_EX)  # of two at once, one starts and the other finds them
        _wait_for_answers()
    _held = users


def release() -> None:
    """Let go of the servers and, if nobody else uses them, wait until they have stopped."""
    global _held
    if _held is None:
        return
    _held.close()
    _held = None
    if _somebody_else_holds():
        return
    deadline = time.monotonic() + SECONDS_TO_STOP
    while _keeper_lives() and time.monotonic() < deadline:
        time.sleep(0.05)


def _keeper_lives() -> bool:
    with (LOCAL / "keeper.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _somebody_else_holds() -> bool:
    """Whether other processes share users.lock: it cannot be had alone, and yet can be shared.

    Where it cannot even be shared, the keeper has it and is stopping the servers.
    """
    with (LOCAL / "users.lock").open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            try:
                fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True
    return False


def _spawn_keeper() -> subprocess.Popen[bytes]:
    log = LOGS / "keeper.log"
    with log.open("w") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "crs.embedded.keeper"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_for_answers() -> None:
    # Imported here: with real servers configured, neither wheel need be installed.
    from crs.embedded import postgres, valkey

    keeper: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if keeper is None and not _keeper_lives():
            keeper = _spawn_keeper()
        database_answers = not is_embedded_database() or postgres.is_running()
        if database_answers and (not is_embedded_redis() or valkey.is_running()):
            if is_embedded_database():
                postgres.create_database()
            return
        if keeper is not None and keeper.poll() is not None:
            raise ServersFailed((LOGS / "keeper.log").read_text())
        time.sleep(0.05)
    raise ServersFailed(f"The embedded servers did not start in {SECONDS_TO_START:.0f} s, see {LOGS}")
