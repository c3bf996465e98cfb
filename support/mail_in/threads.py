"""Finds the ticket of a letter: by the token in an address of ours, else by the Message-IDs that it answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto

from support.letters.identity import message_key
from support.letters.parts import ReadLetter
from support.mail_in.desks import desk_of
from support.mail_out import tokens
from support.models import Desk, Letter, Ticket

# The nearest ancestors of a letter; programs of five hundred answers repeat all of them.
_LOOKED_UP = 40
# The copy that a list sends beside the one that came directly has its Message-ID, and a footer of its own.
_TWINS_WITHIN = timedelta(hours=1)


class How(StrEnum):
    """By what a letter was found to belong to a ticket."""

    TOKEN = auto()
    MESSAGE_ID = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Found:
    """The ticket of a letter, which may be closed or part of another one by now; None where there is none yet."""

    ticket: Ticket | None
    how: How
    # The letter of ours to whose own address this one came, as reports do about letters that did not arrive.
    letter_id: int | None = None


NOTHING = Found(None, How.NOTHING)


def ticket_for(read: ReadLetter, desk: Desk, envelope_recipient: str, *, received_at: datetime) -> Found:
    """The ticket to which a letter belongs. No number in a subject counts: anybody can write one there.

    Only headers of the letter itself count, not those of letters attached to it; of a report about a letter that did
    not arrive also the Message-ID that it names.
    """
    return (
        _by_token(read, desk, envelope_recipient)
        or _by_message_id(read, desk)
        or _by_its_twin(read, desk, received_at)
        or NOTHING
    )


def _by_token(read: ReadLetter, desk: Desk, envelope_recipient: str) -> Found | None:
    for address in _recipients(read, envelope_recipient):
        if (ticket_id := tokens.ticket_id_of(address)) is None:
            continue
        ticket = Ticket.objects.filter(pk=ticket_id).first()
        # Who writes to both desks at once reaches each through its own address: the other desk's token says nothing
        # here. What the envelope names is this copy of the letter, also where the ticket went to the other desk since.
        is_meant = address == envelope_recipient or desk_of(address) == desk
        if ticket is not None and (is_meant or ticket.desk == desk):
            return Found(ticket, How.TOKEN, tokens.letter_id_of(address))
    return None


def _recipients(read: ReadLetter, envelope_recipient: str) -> Iterator[str]:
    yield envelope_recipient
    yield from read.delivered_to
    for address in (*read.to, *read.cc):
        yield address.address


def _by_message_id(read: ReadLetter, desk: Desk) -> Found | None:
    reported = (read.report.original_message_id,) if read.report is not None else ()
    nearest = (*reported, *read.in_reply_to, *reversed(read.references))[:_LOOKED_UP]
    keys = list(dict.fromkeys(key for one in nearest if (key := message_key(one))))
    if not keys:
        return None
    letters = Letter.objects.filter(message_key__in=keys, desk=desk, ticket__isnull=False).select_related("ticket")
    # Of letters with one Message-ID ours goes first, then the one that came first: whoever writes a known Message-ID
    # into a letter of their own draws no answers to its ticket.
    found = sorted(
        letters, key=lambda letter: (keys.index(letter.message_key), letter.direction == Letter.Direction.IN, letter.pk)
    )
    return Found(found[0].ticket, How.MESSAGE_ID) if found else None


def _by_its_twin(read: ReadLetter, desk: Desk, received_at: datetime) -> Found | None:
    """The ticket of the other copy, of the same sender, hour and subject but for what a list writes before it."""
    if not (key := message_key(read.message_id)):
        return None
    twins = Letter.objects.filter(
        message_key=key,
        desk=desk,
        direction=Letter.Direction.IN,
        ticket__isnull=False,
        from_address=read.from_.address.lower(),
        received_at__gt=received_at - _TWINS_WITHIN,
    ).select_related("ticket")
    subject = read.subject.casefold().strip()
    for twin in twins.order_by("pk"):
        other = (twin.subject or "").casefold().strip()
        if subject and other and (subject.endswith(other) or other.endswith(subject)):
            return Found(twin.ticket, How.MESSAGE_ID)
    return None
