"""The embedded servers start for whoever comes, end with the last one, and outlive every crash."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from crs.embedded.paths import ROOT
from tests.processes import kill_everything, named, running_from, wait_until_none_runs
from tests.waiting import wait_until

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


# Holds the servers, and at each line of its input looks after their keeper.
SUPERVISOR = """
import sys
from crs import embedded
from crs.embedded import holding
holding.SECONDS_OF_SILENCE = 5
embedded.hold()
print("held", flush=True)
for line in sys.stdin:
    print(embedded.replace_dead_keeper(), flush=True)
embedded.release()
"""


class Holder:
    """A process of its own that uses the embedded servers of `folder`."""

    def __init__(self, folder: Path, program: str = HOLDER, **environment: str) -> None:
        self.folder = folder
        clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=folder,
            env={**clean, "PYTHONPATH": str(folder), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def held(self) -> bool:
        """Wait until it says that it holds the servers; whether both of them then run."""
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        assert answer == "held\n", self.process.communicate()[1]
        return bool(named(self.folder, "postgres") and named(self.folder, "valkey-server"))

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


def test_a_server_that_hangs_is_killed_and_started_again(folder: Path) -> None:
    holder = Holder(folder)
    assert holder.held()
    (valkey,) = named(folder, "valkey-server")
    postmaster = psutil.Process(int((folder / ".local" / "postgres" / "postmaster.pid").read_text().split()[0]))
    for server in (valkey, postmaster):
        server.suspend()
    wait_until(lambda: not valkey.is_running() and not postmaster.is_running(), "both servers are killed")
    wait_until(lambda: named(folder, "valkey-server"), "Valkey is started again")
    again = Holder(folder)
    assert again.held()
    assert again.ask("SELECT 1") == "1"
    again.end()
    holder.end()
    assert wait_until_none_runs(folder) == []


def test_what_a_keeper_that_was_killed_kept_is_stopped_by_the_last_user_though_it_hangs(folder: Path) -> None:
    holder = Holder(folder)
    assert holder.held()
    (keeper,) = named(folder, "crs.embedded.keeper")
    keeper.kill()
    named(folder, "valkey-server")[0].suspend()
    assert "released" in holder.end()
    assert wait_until_none_runs(folder, seconds=1) == []


def test_a_keeper_that_is_paused_does_not_keep_the_servers_from_ending(folder: Path) -> None:
    holder = Holder(folder)
    assert holder.held()
    named(folder, "crs.embedded.keeper")[0].suspend()
    assert "released" in holder.end()
    assert wait_until_none_runs(folder, seconds=1) == []


def test_a_keeper_that_hangs_is_replaced_and_not_one_whose_machine_slept_or_got_another_time(folder: Path) -> None:
    supervisor = Holder(folder, SUPERVISOR)
    assert supervisor.held()
    (keeper,) = named(folder, "crs.embedded.keeper")
    keeper.suspend()
    for seconds in (-3600, 3600):
        then = time.time() + seconds
        os.utime(folder / ".local" / "keeper.lock", (then, then))
        assert supervisor.ask("Look.") == "False"
    wait_until(lambda: supervisor.ask("Look.") == "True", "the keeper is replaced", pause=0.2)
    assert not keeper.is_running()
    supervisor.end()
    assert wait_until_none_runs(folder) == []


def test_nobody_else_on_the_machine_reads_or_reaches_anything_even_what_was_left_open(folder: Path) -> None:
    local = folder / ".local"
    local.chmod(0o755)
    for path in (local / "valkey", local / "log"):
        path.chmod(0o755)
    holder = Holder(folder)
    assert holder.held()
    paths = list(local.rglob("*"))
    readable = [path for path in paths if path.stat().st_mode & 0o077 and not path.is_relative_to(local / "postgres")]
    reached = _reached_by_a_stranger(local, paths)
    holder.end()
    assert readable == []
    assert local.stat().st_mode & 0o067 == 0
    assert any(path.name == "valkey.sock" for path in paths)
    if os.geteuid() != 0:
        pytest.skip("Only root can try it as another user; the modes are right.")
    assert reached == []


def test_who_closes_what_an_earlier_release_left_open_leaves_its_running_server_alone(folder: Path) -> None:
    first = Holder(folder)
    assert first.held()
    (folder / ".local").chmod(0o755)
    second = Holder(folder)
    assert second.held()
    assert second.ask("CREATE TABLE beside AS SELECT 42 AS answer") == "done"
    assert first.ask("SELECT answer FROM beside") == "42"
    first.end()
    second.end()


def test_a_folder_for_the_sockets_that_somebody_else_made_is_refused(folder: Path, tmp_path: Path) -> None:
    deep = tmp_path / ("long-" * 20)
    shutil.copytree(folder / "crs", deep / "crs")
    environment = {**os.environ, "PYTHONPATH": str(deep), "TMPDIR": str(tmp_path)}
    asked = [sys.executable, "-c", "from crs.embedded import paths; print(paths.socket_dir())"]
    found = subprocess.run(asked, cwd=deep, env=environment, capture_output=True, text=True, check=True)
    trap = tmp_path / "trap"
    trap.mkdir(mode=0o777)
    Path(found.stdout.strip()).symlink_to(trap)
    holder = Holder(deep, TMPDIR=str(tmp_path))
    assert "belongs to somebody else" in holder.process.communicate("", timeout=60)[1]
    assert list(trap.iterdir()) == []


def _reached_by_a_stranger(local: Path, paths: list[Path]) -> list[Path]:
    """Which of `paths` the user `nobody` can list, read or connect to; asked in a process of its own, as root."""
    if os.geteuid() != 0:
        return []
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        os.write(writing, "\n".join(str(path) for path in (local, *paths) if _is_reached(path)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        reached = [Path(line) for line in answer.read().splitlines()]
    os.waitpid(child, 0)
    return reached


def _is_reached(path: Path) -> bool:
    with suppress(OSError):
        if path.is_dir():
            return any(path.iterdir())
        if path.is_socket():
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
            return True
        path.read_bytes()
        return True
    return False


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
    assert not holder.held()
    assert [process for process in running_from(folder) if process.pid != holder.process.pid] == []
    assert "released" in holder.end()


def test_in_a_folder_with_a_very_long_name_the_sockets_go_elsewhere(folder: Path, tmp_path: Path) -> None:
    deep = tmp_path / ("long-" * 20)
    shutil.copytree(folder / "crs", deep / "crs")
    asked = [sys.executable, "-c", "from crs.embedded import paths; print(paths.socket_dir())"]
    found = subprocess.run(asked, cwd=deep, env={**os.environ, "PYTHONPATH": str(deep)}, capture_output=True, text=True)
    assert not found.stdout.startswith(str(deep))
    assert len(found.stdout) < 88
