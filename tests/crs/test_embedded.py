"""The embedded servers start for whoever comes, end with the last one, and outlive every crash."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crs.embedded.paths import ROOT
from tests.processes import kill_everything, running_from, wait_until_none_runs

# Holds the servers, says so, and lets go when its input ends.
HOLDER = """
import psycopg, sys
from crs import embedded
embedded.hold()
print("held", flush=True)
for line in sys.stdin:
    with psycopg.connect(embedded.database_url(), autocommit=True) as connection:
        cursor = connection.execute(line)
        print(cursor.fetchone()[0] if cursor.description else "done", flush=True)
embedded.release()
print("released", flush=True)
"""


class Holder:
    """A process of its own that uses the embedded servers of `folder`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER],
            cwd=folder,
            env={**clean, "PYTHONPATH": str(folder), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def held(self) -> bool:
        """Wait until the servers answer."""
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        assert answer == "held\n", self.process.communicate()[1]
        return True

    def ask(self, sql: str) -> str:
        """The first value that `sql` gives."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> str:
        """End in order; what it printed on the way."""
        out, err = self.process.communicate(timeout=30)
        assert not err, err
        return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project folder of its own with nothing but the embedded servers in it."""
    folder = tmp_path_factory.mktemp("project")
    folder.chmod(0o755)
    (folder / "crs").mkdir()
    (folder / "crs" / "__init__.py").touch()
    shutil.copytree(ROOT / "crs" / "embedded", folder / "crs" / "embedded")
    shutil.copy(ROOT / "crs" / "environment.py", folder / "crs")
    yield folder
    kill_everything(folder)


pytestmark = pytest.mark.xdist_group("embedded")


def test_two_that_come_at_once_share_one_pair_of_servers_and_the_last_one_ends_it(folder: Path) -> None:
    one, two = Holder(folder), Holder(folder)
    assert one.held()
    assert two.held()
    assert one.ask("SELECT pg_postmaster_start_time()") == two.ask("SELECT pg_postmaster_start_time()")
    assert "released" in one.end()
    assert two.ask("SELECT 1") == "1"
    assert "released" in two.end()
    assert wait_until_none_runs(folder, seconds=1) == []


def test_after_kill_9_of_everything_the_next_start_finds_what_was_committed(folder: Path) -> None:
    first = Holder(folder)
    assert first.held()
    first.ask("CREATE TABLE kept AS SELECT 42 AS answer")
    kill_everything(folder)
    second = Holder(folder)
    assert second.held()
    assert second.ask("SELECT answer FROM kept") == "42"
    second.end()


def test_a_user_that_was_killed_does_not_keep_the_servers_alive(folder: Path) -> None:
    holder = Holder(folder)
    assert holder.held()
    holder.process.kill()
    holder.process.wait()
    assert wait_until_none_runs(folder) == []


def test_a_server_that_dies_alone_is_restarted(folder: Path) -> None:
    holder = Holder(folder)
    assert holder.held()
    pid = int((folder / ".local" / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    again = Holder(folder)
    assert again.held()
    assert again.ask("SELECT 1") == "1"
    holder.end()
    again.end()


def test_a_pid_file_whose_number_now_belongs_to_another_program_is_forgotten(folder: Path) -> None:
    before = Holder(folder)
    assert before.held()
    before.end()
    pid_file = folder / ".local" / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{pid_file.parent}\n1700000000\n5432\n{folder}\n\n 0 0\nready\n")
    holder = Holder(folder)
    assert holder.held()
    holder.end()


def test_with_both_variables_set_nothing_embedded_starts(folder: Path) -> None:
    holder = Holder(folder, DATABASE_URL="postgresql://db.invalid/crs", REDIS_URL="redis://cache.invalid/0")
    assert holder.held()
    assert [process for process in running_from(folder) if process.pid != holder.process.pid] == []
    assert "released" in holder.end()


def test_in_a_folder_with_a_very_long_name_the_sockets_go_elsewhere(folder: Path, tmp_path: Path) -> None:
    deep = tmp_path / ("long-" * 20)
    shutil.copytree(folder / "crs", deep / "crs")
    asked = [sys.executable, "-c", "from crs.embedded import paths; print(paths.socket_dir())"]
    found = subprocess.run(asked, cwd=deep, env={**os.environ, "PYTHONPATH": str(deep)}, capture_output=True, text=True)
    assert not found.stdout.startswith(str(deep))
    assert len(found.stdout) < 88
