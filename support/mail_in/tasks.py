"""Periodic work on letters that came; it may run twice."""

from celery import shared_task
from django.utils import timezone

from support.mail_in import fetching, filing


@shared_task(name="support.file_received")
def file_received() -> None:
    """File the letters that were kept and not filed."""
    filing.file_received(timezone.now())


@shared_task(name="support.fetch_mail")
def fetch_mail() -> None:
    """Fetch the letters that lie in the desks' mailboxes."""
    fetching.fetch_all(now=timezone.now())
