"""Background work of registration."""

from celery import shared_task
from django.utils import timezone

from registration.mine import email
from registration.telephones import sms_caps, verification


@shared_task(name="registration.forget_old_verifications")
def forget_old_verifications() -> None:
    """Delete proofs of telephones and e-mails older than 24 hours, and old alarms about SMS."""
    now = timezone.now()
    verification.forget_old(now=now)
    email.forget_old(now=now)
    sms_caps.forget_alarms(now=now)
