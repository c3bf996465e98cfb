"""A letter is kept before anything reads it, and then it is at one ticket, once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from support.mail_in import filing, receiving
from support.models import Desk, Letter, RawLetter, Ticket
from tests.factories import NOW
from tests.support.mail_in.letters import JANA, SITES, come, later, letter


@pytest.mark.django_db
def test_a_letter_opens_a_ticket_and_is_kept_byte_by_byte() -> None:
    raw = letter()
    came = come(raw, to=SITES)
    assert (came.state, came.kind, came.from_address, came.envelope_recipient) == ("FILED", "HUMAN", JANA, SITES)
    assert came.subject == "Netiskne tiskárna"
    assert came.text.startswith("Dobrý den")
    assert bytes(came.raw.content) == raw
    ticket = came.ticket
    assert ticket is not None
    assert (ticket.desk, ticket.level, ticket.state, ticket.way) == ("SITES", 1, "NEW", "LETTER")
    assert (ticket.requester_address, ticket.requester_name, ticket.requester) == (JANA, "Jana Nováková", None)
    receipt = ticket.letters.get(direction="OUT")
    assert (receipt.kind, receipt.to_address) == ("RECEIPT", JANA)


@pytest.mark.django_db
def test_the_same_letter_by_another_way_is_the_first_one() -> None:
    raw = letter()
    first = come(raw)
    again = come(
        b"Received: from a by b; Mon, 11 Jan 2027 09:00:00 +0100\r\n" + raw.replace(b"\n", b"\r\n"),
        now=later(minutes=1),
    )
    assert again == first
    assert (Letter.objects.filter(direction="IN").count(), Ticket.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_known_message_id_with_other_words_is_another_letter() -> None:
    come(letter("První.", message_id="<x@y>"))
    come(letter("Druhý.", message_id="<x@y>"))
    assert Letter.objects.filter(direction="IN").count() == 2


@pytest.mark.django_db
def test_a_sensor_that_sends_the_same_words_again_is_heard_again() -> None:
    raw = b"From: cidlo@nemocnice.example\nSubject: Teplota 12\n\nTeplota 12\n"
    first = come(raw)
    assert come(raw, now=later(minutes=59)) == first
    # Nothing tells it from the first one but the time.
    second = come(raw, now=later(days=20))
    assert second != first
    assert (come(raw, now=later(days=20, minutes=5)), first.ticket == second.ticket) == (second, False)
    # Where it says when it set out, a copy is one whenever it comes.
    came = b"Received: from cidlo by mx; Mon, 11 Jan 2027 09:00:0%d +0100\n" + raw
    third = come(came % 1, now=later(days=20))
    assert come(came % 2, now=later(days=20)) not in (first, second, third)
    assert come(b"Received: from mx by localhost\n" + came % 1, now=later(days=30)) == third


@pytest.mark.django_db
def test_a_letter_to_both_desks_has_a_ticket_at_each_and_neither_desk_takes_part() -> None:
    raw = letter(to="podpora@crs.example, 1221@crs.example")
    tickets = [come(raw, desk=desk).ticket for desk in Desk]
    assert [ticket.desk for ticket in tickets if ticket] == ["SITES", "LINE"]
    assert not any(ticket.participants.exists() for ticket in tickets if ticket)


@pytest.mark.django_db(transaction=True)
def test_a_letter_is_not_taken_inside_a_transaction_that_could_undo_it() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        come()


@pytest.mark.django_db
def test_what_goes_wrong_in_filing_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "contents_of", _broken)
    came = come()
    assert (came.state, came.ticket, came.tries) == ("RECEIVED", None, 1)
    assert RawLetter.objects.filter(letter=came).exists()
    monkeypatch.undo()
    assert filing.file_received(later(seconds=30)) == 0
    assert filing.file_received(later(minutes=1)) == 1
    came.refresh_from_db()
    assert (came.state, came.tries) == ("FILED", 2)
    ticket = came.ticket
    assert ticket is not None
    assert ticket.opened_at == NOW


@pytest.mark.django_db
def test_a_letter_that_is_never_filed_goes_to_a_ticket_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "contents_of", _broken)
    came = come(letter("Heslo je tajne."))
    for minutes in (1, 4, 15, 40):
        assert filing.file_received(later(minutes=minutes)) == 0
    assert filing.file_received(later(minutes=59)) == 0
    assert filing.file_received(later(minutes=60)) == 1
    came.refresh_from_db()
    assert (came.state, came.tries, came.notices) == ("UNREADABLE", 6, ["UNREADABLE"])
    assert "Heslo je" in came.text
    assert came.ticket is not None
    assert not came.ticket.letters.filter(direction="OUT").exists()


@pytest.mark.django_db
def test_one_letter_that_is_never_filed_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(filing, "contents_of", _broken)
        poison, good = come(letter("jed")), come(letter("dobrý"))
    Letter.objects.filter(pk=poison.pk).update(tries=30)
    monkeypatch.setattr(filing, "contents_as_it_came", _broken)
    assert filing.file_received(later(hours=2)) == 1
    states = Letter.objects.filter(direction="IN").order_by("pk").values_list("state", "tries")
    assert list(states) == [("RECEIVED", 31), ("FILED", 2)]
    assert poison.pk < good.pk


@pytest.mark.django_db
def test_a_letter_that_is_brought_again_and_again_is_tried_by_the_sweep_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever brings it does so because the last try ended the process: each of its tries is counted."""
    tries: list[int] = []

    def deadly(letter: Letter, raw: bytes) -> Any:
        tries.append(letter.pk)
        raise MemoryError

    raw = letter()
    with monkeypatch.context() as patch:
        patch.setattr(filing, "contents_of", deadly)
        for seconds in range(20):
            came = come(raw, now=later(seconds=seconds))
    assert (len(tries), came.state, came.tries) == (1, "RECEIVED", 1)
    assert filing.file_received(later(minutes=1)) == 1
    assert come(raw, now=later(minutes=2)).state == "FILED"


def _broken(*_args: Any) -> Any:
    raise MemoryError


def test_nothing_that_a_server_says_on_the_envelope_breaks_the_row() -> None:
    address: Callable[[str], str] = receiving._address
    assert address(" a\x00b@c\n") == "ab@c"
    assert len(address("a" * 5000)) == 320
