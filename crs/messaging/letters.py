"""Letters on their way: gathered into batches, printed as one file each, posted, and some returned.

A letter waits as QUEUED until somebody takes the file of its batch, and can be cancelled until then; from that moment
it is paper. The file is laid out first, so that none counts as printed whose file nobody got. Its text is kept until
the batch was posted, so that a spoilt print can be made again (docs/adr/0041-letters.md).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from crs import sent_forms
from crs.messaging.errors import (
    BatchAlreadyPosted,
    BatchAlreadyPrinted,
    BatchChanged,
    BatchEmpty,
    BatchNotPrinted,
    LetterNotPosted,
)
from crs.messaging.models import LetterBatch, Message
from crs.sent_forms import NO_FORM, Outcome, Sending

logger = logging.getLogger(__name__)

# A file of so many letters takes two seconds, four where each has two pages; nobody waits longer than PAPER_SECONDS.
LETTERS_IN_A_BATCH = 50
RETURNED = "Returned by the post."
_PRINTABLE = (Message.State.QUEUED, Message.State.PRINTED)

_when_returned: dict[str, Callable[[Message], None]] = {}


def waiting(now: datetime) -> QuerySet[Message]:
    """Letters that are due and in no batch yet."""
    due = Message.objects.filter(channel=Message.Channel.LETTER, state=Message.State.QUEUED, due_at__lte=now)
    return due.filter(letter_batch=None)


def gather(*, now: datetime) -> list[LetterBatch]:
    """Put what waits into batches, the oldest first; returns the new ones."""
    made = []
    while batch := _gather_one(now):
        made.append(batch)
    return made


def batches_to_do() -> QuerySet[LetterBatch]:
    """Batches that wait to be printed or posted."""
    left = Message.objects.filter(letter_batch=OuterRef("pk"), state__in=_PRINTABLE)
    return LetterBatch.objects.filter(Exists(left), posted_at=None)


def to_print(batch_id: int) -> list[Message]:
    """The letters that a file of the batch holds, by rising number; they do not count as printed yet."""
    return list(_printable(batch_id).order_by("pk"))


def printed_in_vain(batch_id: int) -> list[int]:
    """The numbers of letters that are printed, not posted, and ought not to go any more."""
    printed = Message.objects.filter(letter_batch=batch_id, state=Message.State.PRINTED).exclude(cancellation="")
    return list(printed.order_by("pk").values_list("pk", flat=True))


def take_file(
    *, batch_id: int, laid_out: Sequence[Message], by: User, again: bool = False, now: datetime, form: Sending = NO_FORM
) -> None:
    """Count the letters of the batch as printed: their file, with what `laid_out` holds, is there and goes out.

    Raises BatchAlreadyPrinted where somebody has taken it before and this is not meant as a second print, BatchEmpty,
    BatchAlreadyPosted, BatchChanged where a letter was cancelled or got another address since it was laid out.
    """

    def write() -> Outcome:
        batches = LetterBatch.objects.select_related("printed_by").select_for_update(no_key=True, of=("self",))
        batch = batches.get(pk=batch_id)
        if batch.posted_at is not None:
            raise BatchAlreadyPosted
        if batch.printed_at is not None and not again:
            raise BatchAlreadyPrinted(batch)
        # By rising key, as everybody who wants more than one of them: who cancels a letter waits, or comes first.
        found = list(_printable(batch_id).select_for_update(no_key=True).order_by("pk"))
        if not found:
            raise BatchEmpty
        if [(one.pk, one.address) for one in found] != [(one.pk, one.address) for one in laid_out]:
            raise BatchChanged
        Message.objects.filter(pk__in=[one.pk for one in found]).update(state=Message.State.PRINTED)
        first = {} if batch.printed_at else {"printed_at": now, "printed_by": by}
        LetterBatch.objects.filter(pk=batch.pk).update(prints=F("prints") + 1, **first)
        return {"batch": batch.pk}

    sent_forms.once(form, write)
    logger.info("Letters of batch #%s (%s) were taken for printing by user #%s", batch_id, len(laid_out), by.pk)


def post(*, batch_id: int, by: User, now: datetime) -> int:
    """The batch went to the post office; returns how many letters. Secret texts are erased.

    Raises BatchNotPrinted, BatchAlreadyPosted.
    """
    with transaction.atomic():
        batch = LetterBatch.objects.select_for_update(no_key=True).get(pk=batch_id)
        if batch.printed_at is None:
            raise BatchNotPrinted
        if batch.posted_at is not None:
            raise BatchAlreadyPosted
        LetterBatch.objects.filter(pk=batch.pk).update(posted_at=now, posted_by=by)
        printed = Message.objects.filter(letter_batch=batch, state=Message.State.PRINTED)
        keys = list(printed.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        posted = Message.objects.filter(pk__in=keys)
        posted.filter(is_secret=True).update(text=None)
        return posted.update(state=Message.State.POSTED, sent_at=now)


def register_returned(template: str, receiver: Callable[[Message], None]) -> None:
    """Let `receiver(message)` know, in the same transaction and before it, of each letter of `template` that came back.

    Called from the `ready()` of the app that knows what follows.
    """
    _when_returned[template] = receiver


def posted(number: int) -> Message:
    """The letter with this number, which is at the post. Raises LetterNotPosted."""
    if letter := _posted().filter(pk=number).first():
        return letter
    raise LetterNotPosted


def mark_returned(*, number: int, by: User) -> Message:
    """The post brought the letter with this number back as undeliverable. Raises LetterNotPosted."""
    letter = posted(number)
    with transaction.atomic():
        if receiver := _when_returned.get(letter.template):
            receiver(letter)
        # The WHERE clause is the check: a second click finds no row.
        if not _posted().filter(pk=number).update(state=Message.State.FAILED, error=RETURNED, returned_by=by):
            raise LetterNotPosted
    return Message.objects.get(pk=number)


def returned() -> QuerySet[Message]:
    """Letters that came back, the last one first."""
    return Message.objects.filter(channel=Message.Channel.LETTER, state=Message.State.FAILED).order_by("-pk")


def readdress(*, owner: str, address: str) -> int:
    """Let the letters that wait, or came back, go to another address from now on; returns how many.

    In the caller's transaction. What is paper already goes where it goes.
    """
    if not address:
        return 0
    on_hand = Message.objects.filter(owner=owner, state__in=(Message.State.QUEUED, Message.State.FAILED))
    # By rising key, as everybody who wants more than one of them.
    keys = list(on_hand.exclude(text=None).select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    return Message.objects.filter(pk__in=keys).update(address=address)


def _posted() -> QuerySet[Message]:
    return Message.objects.filter(channel=Message.Channel.LETTER, state=Message.State.POSTED)


def _gather_one(now: datetime) -> LetterBatch | None:
    with transaction.atomic():
        # SKIP LOCKED passes over letters that somebody else gathers at this moment: no letter comes into two batches.
        found = waiting(now).select_for_update(no_key=True, skip_locked=True).order_by("pk")
        keys = list(found.values_list("pk", flat=True)[:LETTERS_IN_A_BATCH])
        if not keys:
            return None
        batch = LetterBatch.objects.create(made_at=now)
        Message.objects.filter(pk__in=keys).update(letter_batch=batch)
        return batch


def _printable(batch_id: int) -> QuerySet[Message]:
    return Message.objects.filter(letter_batch=batch_id, state__in=_PRINTABLE, text__isnull=False, cancellation="")
