"""Passing a ticket up to a higher level and handing it back, each with a reason."""

from datetime import datetime
from functools import partial

from django.contrib.auth.models import User

from crs import history, sent_forms, typed
from crs.sent_forms import NO_FORM, Sending
from support.errors import HighestLevel, IsClosed, LowestLevel, WordsMissing
from support.letters.covering import covered
from support.models import FIRST_LEVEL, Desk, Level, Note, Ticket
from support.operations import Operation
from support.tickets import claims, clocks, rows, words
from support.tickets.states import OPEN
from support.tickets.visible import may_work

State = Ticket.State


def escalate(*, ticket: Ticket, reason: str, by: User, now: datetime, form: Sending = NO_FORM) -> None:
    """Pass it to the next level. Raises HighestLevel, WordsMissing, IsClosed and what `require_claim` raises."""
    sent_forms.once(form, partial(_escalate, ticket, reason, by, now))


def hand_back(*, ticket: Ticket, reason: str, by: User, now: datetime, form: Sending = NO_FORM) -> None:
    """Give it back to the level below, to whoever passed it up. Raises LowestLevel, else as `escalate`."""
    sent_forms.once(form, partial(_hand_back, ticket, reason, by, now))


def move(locked: Ticket, level: int, *, now: datetime) -> None:
    """Begin a stay at another level, where nobody has the ticket yet."""
    clocks.end(locked, now=now)
    locked.level = level
    locked.assignee = None
    claims.drop(locked)
    if locked.state in (State.ASSIGNED, State.WAITING):
        locked.state = State.NEW
    if locked.state in OPEN:
        clocks.start(locked, now=now)


def _escalate(ticket: Ticket, reason: str, by: User, now: datetime) -> sent_forms.Outcome:
    with history.recording(Operation.ESCALATE, by=by):
        locked = _open(ticket, by, now)
        if locked.level == Level.L3:
            raise HighestLevel
        _pass(locked, locked.level + 1, Note.Kind.ESCALATION, reason, by, now)
        rows.save(locked)
    return {}


def _hand_back(ticket: Ticket, reason: str, by: User, now: datetime) -> sent_forms.Outcome:
    with history.recording(Operation.HAND_BACK, by=by):
        locked = _open(ticket, by, now)
        if locked.level == FIRST_LEVEL[Desk(locked.desk)]:
            raise LowestLevel
        below = locked.level - 1
        passed = Note.objects.filter(ticket=locked, kind=Note.Kind.ESCALATION, from_level=below).last()
        _pass(locked, below, Note.Kind.HAND_BACK, reason, by, now)
        if passed and passed.by and may_work(passed.by, locked):
            claims.take_up(locked, passed.by)
        rows.save(locked)
    return {}


def _open(ticket: Ticket, by: User, now: datetime) -> Ticket:
    locked = claims.require_claim(ticket=ticket, by=by, now=now)
    if locked.state not in OPEN:
        raise IsClosed
    return locked


def _pass(locked: Ticket, level: int, kind: Note.Kind, reason: str, by: User, now: datetime) -> None:
    said = typed.lines(reason)
    if not said:
        raise WordsMissing
    Note.objects.create(ticket=locked, kind=kind, text=said, by=by, at=now, from_level=locked.level, to_level=level)
    words.add_words(locked.pk, covered(said))
    move(locked, level, now=now)
    locked.changed_at = now
