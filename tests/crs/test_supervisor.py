"""What ends is started again after a pause that grows; at the end nothing is left, however stubborn."""

import os
import re
import subprocess
import sys

import psutil

from crs.embedded.paths import ROOT
from tests.stack import free_port

# A supervisor in a process of its own, because it takes the signals of its process for good.
SUPERVISOR = """
import os, signal, sys, time
from pathlib import Path
from crs import supervisor
supervisor.LONGEST_PAUSE, supervisor.SECONDS_TO_END, supervisor.SECONDS_OF_SILENCE = 2, 1, 3
sleep, address = sys.argv[1:]
end = time.monotonic() + 9
supervisor.Supervisor(
    {
        "short": ["sh", "-c", f"sleep {sleep} & echo hello; exit 3"],
        "stubborn": ["sh", "-c", f"trap '' TERM; sleep {sleep} & while :; do sleep 1; done"],
        "deaf": ["sleep", sleep],
    },
    folder=Path.cwd(), environment=dict(os.environ), health={"deaf": address},
    look=lambda: time.monotonic() > end and os.kill(os.getpid(), signal.SIGTERM),
).run()
"""


def test_what_ends_or_hangs_is_started_again_and_nothing_outlives_the_supervisor() -> None:
    sleep = f"{os.getpid()}.5"  # seconds that nobody else on this machine sleeps
    done = subprocess.run(
        [sys.executable, "-c", SUPERVISOR, sleep, f"http://127.0.0.1:{free_port()}/"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"short ended \(exit code 3\); starting it again in (\d) s", done.stdout)[:3] == ["1", "2", "2"]
    assert done.stdout.count("short  | hello") >= 3
    assert re.search(r"deaf has not answered for 3 s; killing it(.|\n)*deaf ended \(killed by signal 9\)", done.stdout)
    assert "stubborn ended" not in done.stdout
    assert [process for process in psutil.process_iter(["cmdline"]) if sleep in (process.info["cmdline"] or [])] == []
