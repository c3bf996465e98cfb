"""Periodic work on deliveries; it may run twice."""

from celery import shared_task
from django.utils import timezone

from certificates.delivery import password_keeping


@shared_task(name="certificates.forget_passwords")
def forget_passwords() -> None:
    """Forget passwords that have served."""
    password_keeping.forget_old(now=timezone.now())
