"""Walks the table of tickets in docs/states.md: every act from every state does what the table says, and no other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from crs.errors import DomainError
from support import errors
from support.models import Desk, Note, Stay, Ticket
from support.tickets import claims, classification, levels, merging, states
from support.tickets.clocks import RUNNING
from tests.factories import NOW, make_ticket
from tests.reservation.test_states import BEGINNING, machine

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
State = Ticket.State


@contextmanager
def undone() -> Iterator[None]:
    """All that is done within is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("start", State.values)
def test_a_ticket_changes_only_as_the_table_says_and_in_every_way_that_it_says(
    start: str, ticket: Ticket, field: User, dispatcher: User, lead: User
) -> None:
    other = make_ticket()

    def classify() -> Any:
        return classification.classify(
            ticket=ticket, desk=Desk.LINE, priority=3, category=None, site=None, by=dispatcher, now=NOW
        )

    acts: list[tuple[str, Callable[[], Any]]] = [
        ("claims.claim", lambda: claims.claim(ticket=ticket, by=dispatcher, now=NOW)),
        ("claims.assign", lambda: claims.assign(ticket=ticket, to=dispatcher, by=lead, now=NOW)),
        ("states.answered", lambda: states.answered(ticket=ticket, by=dispatcher, now=NOW, waits=True)),
        ("states.answered", lambda: states.answered(ticket=ticket, by=dispatcher, now=NOW, waits=False)),
        ("states.letter_came", lambda: states.letter_came(ticket=ticket, now=NOW)),
        ("states.resolve", lambda: states.resolve(ticket=ticket, by=dispatcher, now=NOW)),
        ("states.close", lambda: states.close(ticket=ticket, by=dispatcher, now=NOW)),
        ("states.close_by_sender", lambda: states.close_by_sender(ticket=ticket, by=field, now=NOW)),
        ("states.resolve_waiting", lambda: states.resolve_waiting(now=NOW)),
        ("states.close_resolved", lambda: states.close_resolved(now=NOW)),
        ("states.reopen", lambda: states.reopen(ticket=ticket, by=dispatcher, now=NOW)),
        ("levels.escalate", lambda: levels.escalate(ticket=ticket, reason="x", by=dispatcher, now=NOW)),
        ("levels.hand_back", lambda: levels.hand_back(ticket=ticket, reason="x", by=dispatcher, now=NOW)),
        ("classification.classify", classify),
        ("merging.merge", lambda: merging.merge(ticket=ticket, into=other, by=dispatcher, now=NOW)),
        ("merging.merge", lambda: merging.merge(ticket=make_ticket(), into=ticket, by=dispatcher, now=NOW)),
        ("merging.take_apart", lambda: merging.take_apart(ticket=ticket, by=dispatcher, now=NOW)),
    ]
    befores = [one for one in State.values if one != State.MERGED] if start == State.MERGED else [""]
    # Who has it, its level, and whether somebody had passed it up.
    circumstances = [(field, 1, False), (None, 2, False), (field, 2, True)]
    walked = set()
    for before in befores:
        for assignee, level, was_passed_up in circumstances[:1] if before else circumstances:
            for name, act in acts:
                with undone():
                    Ticket.objects.filter(pk=ticket.pk).update(
                        state=start,
                        level=level,
                        assignee=assignee,
                        changed_at=NOW - 30 * DAY,
                        resolved_at=NOW - 8 * DAY if start in states.DONE else None,
                        closed_at=NOW - DAY if State.CLOSED in (start, before) else None,
                        due_at=NOW + DAY if start in RUNNING else None,
                        merged_into=other if before else None,
                        state_before_merge=before,
                    )
                    Stay.objects.filter(ticket=ticket).update(
                        runs_since=NOW if start in RUNNING else None,
                        until=NOW if State.CLOSED in (start, before) else None,
                    )
                    if was_passed_up:
                        told = {"ticket": ticket, "text": "x", "by": field, "at": NOW}
                        Note.objects.create(kind=Note.Kind.ESCALATION, from_level=1, to_level=2, **told)
                    with suppress(DomainError):
                        act()
                    ticket.refresh_from_db()
                    if ticket.state != start:
                        walked.add((ticket.state, name))
                    running = Stay.objects.filter(ticket=ticket, until=None, runs_since__isnull=False)
                    if ticket.state != start:
                        is_running = ticket.state in RUNNING
                        assert (running.exists(), ticket.due_at is not None) == (is_running, is_running)
    table = {
        (row.end, name) for row in machine("Ticket").rows for name in row.operations if row.start in (start, BEGINNING)
    }
    assert walked == table - {(State.NEW, "opening.open_ticket")}


