"""Background work of our keys."""

from celery import shared_task
from django.utils import timezone

from certificates.keys import upkeep


@shared_task(name="certificates.look_after_keys")
def look_after_keys() -> None:
    """Once a day: delete private keys that sign no more, tell operators where none signs or the one that does ends."""
    upkeep.delete_spent_keys(now=timezone.now())
    upkeep.raise_alarm(now=timezone.now())
