"""What logistics does in the background; each task may run any number of times."""

from celery import shared_task
from django.utils import timezone

from logistics import password_reset, passwords, tries


@shared_task(name="logistics.send_reset_codes")
def send_reset_codes() -> None:
    """Send the codes for a new password that were asked for."""
    password_reset.send_codes(now=timezone.now())


@shared_task(name="logistics.forget_old_guesses")
def forget_old_guesses() -> None:
    """Forget counts, networks and codes that mean nothing any more."""
    now = timezone.now()
    tries.forget_old(now=now)
    passwords.forget_old_networks(now=now)
    password_reset.forget_old(now=now)
