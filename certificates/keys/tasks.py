"""Background work of our keys."""

from celery import shared_task
from django.utils import timezone

from certificates.keys import upkeep


@shared_task(name="certificates.look_after_keys")
def look_after_keys() -> None:
    """Tell operators, once a day, where no key signs or the one that does ends soon."""
    upkeep.raise_alarm(now=timezone.now())
