"""The outbox in the background; each task may run any number of times."""

from celery import shared_task
from django.utils import timezone

from crs.messaging import callbacks, delivery, letters, preparation, sweep, wakeup
from crs.messaging.models import Message


@shared_task(name="messaging.deliver_sms")
def deliver_sms() -> None:
    """Send the SMS that are due."""
    wakeup.woken(Message.Channel.SMS)
    delivery.drain(Message.Channel.SMS)


@shared_task(name="messaging.deliver_email")
def deliver_email() -> None:
    """Send the e-mails that are due."""
    wakeup.woken(Message.Channel.EMAIL)
    delivery.drain(Message.Channel.EMAIL)


@shared_task(name="messaging.prepare_emails")
def prepare_emails() -> None:
    """Make the attachments of e-mails and queue them."""
    wakeup.woken(wakeup.PREPARATION)
    preparation.drain()


@shared_task(name="messaging.gather_letters")
def gather_letters() -> None:
    """Put the letters of the day into batches."""
    letters.gather(now=timezone.now())


@shared_task(name="messaging.sweep")
def pick_up() -> None:
    """Pick up what a crash left behind."""
    sweep.pick_up(now=timezone.now())


@shared_task(name="messaging.erase_old_texts")
def erase_old_texts() -> None:
    """Forget texts that have served."""
    sweep.erase_old_texts(now=timezone.now())


@shared_task(name="messaging.forget_old_reports")
def forget_old_reports() -> None:
    """Forget reports that found no message."""
    callbacks.forget_old_reports(now=timezone.now())
