"""What code of a stranger could do if it ran in the process that opens files: it tries, and tells."""

import ctypes
import os
import platform
import resource
import socket
import subprocess
import sys
from collections.abc import Callable

from certificates.checking.confinement import confine
from certificates.checking.decoding import BYTES_OF_MEMORY
from crs import own_process


def serve() -> None:
    """Answer with the outcome of a try. With LIMITS_ALONE in the environment, as on a machine of another kind."""
    if "LIMITS_ALONE" in os.environ:
        platform.machine = lambda: "another"
    confine(bytes_of_memory=BYTES_OF_MEMORY)
    own_process.serve(_answer)


def _read_parent() -> None:
    """Read the memory of the process that asks."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.process_vm_readv(os.getppid(), None, 0, None, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")


def _open_in_place_of_an_open_one() -> None:
    os.close(2)
    os.open("/etc/hostname", os.O_RDONLY)


_TRIES: dict[bytes, Callable[[], object]] = {
    b"file": lambda: os.open("/etc/hostname", os.O_RDONLY),
    b"file in place of an open one": _open_in_place_of_an_open_one,
    b"secrets of the parent": lambda: os.open(f"/proc/{os.getppid()}/environ", os.O_RDONLY),
    b"memory of the parent": _read_parent,
    b"socket": lambda: socket.socket(socket.AF_INET),
    b"copy of a descriptor": lambda: os.dup(0),
    b"process": os.fork,
    b"program": lambda: os.execv(sys.executable, [sys.executable, "-c", "pass"]),  # noqa: S606
    b"command": lambda: subprocess.run([sys.executable], check=False),
    b"signal": lambda: os.kill(os.getppid(), 0),
    b"own limits": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)),
    b"nothing": lambda: None,
}


def _answer(question: bytes) -> bytes:
    try:
        _TRIES[question]()
    except OSError as error:
        return type(error).__name__.encode()
    except ValueError as error:  # of setrlimit
        return str(error).encode()
    return b"done"
