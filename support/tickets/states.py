"""States of tickets (docs/states.md, 'Ticket')."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from crs import history
from support.errors import ClosedTooLongAgo, IsClosed, IsPart
from support.models import Ticket
from support.operations import Operation
from support.tickets import claims, clocks, rows

State = Ticket.State
OPEN = (State.NEW, State.ASSIGNED, State.WAITING, State.REOPENED)
DONE = (State.RESOLVED, State.CLOSED)
# A ticket that waits for its sender is resolved after so long without a letter.
RESOLVED_AFTER = timedelta(days=30)
# A resolved ticket is closed after so long without a letter.
CLOSED_AFTER = timedelta(days=7)
# A closed ticket can be reopened for so long; a later letter opens a new one.
REOPENED_WITHIN = timedelta(days=30)
_AT_ONCE = 100


def takes_letters(ticket: Ticket, *, now: datetime) -> bool:
    """Whether a letter belongs to it still, or opens a new ticket."""
    if ticket.erased_at is not None:
        return False
    return ticket.state != State.CLOSED or (ticket.closed_at is not None and ticket.closed_at > now - REOPENED_WITHIN)


def letter_came(*, ticket: Ticket, now: datetime) -> Ticket:
    """Let the ticket go on, for its sender wrote; returns the ticket to which the letter belongs, locked.

    That is the main one where `ticket` was merged. Raises ClosedTooLongAgo: the letter opens a new ticket.
    """
    with transaction.atomic(), history.recording_part(Operation.FILE_LETTER):
        main = rows.locked_main(ticket)
        if not takes_letters(main, now=now):
            raise ClosedTooLongAgo
        go_on(main, now=now)
        main.changed_at = now
        rows.save(main)
        return main


def go_on(locked: Ticket, *, now: datetime) -> None:
    """Let the desk act on a ticket that waits or is done; the caller saves it."""
    if locked.state == State.WAITING:
        locked.state = State.ASSIGNED if locked.assignee_id else State.NEW
        clocks.resume(locked, now=now)
    elif locked.state in DONE:
        _reopen(locked, now)


def answered(*, ticket: Ticket, by: User, now: datetime, waits: bool | None) -> Ticket:
    """Say that the desk answered; it `waits` for the sender, or works on. Returns the locked ticket.

    With None it goes on as before, with whoever has it: the answer was the same for many.

    Part of the operation that sends the answer, which calls it first. Raises IsClosed, and what `require_claim` raises.
    """
    with transaction.atomic(), history.recording_part(Operation.ANSWER, by=by):
        locked = claims.require_claim(ticket=ticket, by=by, now=now)
        if locked.state == State.CLOSED:
            raise IsClosed
        locked.answered_at = locked.answered_at or now
        locked.changed_at = now
        if waits is not None:
            locked.assignee = locked.assignee or by
            locked.resolved_at = None
            locked.state = State.WAITING if waits else State.ASSIGNED
            (clocks.pause if waits else clocks.resume)(locked, now=now)
        rows.save(locked)
        return locked


def resolve(*, ticket: Ticket, by: User, now: datetime) -> Ticket:
    """Say that it is solved; the sender can still write. What is done already stays as it is.

    Raises what `require_claim` raises.
    """
    with transaction.atomic(), history.recording_part(Operation.RESOLVE, by=by):
        locked = rows.locked(ticket)
        if locked.state in DONE:
            return locked
        locked = claims.require_claim(ticket=ticket, by=by, now=now)
        locked.assignee = locked.assignee or by
        _resolve(locked, now)
        return locked


def close(*, ticket: Ticket, by: User, now: datetime) -> Ticket:
    """Close it, unless it is closed. Raises what `require_claim` raises."""
    with transaction.atomic(), history.recording_part(Operation.CLOSE, by=by):
        locked = rows.locked(ticket)
        if locked.state != State.CLOSED:
            locked = claims.require_claim(ticket=ticket, by=by, now=now)
            _close(locked, now)
        return locked


def close_by_sender(*, ticket: Ticket, by: User, now: datetime) -> Ticket:
    """Close it, for whoever asked has what they wanted; nobody's claim keeps them from it. Raises IsPart."""
    with transaction.atomic(), history.recording_part(Operation.CLOSE, by=by):
        locked = rows.locked(ticket)
        if locked.merged_into_id:
            raise IsPart
        if locked.state != State.CLOSED:
            _close(locked, now)
        return locked


def reopen(*, ticket: Ticket, by: User, now: datetime) -> Ticket:
    """Take up once more what was done; what is open stays as it is.

    Raises ClosedTooLongAgo, and what `require_claim` raises.
    """
    with transaction.atomic(), history.recording_part(Operation.REOPEN, by=by):
        locked = rows.locked(ticket)
        if locked.state in OPEN:
            return locked
        locked = claims.require_claim(ticket=ticket, by=by, now=now)
        if not takes_letters(locked, now=now):
            raise ClosedTooLongAgo
        _reopen(locked, now)
        locked.changed_at = now
        rows.save(locked)
        return locked


def resolve_waiting(*, now: datetime) -> int:
    """Resolve those that wait in vain for a month; returns how many. Safe to run twice, and beside anything."""
    waiting = Ticket.objects.filter(state=State.WAITING, changed_at__lte=now - RESOLVED_AFTER)
    return _each(waiting, _resolve, Operation.RESOLVE, now)


def close_resolved(*, now: datetime) -> int:
    """Close those that were resolved a week ago; returns how many. Safe to run twice, and beside anything."""
    resolved = Ticket.objects.filter(state=State.RESOLVED, resolved_at__lte=now - CLOSED_AFTER)
    return _each(resolved, _close, Operation.CLOSE, now)


def _each(due: QuerySet[Ticket], act: Callable[[Ticket, datetime], None], operation: Operation, now: datetime) -> int:
    done = 0
    while True:
        with transaction.atomic(), history.recording(operation):
            # Whoever answers at this moment holds the row; the next run looks again.
            locked = due.order_by("pk").select_for_update(skip_locked=True, no_key=True).defer("search")
            batch = list(locked[:_AT_ONCE])
            for ticket in batch:
                act(ticket, now)
        done += len(batch)
        if len(batch) < _AT_ONCE:
            return done


def _resolve(locked: Ticket, now: datetime) -> None:
    locked.state, locked.resolved_at, locked.changed_at = State.RESOLVED, now, now
    clocks.pause(locked, now=now)
    claims.drop(locked)
    rows.save(locked)


def _close(locked: Ticket, now: datetime) -> None:
    locked.state, locked.closed_at, locked.changed_at = State.CLOSED, now, now
    locked.resolved_at = locked.resolved_at or now
    clocks.end(locked, now=now)
    claims.drop(locked)
    rows.save(locked)


def _reopen(locked: Ticket, now: datetime) -> None:
    locked.state = State.REOPENED
    locked.resolved_at = locked.closed_at = None
    locked.reopened_count += 1
    clocks.resume(locked, now=now)
