"""Merging a duplicate into the ticket that goes on, and taking it apart again."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from crs import history
from support.errors import ChangedMeanwhile, IsClosed, MergeWidens, SameTicket, WordsErased
from support.models import Note, Participant, Ticket
from support.operations import Operation
from support.tickets import claims, clocks, rows, states

State = Ticket.State


def merge(*, ticket: Ticket, into: Ticket, by: User, now: datetime) -> Ticket:
    """Make `ticket` a part of `into`, or of the one of which that is a part; returns the main one.

    Letters stay with the ticket to which they came; what comes from now on goes to the main one, where whoever wrote
    takes part. The main one goes on where the desk is to act on the part. What is a part of it already stays so.

    Raises SameTicket, ChangedMeanwhile, IsClosed (the main one), WordsErased (the part), MergeWidens, and what
    `require_claim` raises.
    """
    main_key = rows.main_key(into.pk)
    if main_key == ticket.pk:
        raise SameTicket
    with transaction.atomic(), history.recording(Operation.MERGE, by=by):
        both = rows.locked_all([ticket.pk, main_key])
        if both[main_key].merged_into_id:
            raise ChangedMeanwhile
        if both[ticket.pk].merged_into_id == main_key:
            return both[main_key]
        part = claims.require_claim(ticket=ticket, by=by, now=now)
        main = claims.require_claim(ticket=both[main_key], by=by, now=now)
        if main.state == State.CLOSED:
            raise IsClosed
        if part.erased_at is not None:
            raise WordsErased
        # Whoever sees the main one reads the part there.
        if part.desk != main.desk or part.site_id not in (None, main.site_id):
            raise MergeWidens
        if part.state in clocks.RUNNING:
            states.go_on(main, now=now)
        _take_part(part, main, now)
        clocks.pause(part, now=now)
        part.state_before_merge, part.state, part.merged_into = part.state, State.MERGED, main
        _write(part, main, Note.Kind.MERGE, by, now)
        return main


def take_apart(*, ticket: Ticket, by: User, now: datetime) -> Ticket:
    """Let a merged ticket stand alone again, in the state that it had; one that stands alone stays so.

    Raises ChangedMeanwhile, WordsErased.
    """
    main_key = Ticket.objects.values_list("merged_into", flat=True).get(pk=ticket.pk)
    with transaction.atomic(), history.recording(Operation.TAKE_APART, by=by):
        locked = rows.locked_all([ticket.pk, main_key or ticket.pk])
        part = locked[ticket.pk]
        if part.merged_into_id is None:
            return part
        if part.merged_into_id != main_key:
            raise ChangedMeanwhile
        if part.erased_at is not None:
            raise WordsErased
        part.state, part.state_before_merge, part.merged_into = State(part.state_before_merge), "", None
        if part.state in clocks.RUNNING:
            clocks.resume(part, now=now)
        _write(part, locked[main_key], Note.Kind.TAKE_APART, by, now)
        return part


def _take_part(part: Ticket, main: Ticket, now: datetime) -> None:
    """Whoever wrote into the part takes part in the main one, of which they are not the sender."""
    wrote = {one.address: one.name for one in part.participants.all()}
    wrote[part.requester_address] = part.requester_name
    others = [
        Participant(ticket=main, address=address, name=name, since=now)
        for address, name in wrote.items()
        if address not in ("", main.requester_address)
    ]
    Participant.objects.bulk_create(others, ignore_conflicts=True)


def _write(part: Ticket, main: Ticket, kind: Note.Kind, by: User, now: datetime) -> None:
    """Save both; each has a note with the number of the other."""
    claims.drop(part)
    for one, other in ((part, main), (main, part)):
        Note.objects.create(ticket=one, kind=kind, text=other.number, by=by, at=now)
        one.changed_at = now
        rows.save(one)
