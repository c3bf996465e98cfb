"""Claims: one member of staff works on a ticket at a time, and the others see who and until when."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from crs import history
from crs.users import name_of_user
from support.errors import ClaimedBySomebody, IsClosed, IsPart, NotYourTicket
from support.models import Ticket
from support.operations import Operation
from support.tickets import rows
from support.tickets.visible import may_work

CLAIM_FOR = timedelta(minutes=15)
State = Ticket.State


def holder(ticket: Ticket, *, now: datetime) -> User | None:
    """Who works on it at present."""
    return ticket.claimed_by if ticket.claimed_until and ticket.claimed_until > now else None


def claim(*, ticket: Ticket, by: User, now: datetime) -> Ticket:
    """Take the ticket up. Raises IsClosed, and what `require_claim` raises."""
    with transaction.atomic(), history.recording_part(Operation.CLAIM, by=by):
        mine = require_claim(ticket=ticket, by=by, now=now)
        if mine.state == State.CLOSED:
            raise IsClosed
        take_up(mine, by)
        rows.save(mine)
        return mine


def require_claim(*, ticket: Ticket, by: User, now: datetime) -> Ticket:
    """Lock the ticket for an act of `by`, who has the claim from now on; the act saves the ticket.

    What is refused is asked under the lock: of two who act at once the second finds the claim of the first. Raises
    ClaimedBySomebody, NotYourTicket (it went to a higher level or to another region meanwhile), IsPart.
    """
    locked = rows.locked(ticket)
    if locked.merged_into_id:
        raise IsPart
    if locked.claimed_until and (other := holder(locked, now=now)) and other != by:
        raise ClaimedBySomebody(number=locked.number, who=name_of_user(other), until=locked.claimed_until)
    if not may_work(by, locked):
        raise NotYourTicket
    locked.claimed_by, locked.claimed_until = by, now + CLAIM_FOR
    return locked


def release(*, ticket: Ticket, by: User, now: datetime) -> None:
    """Give the claim back, if it still holds."""
    mine = Ticket.objects.filter(pk=ticket.pk, claimed_by=by, claimed_until__gt=now)
    with history.recording_part(Operation.CLAIM, by=by):
        mine.update(claimed_by=None, claimed_until=None)


def assign(*, ticket: Ticket, to: User, by: User, now: datetime) -> Ticket:
    """Give the ticket to a member of staff (the lead, by `ASSIGN_TICKETS`), with the claim: that of another ends.

    Raises NotYourTicket where `to` does not work on it, IsClosed, IsPart.
    """
    with transaction.atomic(), history.recording_part(Operation.ASSIGN, by=by):
        locked = rows.locked(ticket)
        if locked.merged_into_id:
            raise IsPart
        if locked.state == State.CLOSED:
            raise IsClosed
        if not may_work(to, locked):
            raise NotYourTicket
        locked.assignee = to
        locked.claimed_by, locked.claimed_until = to, now + CLAIM_FOR
        take_up(locked, to)
        locked.changed_at = now
        rows.save(locked)
        return locked


def take_up(locked: Ticket, by: User) -> None:
    """Say that somebody has it."""
    locked.assignee = locked.assignee or by
    if locked.state in (State.NEW, State.REOPENED):
        locked.state = State.ASSIGNED


def drop(locked: Ticket) -> None:
    """End the claim."""
    locked.claimed_by = locked.claimed_until = None
