"""What ends is started again after a pause that grows; at the end nothing is left, however stubborn."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from crs.embedded.paths import ROOT
from tests.stack import free_port
from tests.waiting import wait_until

# A supervisor in a process of its own, because it takes the signals of its process for good.
SUPERVISOR = """
import os, signal, sys, time
from pathlib import Path
from crs.processes import supervisor
supervisor.LONGEST_PAUSE, supervisor.SECONDS_TO_END, supervisor.SECONDS_OF_SILENCE = 2, 1, 4
supervisor.SECONDS_BETWEEN_QUESTIONS = 1
sleep, silent, answering = sys.argv[1:]
end = time.monotonic() + 13
supervisor.Supervisor(
    {
        "short": ["sh", "-c", f"sleep {sleep} & echo hello; exit 3"],
        "stubborn": ["sh", "-c", f"trap '' TERM; sleep {sleep} & while :; do sleep 1; done"],
        "deaf": ["sleep", sleep],
        "well": ["sleep", sleep],
        "missing": ["/nonexistent"],
    },
    folder=Path.cwd(), environment=dict(os.environ), health={"deaf": silent, "well": answering},
    look=lambda: time.monotonic() > end and os.kill(os.getpid(), signal.SIGTERM),
).run()
"""


@pytest.fixture
def answering() -> Iterator[str]:
    """An address that answers, though only that it does not know how."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def outliving(sleep: str) -> list[psutil.Process]:
    """What still sleeps so long, and is not just dying."""
    left = [process for process in psutil.process_iter(["cmdline"]) if sleep in (process.info["cmdline"] or [])]
    return psutil.wait_procs(left, timeout=3)[1]


def test_what_ends_or_hangs_is_started_again_and_nothing_outlives_the_supervisor(answering: str) -> None:
    sleep = f"{os.getpid()}.5"  # seconds that nobody else on this machine sleeps
    silent = f"http://127.0.0.1:{free_port()}/"
    done = subprocess.run(
        [sys.executable, "-c", SUPERVISOR, sleep, silent, answering],
        cwd=ROOT,
        env={**os.environ, "http_proxy": silent},  # for the way out; not for what runs on this machine
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"short ended \(exit code 3\); starting it again in (\d) s", done.stdout)[:3] == ["1", "2", "2"]
    assert done.stdout.count("short  | hello") >= 3
    missing = re.findall(r"missing could not be started \(.*\); starting it again in (\d) s", done.stdout)
    assert missing[:3] == ["1", "2", "2"]
    assert re.search(r"deaf has not answered for 4 s; killing it(.|\n)*deaf ended \(killed by signal 9\)", done.stdout)
    assert "stubborn ended" not in done.stdout
    assert "well has not answered" not in done.stdout
    assert outliving(sleep) == []


# The end comes just after a child died, when nobody has noticed that yet.
ENDING = """
import os, signal, sys, time
from pathlib import Path
import psutil
from crs.processes import supervisor
signal.signal(signal.SIGCHLD, getattr(signal, sys.argv[2]))
sleep = ["sh", "-c", f"sleep {sys.argv[1]} & wait"]

def look():
    psutil.Process().children()[0].kill()
    os.kill(os.getpid(), signal.SIGTERM)

supervisor.Supervisor(
    {"first": sleep, "second": sleep}, folder=Path.cwd(), environment=dict(os.environ), health={}, look=look
).run()
"""


@pytest.mark.parametrize("children_that_end", ["SIG_DFL", "SIG_IGN"])
def test_a_child_that_has_just_died_does_not_save_the_others_from_the_end(children_that_end: str) -> None:
    sleep = f"{os.getpid()}.6"
    command = [sys.executable, "-c", ENDING, sleep, children_that_end]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    left = outliving(sleep)
    for process in left:
        process.kill()
    assert (done.returncode, done.stderr, left) == (0, "", [])


FLOODING = """
import os, sys
from pathlib import Path
from crs.processes import supervisor
line = "x" * 5000
supervisor.Supervisor(
    {
        "flood": ["yes", line],
        "writer": ["sh", "-c", f"yes {line} | head -c 6000000; touch {sys.argv[1]}; exec sleep 600"],
    },
    folder=Path.cwd(), environment=dict(os.environ), health={}, look=lambda: None,
).run()
"""


def test_nobody_waits_for_a_terminal_that_takes_no_lines_nor_for_a_child_that_writes_for_ever(tmp_path: Path) -> None:
    written = tmp_path / "written"
    command = [sys.executable, "-c", FLOODING, str(written)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        try:
            wait_until(written.exists, "the writer writes without waiting for the terminal", seconds=30)
            assert any(re.search(r"system \| [0-9]+ lines were dropped", line) for line in supervisor.stdout)
            supervisor.send_signal(signal.SIGTERM)
            errors = supervisor.communicate(timeout=30)[1]
        finally:
            if supervisor.poll() is None:  # the test has failed
                for process in (*psutil.Process(supervisor.pid).children(recursive=True), supervisor):
                    process.kill()
    assert (supervisor.returncode, errors) == (0, "")
