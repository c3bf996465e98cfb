"""Background work of tickets."""

from celery import shared_task
from django.utils import timezone

from support.tickets import states


@shared_task(name="support.close_resolved")
def close_resolved() -> None:
    """Resolve what waits for its sender in vain, and close what was resolved a week ago."""
    now = timezone.now()
    states.resolve_waiting(now=now)
    states.close_resolved(now=now)
