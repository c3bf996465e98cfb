"""What registration does in the background."""

from celery import shared_task
from django.utils import timezone

from registration import verification


@shared_task(name="registration.forget_old_verifications")
def forget_old_verifications() -> None:
    """Delete telephone verifications and PINs older than 24 hours."""
    verification.forget_old(now=timezone.now())
