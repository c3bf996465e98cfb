"""How a process makes sure of the embedded servers and lets them go."""

import fcntl
import os
import subprocess
import sys
import time
from contextlib import suppress
from typing import IO

import psutil

from crs.embedded.paths import (
    KEEPER_LOCK,
    LOCAL,
    LOGS,
    ROOT,
    USERS_LOCK,
    is_embedded_database,
    is_embedded_redis,
)
from crs.embedded.private import make_private, make_socket_dir, open_private
from crs.embedded.state import State

KEEPER = "crs.embedded.keeper"
SECONDS_TO_START = 90.0
# The keeper looks several times a second whether it is needed, and then stops one server after the other.
SECONDS_TO_NOTICE = 3.0
SECONDS_TO_STOP = 30.0
# Longer than a keeper takes to start a server that recovers from a crash.
SECONDS_OF_SILENCE = 100.0
SECONDS_BETWEEN_KEEPERS = 5.0

_held: IO[str] | None = None
_replaced_at = 0.0
# The keeper's last look, by its clock in nanoseconds, and when we saw that it was a new one, by ours (monotonic).
_look = 0
_look_seen_at = 0.0


class ServersFailed(Exception):
    """The embedded servers did not start; the text says why."""


def hold() -> None:
    """Start the embedded servers if they are needed and do not run; keep them while this process lives.

    Does nothing where `DATABASE_URL` and `REDIS_URL` are both set. Raises ServersFailed, NotOurs.
    """
    global _held
    if _held is not None or not (is_embedded_database() or is_embedded_redis()):
        return
    make_private(LOGS)
    make_socket_dir()  # before anybody connects: in a folder of somebody else's a server would be theirs, too
    users = open_private(USERS_LOCK)
    fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper is just stopping the servers
    with open_private(LOCAL / "start.lock") as start:
        fcntl.flock(start, fcntl.LOCK_EX)  # of two at once, one starts and the other finds them
        _wait_for_answers()
    _held = users


def release() -> None:
    """Let go of the servers and, if nobody else uses them, wait until they have stopped.

    Stops them itself where the keeper does not.
    """
    global _held
    if _held is None:
        return
    _held.close()
    _held = None
    if _somebody_else_holds():
        return
    started = time.monotonic()
    while _keeper_lives() and time.monotonic() - started < (SECONDS_TO_STOP if _is_closed() else SECONDS_TO_NOTICE):
        time.sleep(0.05)
    if _keeper_lives():
        _kill_keeper()
    _stop_servers()


def replace_dead_keeper() -> bool:
    """Start a new keeper if ours is gone or hangs; returns whether it did.

    For processes that hold the servers for long.
    """
    global _replaced_at
    if _held is None or time.monotonic() - _replaced_at < SECONDS_BETWEEN_KEEPERS:
        return False
    if _keeper_lives():
        if not _keeper_hangs():
            return False
        _kill_keeper()
    _spawn_keeper()
    _replaced_at = time.monotonic()
    return True


def _keeper_hangs() -> bool:
    """Whether the keeper has not looked for too long.

    Its times are compared with each other alone: a clock that was set or a machine that slept proves nothing.
    """
    global _look, _look_seen_at
    look, now = KEEPER_LOCK.stat().st_mtime_ns, time.monotonic()
    if look != _look:
        _look, _look_seen_at = look, now
    return now - _look_seen_at > SECONDS_OF_SILENCE


def _kill_keeper() -> None:
    with suppress(ValueError, psutil.Error):
        keeper = psutil.Process(int(KEEPER_LOCK.read_text()))
        if KEEPER in keeper.cmdline():
            keeper.kill()
            psutil.wait_procs([keeper], timeout=5)


def _stop_servers() -> None:
    """Stop what still runs: nothing, unless the keeper was killed before it could do so."""
    from crs.embedded import postgres, valkey

    with open_private(USERS_LOCK) as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody has come meanwhile
        if is_embedded_redis():
            valkey.stop()
        if is_embedded_database():
            postgres.stop()


def _keeper_lives() -> bool:
    with open_private(KEEPER_LOCK) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _somebody_else_holds() -> bool:
    """Whether other processes share users.lock: it cannot be had alone, and yet can be shared."""
    return not _can_have_users_lock(fcntl.LOCK_EX) and not _is_closed()


def _is_closed() -> bool:
    """Whether the keeper has users.lock for itself, because it is stopping the servers."""
    return not _can_have_users_lock(fcntl.LOCK_SH)


def _can_have_users_lock(kind: int) -> bool:
    with open_private(USERS_LOCK) as users:
        try:
            fcntl.flock(users, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _spawn_keeper() -> subprocess.Popen[bytes]:
    with open_private(LOGS / "keeper.log") as output:
        return subprocess.Popen(
            [sys.executable, "-m", KEEPER],
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
        is_ready = not is_embedded_database() or postgres.state() is State.READY
        if is_ready and (not is_embedded_redis() or valkey.state() is State.READY):
            if is_embedded_database():
                postgres.create_database()
            return
        if keeper is not None and keeper.poll():
            break
        if keeper is not None and keeper.returncode == 0:
            keeper = None  # another one was quicker
        time.sleep(0.1)
    raise ServersFailed(f"The embedded servers did not start, see {LOGS}:\n{_end_of_log()}")


def _end_of_log() -> str:
    return "\n".join((LOGS / "keeper.log").read_text().splitlines()[-20:])
