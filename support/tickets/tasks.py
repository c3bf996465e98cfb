"""Background work of tickets."""

from celery import shared_task
from django.utils import timezone

from support.tickets import states


@shared_task(name="support.close_resolved")
def close_resolved() -> None:
    """Close what was resolved a week ago."""
    states.close_resolved(now=timezone.now())
