"""Sweeps the outbox from time to time: what a crash left behind, and texts that have served."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from crs.messaging import delivery, outbox, preparation, wakeup
from crs.messaging.models import Attachment, Message

SECRET_TEXTS_KEPT = timedelta(hours=24)
TEXTS_KEPT = timedelta(days=90)


def pick_up(*, now: datetime) -> None:
    """Set going again whatever waits: rows of dead workers, forgotten preparations, lost tasks."""
    delivery.take_up_stale(now=now)
    preparation.start_what_waits(now=now)
    due = Message.objects.filter(state=Message.State.QUEUED, due_at__lte=now)
    for channel in (Message.Channel.SMS, Message.Channel.EMAIL):
        if due.filter(channel=channel).exists():
            wakeup.wake(channel)


def erase_old_texts(*, now: datetime) -> int:
    """Erase secret texts after a day and all others after 90; returns how many.

    A secret text that was sent is gone already; this is for those that failed. The open local inbox
    keeps its secrets: there a newcomer reads them. A message that still waits keeps its text, and so does a letter
    that was printed and not posted. The address of a letter goes after the 90 days, too.
    """
    is_kept = Q(text__isnull=False) | Q(address__isnull=False)
    done = Message.objects.filter(is_kept, state__in=outbox.DONE)
    too_old = Q(created_at__lt=now - TEXTS_KEPT)
    if not settings.INBOX_IS_OPEN:
        too_old |= Q(created_at__lt=now - SECRET_TEXTS_KEPT, is_secret=True, text__isnull=False)
    Attachment.objects.filter(message__in=Message.objects.filter(created_at__lt=now - TEXTS_KEPT)).delete()
    return done.filter(too_old).update(text=None, address=None, subject="", headers={})
