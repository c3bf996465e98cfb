"""Letters of ours that did not arrive: what servers report of them, and what the desk does about them."""

import re
from datetime import datetime
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from crs import history, typed
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import Sending
from support.errors import LetterErased, NotAnAddress, NotUndelivered
from support.letters.covering import covered
from support.letters.delivery_reports import DeliveryReport
from support.letters.identity import message_key
from support.mail_out import recipients, sending
from support.models import Attachment, Letter, Note, Ticket
from support.operations import Operation
from support.tickets import claims, rows
from support.tickets.notes import add_note

_LONGEST_REASON = 300
_AN_ADDRESS = re.compile(r"[^\s<>,;:'\"]+@[^\s<>,;:'\"]+")


def record_bounce(*, letter_id: int | None, report: DeliveryReport | None, now: datetime) -> Letter | None:
    """Note at a letter of ours that it did not arrive; returns it, or None where the report is about none of ours.

    `letter_id` is that of the address to which the report came (`tokens.letter_id_of`): nobody else knows it. Without
    one the Message-ID counts that the report names. A report that the letter is late, or was read, changes nothing.
    """
    letter = _letter_of(letter_id, report)
    if letter is None or (report is not None and not report.failed):
        return letter
    why = ""
    if report is not None:
        # Servers repeat what they refuse, and the reason is not encrypted.
        said = _AN_ADDRESS.sub("…", report.failed[0].reason)
        why = covered(" ".join(f"{report.failed[0].status} {said}".split()))
    # The first report says it; servers between repeat it.
    Letter.objects.filter(pk=letter.pk, refused_at=None).update(refused_at=now, refusal=why[:_LONGEST_REASON])
    letter.refresh_from_db(fields=["refused_at", "refusal"])
    return letter


def undelivered() -> QuerySet[Letter]:
    """Answers that did not arrive, a server said so or none took them, and that the desk has not settled.

    Receipts are not among them: those for letters with a forged sender come back by the dozen.
    """
    ours = Letter.objects.filter(direction=Letter.Direction.OUT, kind=Letter.Kind.ANSWER, settled_at=None)
    # Two questions, each with its index: together the database would look at every letter.
    refused = ours.filter(refused_at__isnull=False).values("pk")
    failed = ours.filter(outbox_message__state=Message.State.FAILED).values("pk")
    return Letter.objects.filter(pk__in=refused.union(failed))


def send_again(*, letter: Letter, address: str, by: User, now: datetime, form: Sending) -> Letter:
    """Send a letter that did not arrive to `address`: its own, or another one, which is that of the ticket from now on.

    Raises NotAnAddress, NotUndelivered, LetterErased, and what `claims.require_claim` raises.
    """
    address = typed.plain(address).lower()  # as those of the letters that come
    if not recipients.may_be_written_to(address):
        raise NotAnAddress
    return sending.first_outcome(form, partial(_send_again, letter=letter, address=address, by=by, now=now))


def settle(*, letter: Letter, by: User, now: datetime) -> None:
    """Take a letter that did not arrive off the list: `by` has told the sender in another way, or need not."""
    with transaction.atomic():
        ticket = rows.locked(Ticket.objects.get(letters=letter))  # before the letter, as everywhere
        # The second of two clicks finds it settled, and writes no second note.
        if not Letter.objects.filter(pk=letter.pk, settled_at=None).update(settled_at=now):
            return
        if ticket.erased_at is not None:
            return
        text = gettext("The e-mail to %(address)s did not arrive. Nothing more is to be sent for it.")
        told = text % {"address": letter.to_address}
        add_note(ticket=ticket, text=told, by=by, now=now, kind=Note.Kind.MAIL)


def _send_again(*, letter: Letter, address: str, by: User, now: datetime) -> Letter:
    with history.recording(Operation.ANSWER, by=by):
        ticket = claims.require_claim(ticket=Ticket.objects.get(letters=letter), by=by, now=now)
        letter = Letter.objects.select_for_update(no_key=True).get(pk=letter.pk)
        if not _waits_for_the_desk(letter):
            raise NotUndelivered
        files = list(letter.attachments.all())
        if letter.text is None or any(file.file_id is None for file in files):
            raise LetterErased
        if ticket.requester_address != address:
            ticket.requester_address = address
            rows.save(ticket)
        is_answer = letter.kind == Letter.Kind.ANSWER
        again = sending.write(
            ticket,
            Letter.Kind(letter.kind),
            now=now,
            text=letter.text if is_answer else "",
            quoted=(letter.quoted or "") if is_answer else "",
            has_files=bool(files),
            author=letter.author,
        )
        for file in files:
            file.pk, file.letter = None, again
        Attachment.objects.bulk_create(files)
        Letter.objects.filter(pk=letter.pk).update(settled_at=now)
        # It waits in the outbox no more, should somebody send all that failed once again.
        outbox.cancel([letter.outbox_message_id] if letter.outbox_message_id else [], why=Message.Cancellation.NEWER)
    return again


def _waits_for_the_desk(letter: Letter) -> bool:
    """Whether it did not arrive, and nobody has dealt with that; receipts and closings as well as answers."""
    failed = letter.outbox_message is not None and letter.outbox_message.state == Message.State.FAILED
    return letter.settled_at is None and (letter.refused_at is not None or failed)


def _letter_of(letter_id: int | None, report: DeliveryReport | None) -> Letter | None:
    ours = Letter.objects.filter(direction=Letter.Direction.OUT)
    if letter_id is not None:
        return ours.filter(pk=letter_id).first()
    key = message_key(report.original_message_id) if report is not None else ""
    return ours.filter(message_key=key).first() if key else None
