"""Prints the CPU seconds that a command used: `python -m tests.cpu_time COMMAND …`.

Counts everything that the command started, the servers that outlive it and processes whose parents were killed:
the kernel hands them over to this process, which waits for the end of each and is told what it used.
Servers that ran before, for instance those of `make run` beside it, are not counted.
"""

import ctypes
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # from linux/prctl.h
# The embedded servers stop some moments after the last one who used them.
SECONDS_TO_END = 30


def main(command: list[str]) -> int:
    """Run `command` and print what it used; its exit code."""
    begun = time.monotonic()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    process = subprocess.Popen(command)
    seconds: Counter[str] = Counter()
    code = None
    deadline = float("inf")
    while time.monotonic() < deadline:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | (os.WNOHANG if code is not None else 0))
        except ChildProcessError:
            break
        if ended is None:
            time.sleep(0.1)
            continue
        name = (Path("/proc") / str(ended.si_pid) / "comm").read_text().strip()
        _, status, used = os.wait4(ended.si_pid, 0)
        if ended.si_pid == process.pid:
            code = process.returncode = os.waitstatus_to_exitcode(status)
            name = "the command and its processes"
            deadline = time.monotonic() + SECONDS_TO_END
        seconds[name] += used.ru_utime + used.ru_stime
    parts = ", ".join(f"{name} {used:.0f}" for name, used in seconds.most_common() if used >= 1)
    sys.stdout.write(
        f"{seconds.total():.0f} CPU seconds in {time.monotonic() - begun:.0f} seconds of the clock: {parts}.\n"
    )
    return code if code is not None and code >= 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
