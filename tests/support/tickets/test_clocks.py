"""Clocks of tickets: how long each level has, when they stand, and what a change of priority or hours does."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from support.models import Desk, LevelRule, Stay, Ticket
from support.tickets import claims, classification, clocks, levels, states
from tests.factories import NOW, PRAGUE, make_ticket

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def prague(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PRAGUE)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def stay(ticket: Ticket) -> Stay:
    return Stay.objects.filter(ticket=ticket).latest("pk")


def set_priority(ticket: Ticket, priority: int, by: User, now: datetime = NOW) -> Ticket:
    kept = fresh(ticket)
    return classification.classify(
        ticket=kept, desk=kept.desk, priority=priority, category=None, site=None, by=by, now=now
    )


def test_a_new_ticket_is_due_by_the_hours_of_its_level(ticket: Ticket) -> None:
    assert (ticket.answer_due_at, ticket.due_at) == (NOW + HOUR, NOW + 4 * HOUR)
    line = make_ticket(desk=Desk.LINE, now=prague("2027-01-11 18:00"))
    # L2 closes at seven in the evening and opens at seven in the morning.
    assert line.answer_due_at == prague("2027-01-12 08:00")
    assert line.due_at == prague("2027-01-12 14:00")


def test_the_clock_stands_while_the_ticket_waits_and_runs_on_afterwards(ticket: Ticket, field: User) -> None:
    states.answered(ticket=ticket, by=field, now=NOW + HOUR, waits=True)
    waiting = stay(ticket)
    assert (fresh(ticket).due_at, waiting.runs_since, waiting.spent) == (None, None, HOUR)
    states.letter_came(ticket=ticket, now=NOW + timedelta(days=2))
    assert fresh(ticket).due_at == NOW + timedelta(days=2) + 3 * HOUR
    states.resolve(ticket=ticket, by=field, now=NOW + timedelta(days=2) + HOUR)
    assert stay(ticket).spent == 2 * HOUR
    states.letter_came(ticket=ticket, now=NOW + timedelta(days=3))
    assert fresh(ticket).due_at == NOW + timedelta(days=3) + 2 * HOUR


def test_a_closed_ticket_that_is_reopened_has_a_new_clock(ticket: Ticket, field: User) -> None:
    states.close(ticket=ticket, by=field, now=NOW + 3 * HOUR)
    ended = stay(ticket)
    assert (ended.until, ended.runs_since, ended.spent) == (NOW + 3 * HOUR, None, 3 * HOUR)
    states.letter_came(ticket=ticket, now=NOW + 5 * HOUR)
    assert stay(ticket) != ended
    assert fresh(ticket).due_at == NOW + 9 * HOUR


def test_each_level_has_a_stay_of_its_own(ticket: Ticket, field: User, dispatcher: User) -> None:
    levels.escalate(ticket=ticket, reason="Neumíme.", by=field, now=NOW + HOUR)
    assert fresh(ticket).due_at == NOW + 9 * HOUR
    levels.hand_back(ticket=ticket, reason="Stačí restart.", by=dispatcher, now=NOW + 3 * HOUR)
    assert fresh(ticket).due_at == NOW + 7 * HOUR
    kept = [(one.level, one.spent, one.until) for one in Stay.objects.filter(ticket=ticket)]
    assert kept == [(1, HOUR, NOW + HOUR), (2, 2 * HOUR, NOW + 3 * HOUR), (1, timedelta(0), None)]
    # The sender waits for an answer since the opening, whoever gives it.
    assert fresh(ticket).answer_due_at == NOW + HOUR


@pytest.mark.parametrize(("priority", "minutes"), [(1, 60), (2, 120), (3, 240), (4, 480)])
def test_a_priority_scales_the_targets_and_what_was_spent_stays_spent(
    priority: int, minutes: int, ticket: Ticket, field: User
) -> None:
    set_priority(ticket, priority, field, now=NOW + HOUR / 2)
    assert fresh(ticket).due_at == NOW + minutes * MINUTE
    assert fresh(ticket).answer_due_at == NOW + minutes * MINUTE / 4
    assert stay(ticket).allowed_minutes == minutes


def test_a_ticket_that_waits_gets_its_new_target_when_it_goes_on(ticket: Ticket, field: User) -> None:
    states.answered(ticket=ticket, by=field, now=NOW + HOUR / 2, waits=True)
    set_priority(ticket, Ticket.Priority.URGENT, field, now=NOW + HOUR)
    assert (fresh(ticket).due_at, fresh(ticket).answer_due_at) == (None, NOW + HOUR)
    states.letter_came(ticket=ticket, now=NOW + 2 * HOUR)
    assert fresh(ticket).due_at == NOW + 2.5 * HOUR


def test_new_hours_of_a_level_hold_for_its_open_tickets_from_now_on(ticket: Ticket, field: User) -> None:
    other = make_ticket(desk=Desk.LINE)
    waiting = make_ticket()
    states.answered(ticket=waiting, by=field, now=NOW, waits=True)
    rule = LevelRule.objects.get(level=1)
    rule.opens_at, rule.closes_at, rule.stay_minutes, rule.answer_minutes = "10:00", "11:00", 120, 30
    rule.full_clean()
    assert clocks.change_rule(rule=rule, now=NOW + HOUR / 2) == 2
    # Half an hour is spent in the old hours, an hour is worked today, the rest tomorrow.
    assert fresh(ticket).due_at == prague("2027-01-12 10:30")
    assert fresh(ticket).answer_due_at == prague("2027-01-11 10:30")
    assert fresh(other).due_at == other.due_at
    assert fresh(waiting).due_at is None
    assert stay(waiting).allowed_minutes == 120


def test_a_level_that_is_late_is_found(ticket: Ticket, field: User) -> None:
    everything, stays = Ticket.objects, Stay.objects
    assert not everything.filter(clocks.late(now=NOW + HOUR)).exists()
    assert everything.filter(clocks.late(now=NOW + HOUR + MINUTE)).get() == ticket  # nobody answered
    states.answered(ticket=ticket, by=field, now=NOW + HOUR, waits=False)
    assert not everything.filter(clocks.late(now=NOW + 4 * HOUR)).exists()
    assert everything.filter(clocks.late(now=NOW + 5 * HOUR)).get() == ticket
    assert not stays.filter(clocks.broken(now=NOW + 4 * HOUR)).exists()
    assert stays.filter(clocks.broken(now=NOW + 5 * HOUR)).get().ticket == ticket
    states.resolve(ticket=ticket, by=field, now=NOW + 5 * HOUR)
    assert not everything.filter(clocks.late(now=NOW + 6 * HOUR)).exists()
    assert stays.filter(clocks.broken(now=NOW + 6 * HOUR)).exists()


def test_a_wrong_clock_that_goes_backwards_spends_nothing(ticket: Ticket, field: User) -> None:
    states.answered(ticket=ticket, by=field, now=NOW - HOUR, waits=True)
    assert stay(ticket).spent == timedelta(0)
    claims.claim(ticket=ticket, by=field, now=NOW)


def test_the_first_answer_is_due_by_the_rule_of_the_desk_wherever_the_ticket_is(
    ticket: Ticket, field: User, dispatcher: User, expert: User
) -> None:
    levels.escalate(ticket=ticket, reason="x", by=field, now=NOW)
    levels.escalate(ticket=ticket, reason="x", by=dispatcher, now=NOW)
    set_priority(ticket, Ticket.Priority.HIGH, expert)
    assert fresh(ticket).answer_due_at == NOW + HOUR / 2
    set_priority(ticket, Ticket.Priority.NORMAL, expert)
    assert fresh(ticket).answer_due_at == NOW + HOUR
    due = fresh(ticket).due_at
    rule = LevelRule.objects.get(level=1)
    rule.answer_minutes = 90
    assert clocks.change_rule(rule=rule, now=NOW) == 1
    assert (fresh(ticket).answer_due_at, fresh(ticket).due_at) == (NOW + 1.5 * HOUR, due)
    of_the_expert = LevelRule.objects.get(level=3)
    of_the_expert.answer_minutes = 10
    clocks.change_rule(rule=of_the_expert, now=NOW)
    assert fresh(ticket).answer_due_at == NOW + 1.5 * HOUR


def test_at_another_desk_the_first_answer_is_due_by_its_rule(ticket: Ticket, dispatcher: User) -> None:
    LevelRule.objects.filter(level=2).update(answer_minutes=20)
    classification.classify(
        ticket=ticket, desk=Desk.LINE, priority=ticket.priority, category=None, site=None, by=dispatcher, now=NOW
    )
    assert fresh(ticket).answer_due_at == NOW + 20 * MINUTE
