"""`make run`: one command starts everything, Ctrl-C ends everything, and no crash needs a repair."""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from crs.embedded.paths import ROOT
from tests.processes import kill_everything, running_from, wait_until_none_runs
from tests.stack import free_port, wait_until_answers

pytestmark = pytest.mark.xdist_group("run_local")

NOT_COPIED = (".git", ".venv", ".local", "node_modules", "__pycache__", ".*_cache", ".hypothesis")


class Run:
    """`manage.py run_local` in `folder`, in a process group of its own like a shell's job."""

    def __init__(self, folder: Path) -> None:
        clean = ("DATABASE_URL", "REDIS_URL", "CACHE_PREFIX", "EMBEDDED_DATABASE", "PYTHONPATH", "DATABASE_POOL_SIZE")
        self.log = folder / "run.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_local", "--port", str(free_port())],
                cwd=folder,
                env={name: value for name, value in os.environ.items() if name not in clean},
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def address(self) -> str:
        """The portal's address as it was printed, once it is ready for people."""
        for _ in range(600):
            found = re.search(r"portal +(http://\S+?)/\s", self.log.read_text())
            if found:
                wait_until_answers(f"{found[1]}/readyz")
                return found[1]
            assert self.process.poll() is None, self.log.read_text()
            try:
                self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        raise AssertionError(self.log.read_text())

    def press_ctrl_c(self) -> int:
        """What a terminal does: SIGINT to the whole group. The exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout of its own, set up but never started."""
    folder = tmp_path_factory.mktemp("checkout") / "crs"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    yield folder
    kill_everything(folder)


def test_it_starts_from_nothing_outlives_a_killed_supervisor_and_ends_without_a_trace(folder: Path) -> None:
    killed = Run(folder)
    address = killed.address()
    with urllib.request.urlopen(f"{address}/inbox/") as inbox:
        assert inbox.status == 200
    assert re.search(r"user admin, password \S{8,}", killed.log.read_text())
    assert "for this machine only" in killed.log.read_text()

    second = subprocess.run(
        [sys.executable, "manage.py", "run_local"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert address in second.stderr

    webs = {process for process in running_from(folder) if "granian" in " ".join(process.cmdline())}
    assert webs
    killed.process.kill()
    killed.process.wait()
    again = Run(folder)
    again.address()
    assert not webs & set(running_from(folder)), again.log.read_text()

    assert again.press_ctrl_c() == 0
    assert wait_until_none_runs(folder) == []
