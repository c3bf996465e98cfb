"""Erases what a ticket's letters said once its category keeps them no longer; the ticket's facts stay.

What goes: texts, subjects, names and addresses of people, files, letters as they came, notes, words and keyed hashes
of insured numbers for the search.
What stays: when, which desk and level, category, site, states, times, links, and who of the staff did what. The outbox
keeps to which address a message went, as of all messages that CRS sends.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Coalesce

from crs import history
from crs.messaging import outbox
from support.models import Attachment, Letter, Note, Participant, RawLetter, StoredFile, Ticket, TicketNumber
from support.operations import Operation
from support.tickets import rows

# A ticket that nobody sorted is kept as long as those of the category "other".
UNSORTED_KEEPS_DAYS = 180
_AT_ONCE = 50


def due(*, now: datetime) -> QuerySet[Ticket]:
    """The closed tickets whose time is over, the oldest first; of merged ones the main ticket's time counts."""
    days = Coalesce(F("category__keeps_days"), Value(UNSORTED_KEEPS_DAYS))
    ends_at = ExpressionWrapper(
        F("closed_at") + days * Value(timedelta(days=1), output_field=DurationField()), output_field=DateTimeField()
    )
    closed = Ticket.objects.filter(state=Ticket.State.CLOSED, erased_at=None)
    return closed.annotate(ends_at=ends_at).filter(ends_at__lte=now).order_by("closed_at", "pk")


def erase_due(*, now: datetime, on_progress: Callable[[int], object] | None = None) -> int:
    """Erase what is due, some tickets a transaction; returns how many tickets.

    Safe to stop at any time, and to run twice at once.
    """
    done = 0
    while erased := _erase_some(now):
        done += erased
        if on_progress:
            on_progress(done)
    return done


@transaction.atomic
def _erase_some(now: datetime) -> int:
    mains = list(due(now=now)[:_AT_ONCE])
    # With all their parts, and the parts of those, by rising key, as everybody locks tickets.
    rows.locked_all(key for main in mains for key in rows.family(main))
    # What was reopened or taken apart before the locks were ours is left alone.
    keys = [key for main in due(now=now).filter(pk__in=[main.pk for main in mains]) for key in rows.family(main)]
    if not keys:
        return 0
    letters = Letter.objects.filter(ticket__in=keys)
    RawLetter.objects.filter(letter__in=letters).delete()
    files = _files_of(letters, Note.objects.filter(ticket__in=keys))
    # The outbox keeps what it sent for 90 days, which may be longer.
    outbox.erase_texts(letters.exclude(outbox_message=None).values_list("outbox_message", flat=True))
    letters.update(
        subject=None,
        text=None,
        quoted=None,
        message_id="",
        envelope_sender="",
        from_address="",
        from_name="",
        to_address="",
        refusal="",
        erased_at=now,
    )
    Note.objects.filter(ticket__in=keys).update(text=None)
    Participant.objects.filter(ticket__in=keys).delete()
    TicketNumber.objects.filter(ticket__in=keys).delete()
    StoredFile.objects.filter(pk__in=files, attachments=None).delete()
    with history.recording(Operation.ERASE):
        Ticket.objects.filter(pk__in=keys).update(
            subject="", requester_address="", requester_name="", search=None, erased_at=now
        )
    return len(keys)


def _files_of(letters: QuerySet[Letter], notes: QuerySet[Note]) -> list[int]:
    """Let go of the files of letters and notes; returns the files that they had."""
    attachments = Attachment.objects.filter(letter__in=letters) | Attachment.objects.filter(note__in=notes)
    files = list(attachments.exclude(file=None).values_list("file", flat=True).distinct())
    attachments.update(file=None, name="", summary=None)
    return files
