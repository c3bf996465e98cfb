"""The figures of `make bench` rest on this reading."""

import subprocess
import sys
import time

import psutil
import psycopg
import pytest
from django.db import connection

from crs.embedded.paths import DATABASE_USER, socket_dir
from tests.bench import cpu

SECONDS = 0.2
BURN = f"import time\nwhile time.process_time() < {SECONDS}: pass\n"
# Works in a child that ends, then goes on until its standard input is closed.
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN!r}])
print("done", flush=True)
input()
"""


def test_the_reading_counts_a_child_that_works_and_one_that_has_ended() -> None:
    process = psutil.Process()
    begun = cpu.seconds(process)
    with _python(PARENT) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        assert cpu.seconds(psutil.Process(parent.pid)) >= SECONDS
        while_it_lives = cpu.seconds(process) - begun
        assert while_it_lives >= SECONDS
        parent.communicate("\n")
    # Now nobody of them is left; the operating system rounds what they used to 10 ms.
    assert cpu.seconds(process) - begun >= while_it_lives - 0.02


def test_a_child_that_nobody_has_waited_for_yet_counts() -> None:
    process = psutil.Process()
    before = cpu.seconds(process)
    with _python(BURN) as child:
        deadline = time.monotonic() + 30
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert cpu.seconds(process) - before >= SECONDS


@pytest.mark.django_db
def test_a_connection_that_ended_counts_with_its_database() -> None:
    database = cpu.database()
    before = cpu.seconds(database)
    address = {"host": str(socket_dir()), "user": DATABASE_USER, "dbname": connection.settings_dict["NAME"]}
    with psycopg.connect(**address) as other:
        pid = other.info.backend_pid
        other.execute("SELECT count(*) FROM generate_series(1, 2000000)")
        used = cpu.seconds(psutil.Process(pid))
    deadline = time.monotonic() + 30
    while psutil.pid_exists(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert used > 0.05
    assert cpu.seconds(database) - before >= used - 0.02


def _python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
