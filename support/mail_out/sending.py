"""Letters to the sender of a ticket: the receipt, answers, the closing.

Each is written into the outbox in the transaction that makes it true, and stands as a letter at its ticket (ADR 0036).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import translation

from crs import advisory_locks, history, sent_forms
from crs.advisory_locks import Lock
from crs.messaging import outbox
from crs.messaging.headers import ENVELOPE_SENDER, message_id
from crs.messaging.models import Message
from crs.messaging.outbox import File
from crs.sent_forms import Sending
from support.errors import AnswerTooLong, NobodyToAnswer, NothingToSend, PartOfAnother
from support.letters.covering import covered, has_numbers
from support.letters.identity import message_key
from support.mail_out import enclosures, heads, quoting, recipients
from support.mail_out.known_problems import known_problems
from support.models import Letter, Ticket
from support.operations import Operation
from support.tickets import claims, files as ticket_files, states, words

ANSWER, WITH_FILES = "support/answer", "support/answer_with_files"
RECEIPT, CLOSING = "support/receipt", "support/closing"
LONGEST_ANSWER = 50_000
_AN_HOUR = timedelta(hours=1)


@transaction.atomic
def send_receipt(*, ticket: Ticket, letter: Letter, now: datetime) -> Letter | None:
    """Tell the sender of `letter` the number of its ticket, and what is known to be broken at present.

    None where nothing is to be sent: to an address that no person reads, to one of ours, or to one that has had its
    automatic letters of the last hour. Whether such a letter may be answered at all, letters/sorting.py says.
    """
    if not _may_get_automatic(ticket.requester_address, now):
        return None
    return _write(ticket, Letter.Kind.RECEIPT, RECEIPT, now=now, context={"incidents": known_problems(ticket)})


@transaction.atomic
def send_closing(*, ticket: Ticket, now: datetime) -> Letter | None:
    """Tell the sender that the ticket is closed, and that an answer opens it again; None as above."""
    if not _may_get_automatic(ticket.requester_address, now):
        return None
    return _write(ticket, Letter.Kind.CLOSING, CLOSING, now=now, context={})


def answer(
    *,
    ticket: Ticket,
    text: str,
    by: User,
    now: datetime,
    form: Sending,
    waits: bool,
    files: Sequence[File] = (),
) -> Letter:
    """Send what `by`, who has claimed the ticket, wrote to its sender; the sender's last letter is quoted below it.

    With `waits` the ticket then waits for the sender. Raises ClaimedBySomebody, NobodyToAnswer, NothingToSend,
    AnswerTooLong, FilesTooLarge, PartOfAnother.
    """
    write = partial(_answer, ticket=ticket, text=text, by=by, now=now, waits=waits, files=files)
    return first_outcome(form, write)


def first_outcome(form: Sending, write: partial[Letter]) -> Letter:
    """The letter that the form writes, or wrote when it was sent first."""
    outcome = sent_forms.once(form, lambda: {"letter": write().pk})
    assert outcome is not None
    return Letter.objects.get(pk=outcome["letter"])


def write_answer(
    ticket: Ticket, *, text: str, by: User, now: datetime, files: Sequence[File] = (), quoted: Letter | None
) -> Letter:
    """The letter, at its ticket, which the caller has locked, and in the outbox."""
    with translation.override(outbox.spoken(ticket.language)):
        quotation = quoting.quotation(quoted) if quoted is not None else ""
    letter = _write(
        ticket,
        Letter.Kind.ANSWER,
        WITH_FILES if files else ANSWER,
        now=now,
        context={"text": text, "quoted": quotation},
        text=text,
        quoted=quotation,
        author=by,
        has_numbers=has_numbers(text),
    )
    for file in files:
        ticket_files.keep(letter, file.name, file.content_type, file.content)
    words.add_words(ticket.pk, covered(text))
    return letter


def _answer(
    *, ticket: Ticket, text: str, by: User, now: datetime, waits: bool, files: Sequence[File]
) -> Letter:
    if not text.strip():
        raise NothingToSend
    if len(text) > LONGEST_ANSWER:
        raise AnswerTooLong
    files = enclosures.checked(files)
    with history.recording(Operation.ANSWER, by=by):
        ticket = locked(ticket)
        claims.require_claim(ticket, by, now)
        if not recipients.may_be_written_to(ticket.requester_address):
            raise NobodyToAnswer
        letter = write_answer(
            ticket, text=text.strip(), by=by, now=now, files=files, quoted=quoting.last_of_sender(ticket)
        )
        states.answered(ticket=ticket, by=by, now=now, waits=waits)
    return letter


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it now stands, locked. Raises PartOfAnother: letters go out from the other one."""
    ticket = Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    if ticket.state == Ticket.State.MERGED:
        raise PartOfAnother
    return ticket


def _may_get_automatic(address: str, now: datetime) -> bool:
    """Whether the address may get one more letter that nobody wrote; from now on no other transaction counts beside."""
    if not recipients.may_get_automatic(address):
        return False
    advisory_locks.take(Lock.AUTOMATIC_LETTERS, address.lower())
    lately = Letter.objects.filter(
        direction=Letter.Direction.OUT,
        to_address=address,
        received_at__gt=now - _AN_HOUR,
        kind__in=(Letter.Kind.RECEIPT, Letter.Kind.CLOSING),
    )
    return lately.count() < settings.RECEIPTS_PER_ADDRESS_AND_HOUR


def _write(
    ticket: Ticket, kind: Letter.Kind, template: str, *, now: datetime, context: dict[str, Any], **of_letter: Any
) -> Letter:
    address = ticket.requester_address
    with translation.override(outbox.spoken(ticket.language)):
        title, desk = heads.title(ticket), heads.desk_name(ticket.desk)
        letter = Letter.objects.create(
            ticket=ticket,
            desk=ticket.desk,
            direction=Letter.Direction.OUT,
            kind=kind,
            state=Letter.State.FILED,
            from_address=settings.SUPPORT_ADDRESSES[ticket.desk],
            from_name=desk,
            to_address=address,
            subject=f"Re: {title} [{ticket.number}]",
            received_at=now,
            **of_letter,
        )
        head = heads.head(letter, is_automatic=kind != Letter.Kind.ANSWER)
    message = outbox.queue(
        channel=Message.Channel.EMAIL,
        recipient=address,
        template=template,
        language=ticket.language,
        context={"number": ticket.number, "title": title, "desk": desk, **context},
        reference=str(letter.pk),
        headers=head,
    )
    letter.outbox_message, letter.envelope_sender = message, head[ENVELOPE_SENDER]
    letter.message_id = message_id(message)
    letter.message_key = message_key(letter.message_id)
    if kind != Letter.Kind.ANSWER:
        letter.text = message.text
    letter.save(update_fields=["outbox_message", "envelope_sender", "message_id", "message_key", "text"])
    return letter
