"""No log line holds a birth number, whichever process writes it."""

import subprocess
import sys

from django.conf import settings

# What a worker does when it starts, and what it writes when a task fails.
WORKER = """
import logging, django
from crs.celery import app
django.setup()
app.log.setup_logging_subsystem(loglevel="WARNING")
logging.getLogger("celery.app.trace").info("too quiet for this level")
try:
    raise ValueError("in the traceback 8556201236")
except ValueError:
    logging.getLogger("celery.app.trace").exception("in the text %s", "385512/123")
"""


def test_a_worker_hides_birth_numbers_as_the_web_does() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKER], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True, timeout=60
    )
    assert "in the text [hidden]" in done.stderr
    assert "in the traceback [hidden]" in done.stderr
    assert "385512" not in done.stderr + done.stdout
    assert "8556201236" not in done.stderr + done.stdout.replace(WORKER, "")
    assert "too quiet" not in done.stderr
