"""A worker that works is left alone, however long its tasks take; one that is deaf ends, to be started again."""

import os
import subprocess
import sys

from crs.embedded.paths import ROOT
from crs.processes import watchdog

# A real worker with one slot, on a queue of its own, whose watchdog waits for 4 s instead of a minute. Its one task
# takes longer than that; then it is idle for longer than that; then its channel takes nothing any more, as when
# acknowledgements were lost.
WORKER = """
import sys, threading, time
from celery.signals import celeryd_init, task_postrun, worker_ready
from crs.processes import watchdog
watchdog.SECONDS_OF_SILENCE, watchdog.SECONDS_BETWEEN_PROBES = 4, 1
from crs.celery import app

@app.task(name="long")
def long():
    time.sleep(7)
    print("the long task is done", flush=True)

@worker_ready.connect
def begin(sender, **_):
    app.send_task("long", queue=sys.argv[1])
    task_postrun.connect(lambda **_: threading.Timer(6, make_deaf, [sender]).start(), weak=False)

def make_deaf(consumer):
    print("deaf", flush=True)
    consumer.task_consumer.channel.qos.can_consume = lambda: False

app.worker_main(["worker", "--pool", "threads", "--concurrency", "1", "--queues", sys.argv[1], "--loglevel", "warning"])
"""


def test_a_deaf_worker_ends_and_one_that_is_busy_or_idle_does_not() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKER, f"watched-{os.getpid()}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "crs.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = [line for line in done.stdout.splitlines() if line in ("the long task is done", "deaf")]
    assert said == ["the long task is done", "deaf"], done.stderr
    assert done.returncode == watchdog.EXIT_CODE, done.stderr
    assert "The worker has done nothing for 4 s" in done.stderr
