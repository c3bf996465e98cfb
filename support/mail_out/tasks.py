"""Background work of letters that go out."""

from celery import shared_task
from django.utils import timezone

from support.mail_out import closings


@shared_task(name="support.send_closings")
def send_closings() -> None:
    """Tell those whose tickets were closed."""
    closings.send_closings(now=timezone.now())