def test_tickets_begin_as_the_table_says(ticket: Ticket) -> None:
    assert [(row.end, row.operations) for row in machine("Ticket").rows if row.start == BEGINNING] == [
        (ticket.state, ("opening.open_ticket",))
    ]


def test_a_letter_reopens_what_was_closed_within_a_month_and_no_older_one(ticket: Ticket, field: User) -> None:
    states.close(ticket=ticket, by=field, now=NOW)
    assert not states.takes_letters(Ticket.objects.get(), now=NOW + 30 * DAY)
    with pytest.raises(errors.ClosedTooLongAgo):
        states.letter_came(ticket=ticket, now=NOW + 30 * DAY)
    with pytest.raises(errors.ClosedTooLongAgo):
        states.reopen(ticket=ticket, by=field, now=NOW + 30 * DAY)
    reopened = states.letter_came(ticket=ticket, now=NOW + 29 * DAY)
    assert (reopened.state, reopened.reopened_count, reopened.closed_at) == ("REOPENED", 1, None)


def test_a_ticket_whose_letters_are_erased_is_not_reopened(ticket: Ticket, field: User) -> None:
    states.close(ticket=ticket, by=field, now=NOW)
    Ticket.objects.update(erased_at=NOW)
    with pytest.raises(errors.ClosedTooLongAgo):
        states.letter_came(ticket=ticket, now=NOW + DAY)


def test_resolved_tickets_are_closed_after_a_week(field: User) -> None:
    tickets = [make_ticket() for _ in range(3)]
    for one, days in zip(tickets, (8, 7, 6), strict=True):
        states.resolve(ticket=one, by=field, now=NOW - days * DAY)
    assert states.close_resolved(now=NOW) == 2
    assert states.close_resolved(now=NOW) == 0
    assert [one.state for one in Ticket.objects.order_by("pk")] == ["CLOSED", "CLOSED", "RESOLVED"]


def test_tickets_that_wait_in_vain_are_resolved_after_a_month_and_so_closed(field: User) -> None:
    waiting, younger, mine = (make_ticket() for _ in range(3))
    for one, days in ((waiting, 30), (younger, 29), (mine, 30)):
        states.answered(ticket=one, by=field, now=NOW - days * DAY, waits=one != mine)
    assert states.resolve_waiting(now=NOW) == 1
    assert states.resolve_waiting(now=NOW) == 0
    assert [one.state for one in Ticket.objects.order_by("pk")] == ["RESOLVED", "WAITING", "ASSIGNED"]
    assert states.close_resolved(now=NOW + 7 * DAY) == 1
    assert states.letter_came(ticket=waiting, now=NOW + 8 * DAY).state == "REOPENED"


def test_a_second_click_changes_nothing(ticket: Ticket, field: User) -> None:
    states.resolve(ticket=ticket, by=field, now=NOW)
    once = Ticket.objects.values().get()
    states.resolve(ticket=ticket, by=field, now=NOW + DAY)
    assert Ticket.objects.values().get() == once
    states.close(ticket=ticket, by=field, now=NOW)
    once = Ticket.objects.values().get()
    states.close(ticket=ticket, by=field, now=NOW + DAY)
    states.resolve(ticket=ticket, by=field, now=NOW + DAY)
    assert Ticket.objects.values().get() == once
    states.reopen(ticket=ticket, by=field, now=NOW)
    once = Ticket.objects.values().get()
    states.reopen(ticket=ticket, by=field, now=NOW + DAY)
    assert Ticket.objects.values().get() == once


def test_an_answer_is_refused_once_the_ticket_is_closed(ticket: Ticket, field: User) -> None:
    states.close(ticket=ticket, by=field, now=NOW)
    with pytest.raises(errors.IsClosed):
        states.answered(ticket=ticket, by=field, now=NOW, waits=False)
    assert Ticket.objects.get().answered_at is None


def test_the_first_answer_is_kept(ticket: Ticket, field: User) -> None:
    states.answered(ticket=ticket, by=field, now=NOW, waits=True)
    states.answered(ticket=ticket, by=field, now=NOW + DAY, waits=True)
    assert Ticket.objects.get().answered_at == NOW


def test_the_history_says_who_did_what_and_keeps_no_words(ticket: Ticket, field: User) -> None:
    with transaction.atomic():
        states.answered(ticket=ticket, by=field, now=NOW, waits=True)
    event = ticket.events.latest("pgh_id")  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["operation"] == "support.answer"
    assert event.pgh_context.metadata["user"] == field.pk
    assert not {"subject", "search", "requester_address"} & {one.name for one in event._meta.fields}
