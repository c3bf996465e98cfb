"""Tasks of accounts; each may run any number of times."""

from celery import shared_task
from django.utils import timezone

from crs.accounts import password_reset, passwords


@shared_task(name="accounts.send_reset_codes")
def send_reset_codes() -> None:
    """Send the codes for a new password that were asked for."""
    password_reset.send_codes(now=timezone.now())


@shared_task(name="accounts.forget_old")
def forget_old() -> None:
    """Delete known networks and codes that have run out."""
    now = timezone.now()
    passwords.forget_old_networks(now=now)
    password_reset.forget_old(now=now)
