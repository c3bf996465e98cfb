"""Two processes with one letter, a letter whose ticket is just merged or closed, a process killed in between."""

import multiprocessing
import os
import signal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from support.letters.identity import identity
from support.mail_in import filing, receiving
from support.mail_out import tokens
from support.models import Desk, Letter, Ticket
from support.tickets import claims, merging, opening, states
from tests.factories import NOW, make_agent
from tests.race import race, race_in_processes
from tests.support.mail_in.letters import come, later, letter

pytestmark = pytest.mark.django_db(transaction=True)


def _letter_and_ticket(raw: bytes) -> tuple[int, int | None]:
    came = come(raw)
    return came.pk, came.ticket_id


def test_one_letter_in_many_processes_is_taken_once_and_answered_once() -> None:
    raw = letter()
    outcomes = race_in_processes(*[partial(_letter_and_ticket, raw)] * 8)
    assert len({outcome[0] for outcome in outcomes}) == 1
    assert Letter.objects.filter(direction="IN").count() == 1
    ticket = Ticket.objects.get()
    assert list(ticket.letters.filter(direction="OUT").values_list("kind", flat=True)) == ["RECEIPT"]


def test_the_words_of_a_sensor_once_more_are_kept_once_by_many_processes() -> None:
    raw = b"Subject: Teplota 12\n\nTeplota 12\n"
    first = come(raw)
    again = race(*[lambda: come(raw, now=later(days=20)).pk] * 6)
    assert len(set(again)) == 1
    assert set(Letter.objects.filter(direction="IN").values_list("pk", flat=True)) == {first.pk, again[0]}


def _looked_for_and_kept(raw: bytes, meet: Barrier) -> None:
    key = identity(raw)
    is_known = Letter.objects.filter(identity=key).exists()
    meet.wait(timeout=30)
    if not is_known:
        Letter.objects.create(desk=Desk.SITES, direction="IN", identity=key, received_at=NOW)


def test_without_the_unique_identity_two_who_look_first_keep_it_twice() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX letter_is_taken_once")
    try:
        race(*[partial(_looked_for_and_kept, letter(message_id="<one@x>"), Barrier(2))] * 2)
        assert Letter.objects.count() == 2
    finally:
        Letter.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX letter_is_taken_once ON support_letter (desk, identity) "
                "WHERE direction = 'IN' AND NOT (identity = '')"
            )


def test_two_who_file_one_letter_leave_it_at_one_ticket() -> None:
    raw = letter()
    kept, _ = receiving.keep(raw, desk=Desk.SITES, envelope_sender="", envelope_recipient="", received_at=NOW)
    tickets = race(*(partial(_file, kept.pk, raw) for _ in range(6)))
    assert len(set(tickets)) == 1
    assert Ticket.objects.count() == 1
    assert Letter.objects.filter(direction="OUT").count() == 1


def test_without_the_guarded_update_two_who_file_one_letter_make_two_tickets(monkeypatch: pytest.MonkeyPatch) -> None:
    raw, meet, whole = letter(), Barrier(2), opening.open_ticket
    kept, _ = receiving.keep(raw, desk=Desk.SITES, envelope_sender="", envelope_recipient="", received_at=NOW)

    def open_together(**fields: Any) -> Ticket:
        ticket = whole(**fields)
        meet.wait(timeout=30)
        return ticket

    monkeypatch.setattr(opening, "open_ticket", open_together)
    monkeypatch.setattr(filing, "_write", lambda letter, _contents, ticket, _notices: _write_unguarded(letter, ticket))
    race(*(partial(_file, kept.pk, raw) for _ in range(2)))
    assert Ticket.objects.count() == 2


def _write_unguarded(letter: Letter, ticket: Ticket) -> None:
    Letter.objects.filter(pk=letter.pk).update(ticket=ticket, state="FILED")


def _file(key: int, raw: bytes) -> int:
    return filing.file(Letter.objects.get(pk=key), raw, now=NOW).pk


def test_a_reply_goes_to_the_whole_while_its_ticket_is_merged() -> None:
    agent = make_agent()
    first, second = (come(letter(subject=f"O {name}")).ticket for name in ("tisku", "skladu"))
    assert first is not None
    assert second is not None
    for part, whole in ((second, first), (first, second)):
        for ticket in (part, whole):
            claims.claim(ticket=ticket, by=agent, now=NOW)
        raw = letter(to=tokens.reply_address(part))
        merged, came = race(
            partial(merging.merge, ticket=part, into=whole, by=agent, now=NOW), partial(come, raw, now=later(minutes=1))
        )
        part.refresh_from_db()
        assert (part.state, part.merged_into) == ("MERGED", whole), merged
        # Before the merging it is at the part, which the whole shows; after it, at the whole.
        assert came.ticket in (part, whole)
        assert came.ticket == whole or part.letters.filter(pk=came.pk).exists()
        merging.take_apart(ticket=part, by=agent, now=later(minutes=2))


def test_a_reply_beside_a_closing_never_ends_at_a_ticket_that_nobody_looks_at() -> None:
    agent = make_agent()
    ticket = come().ticket
    assert ticket is not None
    for number in range(5):
        claims.claim(ticket=ticket, by=agent, now=NOW)
        raw = letter(f"Ještě {number}.", to=tokens.reply_address(ticket))
        closed, came = race(
            partial(states.close, ticket=ticket, by=agent, now=NOW), partial(come, raw, now=later(minutes=1))
        )
        ticket.refresh_from_db()
        assert came.ticket == ticket
        # Whoever comes second reads what the first left: the letter reopens it, or the agent closes it with the letter.
        assert ticket.state in ("REOPENED", "CLOSED"), closed
        if ticket.state == "CLOSED":
            states.reopen(ticket=ticket, by=agent, now=later(minutes=2))


def _killed_between(raw: bytes) -> None:
    connections.close_all()
    filing.file = _kill  # type: ignore[assignment]
    come(raw)


def _kill(*_args: Any, **_more: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_killed_between_keeping_and_filing_loses_nothing_and_files_nothing_twice() -> None:
    raw = letter()
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    process = multiprocessing.get_context("fork").Process(target=_killed_between, args=(raw,))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL
    kept = Letter.objects.get()
    assert (kept.state, kept.ticket) == ("RECEIVED", None)
    filed = race(*[partial(filing.file_received, later(minutes=1))] * 3)
    assert sum(filed) == 1
    # Whoever brought it had no answer, and brings it again.
    assert come(raw, now=later(minutes=2)) == kept
    assert (Ticket.objects.count(), Letter.objects.filter(direction="IN").count()) == (1, 1)
    assert Letter.objects.filter(direction="OUT").count() == 1
