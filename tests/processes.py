"""What runs from a folder, and the end of it."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil


def running_from(folder: Path) -> list[psutil.Process]:
    """Every living process that works in `folder` or names it: web, workers, keeper, PostgreSQL, Valkey."""
    found = []
    for process in psutil.process_iter():
        try:
            is_gone = process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid()
            if not is_gone and (process.cwd().startswith(str(folder)) or str(folder) in " ".join(process.cmdline())):
                found.append(process)
        except psutil.Error:
            continue
    return found


def named(folder: Path, words: str) -> list[psutil.Process]:
    """The processes of `folder` with `words` on their command line, the oldest first."""
    found = []
    for process in running_from(folder):
        with suppress(psutil.Error):  # a short-lived one, such as PostgreSQL's, may just be gone
            if words in " ".join(process.cmdline()):
                found.append(process)
    return sorted(found, key=psutil.Process.create_time)


def wait_until_none_runs(folder: Path, *, seconds: float = 15) -> list[psutil.Process]:
    """What still runs from `folder` after at most `seconds`: nothing, if all is well."""
    deadline = time.monotonic() + seconds
    while (left := running_from(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def kill_everything(folder: Path) -> None:
    """`kill -9` for every process of `folder`."""
    for process in running_from(folder):
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    wait_until_none_runs(folder)
