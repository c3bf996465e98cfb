"""Prints the CPU seconds that a command used: `python -m tests.cpu_time COMMAND …`.

Counts everything that the command started, the servers that outlive it and processes whose parents were killed:
the kernel hands them over to this process, which waits for the end of each and is told what it used.
Servers that ran before, for instance those of `make run` beside it, are not counted.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
# The embedded servers stop some moments after the last one who used them.
SECONDS_TO_END = 30


def main(command: list[str]) -> int:
    """Run `command` and print what it used; its exit code."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the command
    begun = time.monotonic()
    process = subprocess.Popen(command)
    seconds: defaultdict[str, float] = defaultdict(float)
    code: int | None = None
    end = begun
    while code is None or time.monotonic() < end + SECONDS_TO_END:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | (0 if code is None else os.WNOHANG))
        except ChildProcessError:
            break
        if ended is None:
            time.sleep(0.1)
            continue
        name = Path(f"/proc/{ended.si_pid}/comm").read_text().strip()
        _, status, used = os.wait4(ended.si_pid, 0)
        if ended.si_pid == process.pid:
            code = os.waitstatus_to_exitcode(status)
            process.returncode, end, name = code, time.monotonic(), "the command and its children"
        seconds[name] += used.ru_utime + used.ru_stime
    dearest = sorted(seconds.items(), key=lambda item: -item[1])
    parts = ", ".join(f"{name} {spent:.0f}" for name, spent in dearest if spent >= 1)
    sys.stdout.write(f"{sum(seconds.values()):.0f} CPU seconds in {end - begun:.0f} seconds of the clock ({parts}).\n")
    return 1 if code is None or code < 0 else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
