"""The Celery application: everything that may wait."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging, worker_ready

from crs import embedded, time_limits
from crs.processes.watchdog import Consumption

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crs.settings")
time_limits.begin(time_limits.WORKER)

app = Celery("crs")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(Consumption)


@celeryd_init.connect
@beat_init.connect
def _hold_servers(**_: Any) -> None:
    embedded.hold()


@setup_logging.connect
def _log_as_everywhere(loglevel: int, **_: Any) -> None:
    """Having a receiver here keeps Celery from replacing our handlers, and with them the filter of personal numbers."""
    logging.getLogger().setLevel(loglevel)


@worker_ready.connect
def _give_a_sign_of_life(**_: Any) -> None:
    # Beat's first heartbeat comes after its interval; `/readyz` need not wait for it.
    app.send_task("crs.heartbeat")
