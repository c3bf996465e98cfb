"""The sign of life of the workers."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

HEARTBEAT_KEY = "worker-heartbeat"
HEARTBEAT_SECONDS = 60


@shared_task(name="crs.heartbeat")
def heartbeat() -> None:
    """Tell `/readyz` that a worker takes tasks; beat calls it four times a minute."""
    cache.set(HEARTBEAT_KEY, timezone.now().isoformat(), HEARTBEAT_SECONDS)
