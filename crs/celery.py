"""The Celery application: everything that may wait."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_ready

from crs import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crs.settings")

app = Celery("crs")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def _hold_servers(**_: Any) -> None:
    embedded.hold()


@worker_ready.connect
def _give_a_sign_of_life(**_: Any) -> None:
    # Beat's first heartbeat comes after its interval; `/readyz` need not wait for it.
    app.send_task("crs.heartbeat")
