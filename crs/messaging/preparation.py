"""Makes the attachments of e-mails, in tasks of their own: a PDF keeps a core busy and may wait for others.

A task makes what waits for about 20 s, the lowest lane first, so a night of a hundred thousand certificates needs a
handful of tasks in the broker, and the confirmation of a reservation waits for one PDF of them.
"""

import logging
import time
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation

from crs.messaging import cancelling, outbox, wakeup
from crs.messaging.delivery import ATTEMPTS, CLAIM_VALIDITY, ROUND_SECONDS, back_off
from crs.messaging.errors import CannotBeMade, NotWanted
from crs.messaging.models import Attachment, Message
from crs.messaging.outbox import File, attachment_maker
from crs.pdf.errors import PaperBusy

logger = logging.getLogger(__name__)

_CLAIM = """
    UPDATE messaging_message SET claimed_at = %(now)s, attempts = attempts + 1
    WHERE id = (
        SELECT id FROM messaging_message
        WHERE state = 'PREPARING' AND due_at <= %(now)s AND (claimed_at IS NULL OR claimed_at < %(stale)s)
        ORDER BY lane, due_at, id LIMIT 1
        FOR NO KEY UPDATE SKIP LOCKED
    )
    RETURNING *, EXISTS (
        SELECT FROM messaging_message AS other
        WHERE other.state = 'PREPARING' AND other.due_at <= %(now)s AND other.id <> messaging_message.id
            AND (other.claimed_at IS NULL OR other.claimed_at < %(stale)s)
    ) AS has_followers
"""


def drain(*, seconds: float = ROUND_SECONDS) -> int:
    """Make what is due, for about `seconds`; returns for how many e-mails it was tried.

    Safe to run any number of times at once: the claim finds each row once. Other workers are called to help where more
    waits, and whatever is left gets another task. An error of the maker ends in `error` and is tried again later, at
    last as a failed message. A paper with which nobody began, since others were before it, has not used up a try.
    """
    stop, tried = time.monotonic() + seconds, 0
    while time.monotonic() < stop:
        message = _claimed(timezone.now())
        if message is None:
            return tried
        # As the claim saw it; what is committed later wakes a worker by itself.
        has_followers = message.has_followers  # type: ignore[attr-defined]
        if has_followers:
            wakeup.wake(wakeup.PREPARATION)
        tried += 1
        if not _prepare(message):
            wakeup.wake(wakeup.PREPARATION)
            return tried
        if not has_followers:
            return tried
    return tried


def start_what_waits(*, now: datetime) -> None:
    """Start what a crash or a fault left behind.

    An e-mail that has had all its tries, perhaps because it kills its workers, ends as failed.
    """
    is_unclaimed = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_VALIDITY)
    waiting = Message.objects.filter(is_unclaimed, state=Message.State.PREPARING, due_at__lte=now)
    waiting.filter(claimed_at__isnull=False, attempts__gte=ATTEMPTS).update(
        state=Message.State.FAILED, error="Attachments: the worker stopped while it was making them, at every try."
    )
    if waiting.exists():
        wakeup.wake(wakeup.PREPARATION)


def _claimed(now: datetime) -> Message | None:
    """The next e-mail, now this worker's. SKIP LOCKED passes over a row that another worker is claiming."""
    with transaction.atomic(durable=True):
        return next(iter(Message.objects.raw(_CLAIM, {"now": now, "stale": now - CLAIM_VALIDITY})), None)


def _prepare(message: Message) -> bool:
    """Make the files of an e-mail that is claimed; False where papers are so much wanted that a pause is better."""
    try:
        files = _made(message)
    except PaperBusy:
        _put_back(message)
        return False
    except NotWanted:
        with transaction.atomic():
            mine = list(_mine(message).select_for_update(no_key=True).values_list("pk", flat=True))
            cancelling.end(mine, cancellation=Message.Cancellation.VOID)
    except CannotBeMade as reason:
        _mine(message).update(state=Message.State.FAILED, error=f"Attachments: {reason}")
    except Exception as error:  # whatever a maker of an upper app raises, staff must see it
        logger.exception("The attachments of message #%s could not be made", message.pk)
        _record_failure(message, type(error).__name__)
    else:
        _record_files(message, files)
    return True


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
        outbox.tell_stored(message)
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
