"""Runs the processes of a local CRS: starts again what ended or hangs, and ends all of them together.

Each process leads a group of its own, so that whatever it started ends with it and no forgotten
web process holds the port (docs/adr/0014-what-died-is-started-again.md).
"""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO, cast

from crs.processes.terminal import Terminal
from crs.web.alive import status

SECONDS_BETWEEN_LOOKS = 0.25
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
# A process that lived so long is well: the next pause is short again.
SECONDS_TO_PROVE = 60.0
# In order; then by force. Celery waits for its tasks, which can be done again.
SECONDS_TO_END = 5.0
SECONDS_OF_SILENCE = 60.0
SECONDS_BETWEEN_QUESTIONS = 5.0
# Linux keeps so many bytes in a pipe: one read takes all, and a child that writes for ever keeps us no longer.
BYTES_OF_A_PIPE = 65536

# Prints a text under a name.
Say = Callable[[str, str], None]


class Supervisor:
    """Keeps `commands` (name: program and arguments) running in `folder` until `run` is told to stop.

    `look` is called several times a second and must not raise; what it returns is printed. `health` names an
    address for a process that answers HTTP; one that does not answer for SECONDS_OF_SILENCE is killed, and so
    started again.
    """

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        *,
        folder: Path,
        environment: Mapping[str, str],
        health: Mapping[str, str],
        look: Callable[[], str | None],
    ) -> None:
        self._output = selectors.DefaultSelector()
        self._terminal = Terminal()
        start = partial(
            ProcessGroup, folder=folder, environment=environment, output=self._output, say=self._terminal.say
        )
        self._children = [
            Child(name, partial(start, name, command), health.get(name), self._terminal.say)
            for name, command in commands.items()
        ]
        self._look = look
        self._stops_asked = 0

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP; then no child is left, nor what it started."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # For good: what comes after us, the end of the servers, is bounded and must not be cut short either.
            signal.signal(number, self._ask_to_stop)
        try:
            while not self._stops_asked:
                for child in self._children:
                    child.keep()
                if done := self._look():
                    self._terminal.say("system", done)
                self._copy_output(SECONDS_BETWEEN_LOOKS)
        finally:
            self._end_all()
            self._terminal.close()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stops_asked += 1

    def _end_all(self) -> None:
        """Ask each child to end; those that have not after SECONDS_TO_END, or at a second Ctrl-C, are killed."""
        groups = [child.group for child in self._children if child.group]
        try:
            for group in groups:
                group.ask_to_end()
            deadline = time.monotonic() + SECONDS_TO_END
            while any(not group.is_gone() for group in groups):
                if time.monotonic() > deadline or self._stops_asked > 1:
                    break
                self._copy_output(SECONDS_BETWEEN_LOOKS / 5)
        finally:
            for group in groups:
                group.end()

    def _copy_output(self, seconds: float) -> None:
        for key, _ in self._output.select(seconds):
            key.data()
        if not self._output.get_map():
            time.sleep(seconds)  # without a file to wait for, select() does not wait


class Child:
    """One command that is kept running: its process of the moment, and its pauses."""

    def __init__(self, name: str, start: Callable[[], "ProcessGroup"], health: str | None, say: Say) -> None:
        self.name = name
        self.group: ProcessGroup | None = None
        self._start = start
        self._say = say
        self._health = HealthCheck(health) if health else None
        self._pause = FIRST_PAUSE
        self._started_at = self._due_at = 0.0

    def keep(self) -> None:
        """Start the process when it is due; note its end and plan the next start; kill it if it is deaf."""
        now = time.monotonic()
        if self.group is None:
            if now >= self._due_at:
                try:
                    self.group, self._started_at = self._start(), now
                except OSError as error:  # the machine has no process or file to give, perhaps only now
                    self._start_later(f"could not be started ({error})")
        elif self.group.is_gone():
            code = self.group.end()
            self.group = None
            if now - self._started_at > SECONDS_TO_PROVE:
                self._pause = FIRST_PAUSE
            self._start_later(f"ended ({_reason(code)})")
        elif self._health and now - max(self._health.answered_at, self._started_at) > SECONDS_OF_SILENCE:
            self._say("system", f"{self.name} has not answered for {SECONDS_OF_SILENCE:.0f} s; killing it")
            self.group.kill()

    def _start_later(self, why: str) -> None:
        self._say("system", f"{self.name} {why}; starting it again in {self._pause:.0f} s")
        self._due_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


class ProcessGroup:
    """A process, the leader of a group, and what it says, which is printed line by line under `name`.

    Raises OSError where it cannot be started.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        output: selectors.BaseSelector,
        say: Say,
    ) -> None:
        self._name = name
        self._output = output
        self._say = say
        self._leader = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            bufsize=0,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )
        self._reader = cast("IO[bytes]", self._leader.stdout)
        os.set_blocking(self._reader.fileno(), False)
        self._line = b""
        output.register(self._reader, selectors.EVENT_READ, self._print)
        say("system", f"{name} started (pid={self._leader.pid})")

    def is_gone(self) -> bool:
        """Whether the leader ended. It stays a zombie until `end`, and its number stays the group's."""
        try:
            return os.waitid(os.P_PID, self._leader.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # we were started with SIGCHLD ignored: the kernel keeps no zombie
            return True

    def ask_to_end(self) -> None:
        """Ask the leader to end in order; what is paused is woken, to hear it."""
        # Not Popen.send_signal(): it first takes the zombie away, and with it the group's number.
        with suppress(ProcessLookupError):
            os.kill(self._leader.pid, signal.SIGTERM)
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End every process of the group at once."""
        self._signal(signal.SIGKILL)

    def end(self) -> int:
        """End what is left of the group and print its last lines; returns the leader's exit code."""
        self.kill()
        code = self._leader.wait()
        self._print()
        if self._reader in self._output.get_map():
            self._output.unregister(self._reader)
        self._reader.close()
        return code

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._leader.pid, number)

    def _print(self) -> None:
        """Print the lines that are complete, of as much as a pipe holds; never waits."""
        data = self._reader.read(BYTES_OF_A_PIPE)
        if data:
            *lines, self._line = (self._line + data).split(b"\n")
            for line in lines:
                self._say(self._name, line.decode(errors="replace"))
        elif data is not None and self._reader in self._output.get_map():
            # Nobody can write any more; select() would wake us for ever.
            self._output.unregister(self._reader)


class HealthCheck(threading.Thread):
    """Asks an address every few seconds; `answered_at` (monotonic) is when it last answered anything."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._address = address
        self.answered_at = time.monotonic()
        self.start()

    def run(self) -> None:
        """Ask for as long as the program lives."""
        while True:
            if status(self._address, seconds=10) is not None:
                self.answered_at = time.monotonic()
            time.sleep(SECONDS_BETWEEN_QUESTIONS)


def _reason(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
