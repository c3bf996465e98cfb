"""Background work about priority groups."""

from celery import shared_task
from django.utils import timezone

from registration.groups import reminders


@shared_task(name="registration.send_opening_reminders")
def send_opening_reminders() -> int:
    """Tell those who asked for it that their group registers."""
    return reminders.send_due(now=timezone.now())


@shared_task(name="registration.forget_opening_reminders")
def forget_opening_reminders() -> int:
    """Delete reminders that have served."""
    return reminders.forget_old(now=timezone.now())
