"""Letters to the sender of a ticket: the receipt, answers, the closing.

Each is written into the outbox in the transaction that makes it true, and stands as a letter at its ticket (ADR 0036).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import translation

from crs import advisory_locks, history, sent_forms, typed
from crs.advisory_locks import Lock
from crs.messaging import outbox
from crs.messaging.headers import ENVELOPE_SENDER, message_id
from crs.messaging.models import Message
from crs.sent_forms import Sending
from support.errors import AnswerTooLong, NobodyToAnswer, WordsMissing
from support.letters.covering import covered, has_numbers, numbers_in
from support.letters.identity import message_key
from support.letters.parts import ReadFile
from support.mail_out import enclosures, heads, quoting, recipients
from support.mail_out.known_problems import known_problems
from support.models import Letter, Ticket
from support.operations import Operation
from support.tickets import files as kept_files
from support.tickets import numbers, states, words

_TEMPLATES = {
    Letter.Kind.RECEIPT: "support/receipt",
    Letter.Kind.ANSWER: "support/answer",
    Letter.Kind.CLOSING: "support/closing",
}
# It waits until its files are made, which answers without files need not.
WITH_FILES = "support/answer_with_files"
LONGEST_ANSWER = 50_000
# Systems with an address for each case pass by the cap of an address. Large enough for a public provider of mailboxes.
RECEIPTS_PER_DOMAIN_AND_HOUR = 200
_AN_HOUR = timedelta(hours=1)


@transaction.atomic
def send_receipt(*, ticket: Ticket, now: datetime) -> Letter | None:
    """Tell the sender the number of their ticket, and what is known to be broken at present.

    None where nothing is to be sent: to an address that no person reads, to one of ours, or to one that has had its
    automatic letters of the last hour, or whose domain has had its receipts. Whether what they wrote may be answered at
    all, letters/sorting.py says.
    """
    if not _may_get_automatic(Letter.Kind.RECEIPT, ticket.requester_address, now):
        return None
    return write(ticket, Letter.Kind.RECEIPT, now=now)


@transaction.atomic
def send_closing(*, ticket: Ticket, now: datetime) -> Letter | None:
    """Tell the sender that the ticket is closed, and that an answer opens it again; None as above."""
    if not _may_get_automatic(Letter.Kind.CLOSING, ticket.requester_address, now):
        return None
    return write(ticket, Letter.Kind.CLOSING, now=now)


def answer(
    *,
    ticket: Ticket,
    text: str,
    by: User,
    now: datetime,
    form: Sending,
    waits: bool | None,
    files: Sequence[ReadFile] = (),
) -> Letter:
    """Send what `by` wrote to the ticket's sender, whose last letter is quoted below it.

    With `waits` the ticket then waits for the sender, with None it goes on as before. Raises WordsMissing,
    AnswerTooLong, FilesTooLarge, NobodyToAnswer, and what `states.answered` raises: another one works on it, it is
    closed, or part of another one.
    """
    said = typed.lines(text)
    if not said:
        raise WordsMissing
    if len(said) > LONGEST_ANSWER:
        raise AnswerTooLong
    write = partial(_answer, ticket=ticket, text=said, by=by, now=now, waits=waits, files=enclosures.checked(files))
    return first_outcome(form, write)


def first_outcome(form: Sending, write: Callable[[], Letter]) -> Letter:
    """The letter that the form writes, or wrote when it was sent first."""
    outcome = sent_forms.once(form, lambda: {"letter": write().pk}) or {}
    return Letter.objects.get(pk=outcome["letter"])


def write(
    ticket: Ticket,
    kind: Letter.Kind,
    *,
    now: datetime,
    text: str = "",
    quoted: str = "",
    has_files: bool = False,
    **of_letter: Any,
) -> Letter:
    """The letter at its ticket, which the caller has locked, and in the outbox; `text` and `quoted` of an answer."""
    address = ticket.requester_address
    with translation.override(outbox.spoken(ticket.language)):
        title, desk = heads.title(ticket), heads.desk_name(ticket.desk)
        incidents = known_problems(ticket) if kind == Letter.Kind.RECEIPT else []
        letter = Letter.objects.create(
            ticket=ticket,
            desk=ticket.desk,
            direction=Letter.Direction.OUT,
            kind=kind,
            state=Letter.State.FILED,
            from_address=settings.SUPPORT_ADDRESSES[ticket.desk],
            from_name=desk,
            to_address=address.lower(),
            subject=f"Re: {title} [{ticket.number}]",
            text=text,
            quoted=quoted,
            has_numbers=has_numbers(text),
            received_at=now,
            **of_letter,
        )
        head = heads.head(ticket, letter, is_automatic=kind != Letter.Kind.ANSWER)
    message = outbox.queue(
        channel=Message.Channel.EMAIL,
        recipient=address,
        template=WITH_FILES if has_files else _TEMPLATES[kind],
        language=ticket.language,
        context={
            "number": ticket.number,
            "title": title,
            "desk": desk,
            "text": text,
            "quoted": quoted,
            "incidents": incidents,
        },
        reference=str(letter.pk),
        headers=head,
    )
    letter.outbox_message, letter.envelope_sender = message, head[ENVELOPE_SENDER]
    letter.message_id = message_id(message)
    letter.message_key = message_key(letter.message_id)
    letter.text = text or message.text
    letter.save(update_fields=["outbox_message", "envelope_sender", "message_id", "message_key", "text"])
    return letter


def _answer(
    *, ticket: Ticket, text: str, by: User, now: datetime, waits: bool | None, files: Sequence[ReadFile]
) -> Letter:
    with history.recording(Operation.ANSWER, by=by):
        ticket = states.answered(ticket=ticket, by=by, now=now, waits=waits)
        if not recipients.may_be_written_to(ticket.requester_address):
            raise NobodyToAnswer
        asked = quoting.last_of_sender(ticket)
        with translation.override(outbox.spoken(ticket.language)):
            quoted = quoting.quotation(asked) if asked is not None else ""
        letter = write(ticket, Letter.Kind.ANSWER, now=now, text=text, quoted=quoted, has_files=bool(files), author=by)
        kept_files.keep_all(letter=letter, files=files)
        words.add_words(ticket.pk, covered(text))
        numbers.add_numbers(ticket.pk, numbers_in(text))
    return letter


def _may_get_automatic(kind: Letter.Kind, address: str, now: datetime) -> bool:
    """Whether the address may get one more letter that nobody wrote; from now on no other transaction counts beside."""
    if not recipients.may_get_automatic(address):
        return False
    name, domain = _mailbox(address)
    advisory_locks.take(Lock.AUTOMATIC_LETTERS, domain)
    lately = Letter.objects.filter(
        # By whom it was sent, because that has an index; so the capitals and tags of the recipients may differ.
        from_address__in=settings.SUPPORT_ADDRESSES.values(),
        direction=Letter.Direction.OUT,
        received_at__gt=now - _AN_HOUR,
        kind__in=(Letter.Kind.RECEIPT, Letter.Kind.CLOSING),
        to_address__endswith=f"@{domain}",
    ).values_list("kind", "to_address")
    sent = [(sent_kind, _mailbox(to)) for sent_kind, to in lately]
    if sum(mailbox == (name, domain) for _, mailbox in sent) >= settings.RECEIPTS_PER_ADDRESS_AND_HOUR:
        return False
    # Closings answer no letter, so they do not go round; a hundred at once leave the receipts of others alone.
    receipts = sum(sent_kind == Letter.Kind.RECEIPT for sent_kind, _ in sent)
    return kind != Letter.Kind.RECEIPT or receipts < RECEIPTS_PER_DOMAIN_AND_HOUR


def _mailbox(address: str) -> tuple[str, str]:
    """The name without a tag, and the domain, both in small letters."""
    name, _, domain = address.lower().rpartition("@")
    return name.partition("+")[0], domain
