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

import psycopg
import pytest

from crs.embedded.paths import ROOT
from logistics.staff import demo
from tests.processes import kill_everything, named, running_from, wait_until_none_runs
from tests.stack import free_port, wait_until_answers
from tests.waiting import wait_until

pytestmark = pytest.mark.xdist_group("run_local")

# What Python compiled is copied, too, or a dozen processes would do it again; not what it is just writing.
NOT_COPIED = (".git", ".venv", ".local", "node_modules", "*.mo", "*.pyc.*", ".*_cache", ".hypothesis")


def clean_environment() -> dict[str, str]:
    """The environment without what belongs to the run of the tests."""
    ours = ("DATABASE_URL", "REDIS_URL", "CACHE_PREFIX", "EMBEDDED_DATABASE", "PYTHONPATH", "DATABASE_POOL_SIZE")
    return {name: value for name, value in os.environ.items() if name not in ours}


class Run:
    """`manage.py run_local` in `folder`, in a process group of its own like a shell's job."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "run.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_local", "--port", str(free_port())],
                cwd=folder,
                env=clean_environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def address(self) -> str:
        """The portal's address as it was printed, once it is ready for people."""
        pattern = r"portal +(http://\S+?)/\s"
        # The first start makes a database, all tables and a day of the demonstration: half a minute of two free cores.
        wait_until(
            lambda: re.search(pattern, self.log.read_text()) or self.process.poll() is not None,
            self.log.read_text,
            seconds=240,
        )
        found = re.search(pattern, self.log.read_text())
        assert found, self.log.read_text()
        wait_until_answers(f"{found[1]}/readyz")
        return found[1]

    def press_ctrl_c(self) -> int:
        """What a terminal does: SIGINT to the whole group. The exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)

    def wait_for(self, line: str) -> None:
        """Wait until the run has printed `line`, a pattern."""
        wait_until(lambda: re.search(line, self.log.read_text()), lambda: f"{line} in {self.log.read_text()}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout of its own, set up but never started."""
    folder = tmp_path_factory.mktemp("checkout") / "crs"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    yield folder
    kill_everything(folder)


@pytest.fixture(scope="module")
def first_run(folder: Path) -> Run:
    """The first start in a fresh checkout."""
    run = Run(folder)
    run.address()
    return run


@pytest.fixture(scope="module")
def run(folder: Path, first_run: Run) -> Run:
    """A start after the supervisor of the one before was killed."""
    webs = named(folder, "granian")
    assert webs
    first_run.process.kill()
    first_run.process.wait()
    run = Run(folder)
    run.address()
    assert not set(webs) & set(running_from(folder)), run.log.read_text()
    return run


@pytest.fixture(scope="module")
def database(folder: Path, run: Run) -> Iterator[psycopg.Connection]:
    """The database of the run, as SQL."""
    printed = subprocess.run(
        [sys.executable, "-c", "from crs.embedded import paths; print(paths.database_url())"],
        cwd=folder,
        env={**clean_environment(), "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    with psycopg.connect(printed.stdout.strip(), autocommit=True) as database:
        yield database


def test_the_greeting_names_every_login_of_the_demonstration(first_run: Run) -> None:
    assert all(name in first_run.log.read_text() for name in demo.LOGINS)


def test_it_starts_from_nothing(folder: Path, first_run: Run) -> None:
    address = first_run.address()
    with urllib.request.urlopen(f"{address}/inbox/") as inbox:
        assert inbox.status == 200
        # The process that compiles the catalogs also writes the messages of the demonstration.
        assert "Pomoc: 1221" in inbox.read().decode()
    assert re.search(r"user admin, password \S{8,}", first_run.log.read_text())
    assert "for this machine only" in first_run.log.read_text()
    second = subprocess.run(
        [sys.executable, "manage.py", "run_local"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert address in second.stderr


def test_the_printed_line_sends_an_e_mail_to_a_help_desk(run: Run) -> None:
    (line,) = re.findall(r'python3 -c "import smtplib, time;.*', run.log.read_text())
    run.wait_for("receive_mail: listening on smtp://")
    # The test's own Python, where the machine names it otherwise.
    subprocess.run(["sh", "-c", line.replace("python3", sys.executable, 1)], check=True)
    address = run.address()
    with urllib.request.urlopen(f"{address}/inbox/") as inbox:
        assert "jana@example.cz" in inbox.read().decode()


def test_whatever_is_killed_is_started_again(folder: Path, run: Run) -> None:
    words_of = {"web": "granian", "worker": "crs.celery worker", "beat": "crs.celery beat", "mail": "receive_mail"}
    for name, words in words_of.items():
        named(folder, words)[0].kill()
        run.wait_for(rf"{name} ended \(killed by signal 9\); starting it again in \d s(.|\n)*{name} started")
    (keeper,) = named(folder, "crs.embedded.keeper")
    keeper.kill()
    run.wait_for("keeper .* was gone")
    run.address()
    wait_until(lambda: len(named(folder, "crs.embedded.keeper")) == 1, "one keeper")


def test_one_of_several_web_processes_that_is_killed_comes_back(folder: Path, run: Run) -> None:
    killed = named(folder, "granian")[-1]
    killed.kill()
    wait_until(lambda: len(set(named(folder, "granian")) - {killed}) >= 3, "a new web process")
    run.address()


# A hundred e-mails that nobody told the broker of, as if it had forgotten them; five seconds' work for the carrier.
FORGOTTEN = """
    INSERT INTO messaging_message (channel, lane, recipient, template, language, subject, text, is_secret,
        reference, state, attempts, due_at, created_at, provider_id, error)
    SELECT channel, lane, recipient, template, language, subject, text, is_secret,
        'forgotten', 'QUEUED', 0, now(), now(), '', ''
    FROM (SELECT * FROM messaging_message WHERE text IS NOT NULL AND channel = 'SMS' LIMIT 1) AS one,
        generate_series(1, 100)
"""
SENT = "SELECT attempts, count(*) FROM messaging_message WHERE reference = 'forgotten' AND state = 'SENT' GROUP BY 1"


def test_a_broker_that_dies_under_load_with_all_it_knew_costs_no_message(
    folder: Path, run: Run, database: psycopg.Connection
) -> None:
    database.execute(FORGOTTEN)
    wait_until(lambda: database.execute(SENT).fetchall(), "the sweep found them")
    (valkey,) = named(folder, "valkey-server")
    shutil.rmtree(folder / ".local" / "valkey")
    valkey.kill()
    wait_until(lambda: database.execute(SENT).fetchall() == [(1, 100)], run.log.read_text, seconds=150)
    run.address()


def test_after_ctrl_c_nothing_is_left_whatever_happened_before(folder: Path, run: Run) -> None:
    named(folder, "crs.embedded.keeper")[0].kill()
    named(folder, "valkey-server")[0].suspend()
    named(folder, "granian")[-1].suspend()
    named(folder, "crs.celery worker")[0].suspend()
    assert run.press_ctrl_c() == 0
    assert wait_until_none_runs(folder) == []
