"""Makes the attachments of an e-mail, in a task of its own: a PDF keeps a core busy and may wait for others."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation

from crs.messaging import wakeup
from crs.messaging.delivery import ATTEMPTS, CLAIM_VALIDITY, back_off
from crs.messaging.models import Attachment, Message
from crs.messaging.outbox import File, attachment_maker
from crs.pdf.errors import PaperBusy

logger = logging.getLogger(__name__)

# How many forgotten e-mails one sweep starts again.
FORGOTTEN_AT_ONCE = 500


def prepare(*, message_id: int, now: datetime) -> bool:
    """Make and store the files of an e-mail and queue it; returns whether there was anything to do.

    Safe to run twice: the claim in the WHERE clause finds the row once. An error of the maker ends
    in `error` and is tried again by the sweep, at last as a failed message. A paper with which nobody
    began, since others were before it, waits for the next sweep and has not used up a try.
    """
    waiting = Message.objects.filter(_is_unclaimed(now), pk=message_id, state=Message.State.PREPARING)
    if not waiting.update(claimed_at=now, attempts=F("attempts") + 1):
        return False
    message = Message.objects.get(pk=message_id)
    try:
        files = _made(message)
    except PaperBusy:
        _put_back(message)
    except Exception as error:  # whatever a maker of an upper app raises, staff must see it
        logger.exception("The attachments of message #%s could not be made", message_id)
        _record_failure(message, type(error).__name__)
    else:
        _record_files(message, files)
    return True


def start_forgotten(*, now: datetime) -> int:
    """Start the preparations that a crash or a fault left behind; returns how many."""
    forgotten = Message.objects.filter(
        _is_unclaimed(now),
        state=Message.State.PREPARING,
        due_at__lte=now,
        created_at__lt=now - timedelta(seconds=30),
    ).order_by("id")
    ids = list(forgotten.values_list("id", flat=True)[:FORGOTTEN_AT_ONCE])
    # The queue may be long: the next sweeps leave these alone for a while.
    Message.objects.filter(pk__in=ids).update(due_at=now + CLAIM_VALIDITY)
    for message_id in ids:
        wakeup.wake_preparation(message_id)
    return len(ids)


def _is_unclaimed(now: datetime) -> Q:
    return Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_VALIDITY)


def _made(message: Message) -> list[File]:
    maker = attachment_maker(message.template)
    if maker is None:
        raise LookupError(f"Nobody makes the attachments of {message.template}.")
    with translation.override(message.language):
        return maker(message.reference, message.language)


def _record_files(message: Message, files: list[File]) -> None:
    with transaction.atomic():
        mine = _mine(message)
        if not mine.update(state=Message.State.QUEUED, attempts=0, claimed_at=None, due_at=timezone.now(), error=""):
            return
        Attachment.objects.bulk_create(
            Attachment(message=message, name=file.name, content_type=file.content_type, content=file.content)
            for file in files
        )
        transaction.on_commit(lambda: wakeup.wake(Message.Channel.EMAIL))


def _record_failure(message: Message, error: str) -> None:
    if message.attempts >= ATTEMPTS:
        _mine(message).update(state=Message.State.FAILED, error=f"Attachments: {error}")
        return
    due_at = timezone.now() + back_off(message.lane, message.attempts)
    _mine(message).update(claimed_at=None, due_at=due_at, error=f"Attachments: {error}")


def _put_back(message: Message) -> None:
    _mine(message).update(claimed_at=None, attempts=F("attempts") - 1, due_at=timezone.now())


def _mine(message: Message) -> QuerySet[Message]:
    """The row while this worker's claim on it stands."""
    return Message.objects.filter(pk=message.pk, state=Message.State.PREPARING, claimed_at=message.claimed_at)
