"""Work of retention in the background."""

from celery import shared_task
from django.utils import timezone

from support.retention import erasing


@shared_task(name="support.erase_letters")
def erase_letters() -> None:
    """Erase what is over its time; a second run finds nothing to do."""
    erasing.erase_due(now=timezone.now())
