"""The clocks of tickets: the first answer, and the time at each level, in the level's working time.

`start`, `pause`, `resume`, `end` and `recompute` take a locked ticket and write its stays; whoever calls them saves the
ticket.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, Value

from support.models import FIRST_LEVEL, Desk, LevelRule, Stay, Ticket
from support.tickets import rows
from support.tickets.working_hours import end_of, hours_of, working_time

State, Priority = Ticket.State, Ticket.Priority
# In these states the desk is to act.
RUNNING = (State.NEW, State.ASSIGNED, State.REOPENED)
# Quarters of the level's minutes.
_QUARTERS = {Priority.URGENT: 1, Priority.HIGH: 2, Priority.NORMAL: 4, Priority.LOW: 8}


def scaled(minutes: int, priority: int) -> int:
    """The minutes of a level for a ticket of this priority: urgent a quarter, high a half, low twice as many."""
    return max(1, minutes * _QUARTERS[Priority(priority)] // 4)


def first_stay(ticket: Ticket, *, now: datetime, wants_answer: bool = True) -> Stay:
    """The stay of a ticket that is being opened, to be saved after it; both ends are set at the ticket.

    What a machine wrote wants no answer, so none is due.
    """
    rule = _rule(ticket.level)
    stay = _new_stay(ticket, rule, now)
    if wants_answer:
        _set_answer_due(ticket, ticket.opened_at)
    _set_due(ticket, stay, rule)
    return stay


def start(ticket: Ticket, *, now: datetime) -> Stay:
    """Begin a stay at the ticket's level; its clock runs."""
    rule = _rule(ticket.level)
    stay = _new_stay(ticket, rule, now)
    stay.save()
    _set_due(ticket, stay, rule)
    return stay


def pause(ticket: Ticket, *, now: datetime) -> None:
    """Let the clock stand, for the ticket waits, or is done."""
    if stay := _stay(ticket):
        _settle(stay, _rule(stay.level), now)
        stay.runs_since = None
        stay.save()
    ticket.due_at = None


def resume(ticket: Ticket, *, now: datetime) -> None:
    """Let the clock run on, or a new one where the last stay has ended."""
    stay = _stay(ticket)
    if stay is None:
        start(ticket, now=now)
    elif stay.runs_since is None:
        stay.runs_since = now
        stay.save()
        _set_due(ticket, stay, _rule(stay.level))


def end(ticket: Ticket, *, now: datetime) -> None:
    """End the stay: the ticket leaves the level, or is closed."""
    pause(ticket, now=now)
    Stay.objects.filter(ticket=ticket, until=None).update(until=now)


def want_answer(ticket: Ticket, *, now: datetime) -> None:
    """Start the clock of the first answer, for a person wrote into what a machine had opened."""
    if ticket.answered_at is None and ticket.answer_due_at is None:
        _set_answer_due(ticket, now)


def recompute(ticket: Ticket, *, now: datetime) -> None:
    """Set both ends anew after the desk or the priority changed; what was spent stays spent."""
    if ticket.answered_at is None and ticket.answer_due_at is not None:
        _set_answer_due(ticket, ticket.opened_at)
    if stay := _stay(ticket):
        rule = _rule(stay.level)
        stay.allowed_minutes = scaled(rule.stay_minutes, ticket.priority)
        stay.save()
        _set_due(ticket, stay, rule)


@transaction.atomic
def change_rule(*, rule: LevelRule, now: datetime) -> int:
    """Save the rule of a level and set the ends of its open tickets anew; returns how many.

    With them go those that began there and wait for their first answer at a higher level. What was spent until now was
    spent in the old hours.
    """
    before = LevelRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    desks = [desk for desk, level in FIRST_LEVEL.items() if level == rule.level]
    began_here = Q(ticket__answered_at=None, ticket__desk__in=desks)
    stays = Stay.objects.filter(Q(level=rule.level) | began_here, until=None)
    tickets = rows.locked_all(stays.values_list("ticket", flat=True))
    for stay in Stay.objects.filter(until=None, level=rule.level, ticket__in=tickets, runs_since__isnull=False):
        _settle(stay, before, now)
        stay.save()
    rule.save()
    for ticket in tickets.values():
        recompute(ticket, now=now)
        rows.save(ticket)
    return len(tickets)


def late(*, now: datetime) -> Q:
    """The tickets whose first answer or whose time at the level is overdue."""
    return Q(due_at__lt=now) | Q(answered_at=None, answer_due_at__lt=now, state__in=RUNNING)


def broken(*, now: datetime) -> Q:
    """The stays that took, or take, longer than allowed."""
    minute = Value(timedelta(minutes=1), DurationField())
    allowed = ExpressionWrapper(F("allowed_minutes") * minute, DurationField())
    return Q(spent__gt=allowed) | Q(runs_since__isnull=False, ticket__due_at__lt=now)


def _stay(ticket: Ticket) -> Stay | None:
    return Stay.objects.filter(ticket=ticket, until=None).first()


def _rule(level: int) -> LevelRule:
    return LevelRule.objects.get(level=level)


def _new_stay(ticket: Ticket, rule: LevelRule, now: datetime) -> Stay:
    allowed = scaled(rule.stay_minutes, ticket.priority)
    return Stay(
        ticket=ticket, level=ticket.level, since=now, runs_since=now, spent=timedelta(0), allowed_minutes=allowed
    )


def _set_answer_due(ticket: Ticket, since: datetime) -> None:
    """By the rule of the desk's first level: the sender does not care who answers."""
    rule = _rule(FIRST_LEVEL[Desk(ticket.desk)])
    allowed = timedelta(minutes=scaled(rule.answer_minutes, ticket.priority))
    ticket.answer_due_at = end_of(hours_of(rule), since, allowed)


def _settle(stay: Stay, rule: LevelRule, now: datetime) -> None:
    """Count what the clock has run until now."""
    if stay.runs_since is not None:
        stay.spent += working_time(hours_of(rule), stay.runs_since, now)
        stay.runs_since = max(now, stay.runs_since)


def _set_due(ticket: Ticket, stay: Stay, rule: LevelRule) -> None:
    if stay.runs_since is None:
        ticket.due_at = None
        return
    left = timedelta(minutes=stay.allowed_minutes) - stay.spent
    ticket.due_at = end_of(hours_of(rule), stay.runs_since, left)
