"""The whole of CRS as processes of their own: for browser tests and benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import redis

from crs import embedded
from crs.embedded.paths import ROOT, valkey_socket
from tests import database

SECONDS_TO_START = 180
# A stack has its own, whatever a developer's shell names.
OF_THE_OUTER_SHELL = {"DATABASE_URL", "REDIS_URL", "CACHE_URL", "DJANGO_SETTINGS_MODULE"}


class Stack:
    """Web and worker on a database of their own, beside whatever else uses the embedded servers."""

    def __init__(
        self, name: str, *, logs: Path, has_worker: bool = True, is_durable: bool = False, **environment: str
    ) -> None:
        self.database = f"{database.PREFIX}{os.getpid()}_{name}"
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.logs = logs
        self.has_worker = has_worker
        self.is_durable = is_durable
        outer = {name: value for name, value in os.environ.items() if name not in OF_THE_OUTER_SHELL}
        self.environment = {
            **outer,
            "EMBEDDED_DATABASE": self.database,
            "CACHE_PREFIX": self.database,
            "PUBLIC_URL": self.url,
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        embedded.hold()
        database.create(self.database)
        if not self.is_durable:  # a test's data need not survive a power cut, and the disk is what it waits for
            with database.connect() as server:
                server.execute(f'ALTER DATABASE "{self.database}" SET synchronous_commit = off')
        return self

    def __exit__(self, *raised: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        database.drop(self.database)
        for number in (0, 1):  # the task queue and the cache
            valkey = redis.Redis(unix_socket_path=str(valkey_socket()), db=number)
            for key in valkey.scan_iter(f"{self.database}:*", count=1000):
                valkey.delete(key)

    def start(self) -> None:
        """Start web and worker and wait until both are ready for people."""
        if self.has_worker:
            worker = ["-m", "celery", "--app", "crs.celery", "worker", "--pool", "threads", "--concurrency", "4"]
            self.spawn("worker", [*worker, "--queues", "sms,email,registers,pdf,default", "--loglevel", "info"])
        self.spawn("web", ["-m", "crs.web", "--port", str(self.port)])
        wait_until_answers(f"{self.url}/{'readyz' if self.has_worker else 'healthz'}")

    def spawn(self, name: str, arguments: Sequence[str], **environment: str) -> subprocess.Popen[bytes]:
        """Start a Python process of this stack; its output goes to a file in `logs`."""
        with (self.logs / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        self.processes.append(process)
        return process

    def manage(self, *arguments: str) -> str:
        """Run a `manage.py` command as ops do; what it printed. Raises CalledProcessError."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


def free_port() -> int:
    """A loopback port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_answers(url: str) -> None:
    """Wait until `url` answers 200. Raises TimeoutError with the last answer."""
    deadline = time.monotonic() + SECONDS_TO_START
    last = "nothing"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            last = error.read().decode()
        except OSError as error:
            last = str(error)
        time.sleep(0.1)
    raise TimeoutError(f"{url}: {last}")
