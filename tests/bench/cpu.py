"""Processor time of whole trees of processes, from the operating system."""

import ctypes
import os
import time
from collections.abc import Mapping

import psutil
import redis
from django.db import connection

from crs.embedded.paths import valkey_socket

_libc = ctypes.CDLL(None)


def seconds(process: psutil.Process) -> float:
    """What `process` and all its descendants have used, user and system time, those that have ended included.

    An ended descendant counts with its parent as soon as the parent has waited for it, which PostgreSQL, granian and
    `subprocess` do. Raises NoSuchProcess where `process` itself is gone.
    """
    while True:
        family = [process, *process.children(recursive=True)]
        try:
            # The accounts of ended children first: for one that ends after this line the next one raises, and all is
            # read anew. The other way round its time would count twice.
            times = [member.cpu_times() for member in family]
            own = [_own_seconds(member.pid) for member in family]
        except (psutil.NoSuchProcess, ProcessLookupError):
            if not process.is_running():
                raise
            continue
        return sum(own) + sum(one.children_user + one.children_system for one in times)


def _own_seconds(pid: int) -> float:
    """What the threads of a process have used. To the nanosecond: /proc rounds to 10 ms, which is ten requests."""
    clock = ctypes.c_int()
    if error := _libc.clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise ProcessLookupError(error, os.strerror(error))
    try:
        return time.clock_gettime(clock.value)
    except OSError as gone:  # it ended between the two calls
        raise ProcessLookupError(pid) from gone


class Servers:
    """Processes that work for the same requests, by name."""

    def __init__(self, **processes: psutil.Process) -> None:
        self._processes = processes

    def read(self) -> Mapping[str, float]:
        """Seconds that each has used since it began."""
        return {name: seconds(process) for name, process in self._processes.items()}


def database() -> psutil.Process:
    """The first process of PostgreSQL, whose children serve everybody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return psutil.Process(psutil.Process(cursor.fetchone()[0]).ppid())


def valkey() -> psutil.Process:
    """The one process of Valkey."""
    with redis.Redis(unix_socket_path=str(valkey_socket())) as client:
        return psutil.Process(client.info("server")["process_id"])
