"""Periodic work on letters that came; it may run twice."""

from celery import shared_task
from django.utils import timezone

from support.mail_in import filing


@shared_task(name="support.file_received")
def file_received() -> None:
    """File the letters that were kept and not filed."""
    filing.file_received(timezone.now())
