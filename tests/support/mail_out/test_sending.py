"""Letters to the senders of tickets, as they arrive at a real mail server."""

import threading
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from crs import advisory_locks
from crs.messaging import delivery, preparation
from crs.messaging.models import Message
from crs.no_break import breakable
from crs.sent_forms import NO_FORM, Sending
from logistics.models import Role
from support.errors import (
    AnswerTooLong,
    ClaimedBySomebody,
    FilesTooLarge,
    IsClosed,
    NobodyToAnswer,
    WordsMissing,
)
from support.letters.parts import ReadFile
from support.mail_out import enclosures, heads, sending, tokens
from support.models import Incident, IncidentUpdate, Letter, Ticket
from support.tickets import claims, files, states
from tests import cast
from tests.factories import NOW, make_agent, make_ticket
from tests.race import race, tally
from tests.support.mail_out.conftest import JANA, JANAS_ID, SITES_DESK, FarMailServer, letter_in

pytestmark = pytest.mark.django_db

NUMBER = cast.JANA.insured_number


def _ticket(**fields: Any) -> Ticket:
    return make_ticket("Nejde tisk", **({"requester_address": JANA, "requester_name": "Jana Nováková"} | fields))


def _answer(ticket: Ticket, by: User, text: str = "Zkuste to prosím znovu.", **more: Any) -> Letter:
    arguments: dict[str, Any] = {"now": NOW, "form": NO_FORM, "waits": True} | more
    return sending.answer(ticket=ticket, text=text, by=by, **arguments)


def _arrived(server: FarMailServer) -> EmailMessage:
    preparation.drain()
    delivery.drain(Message.Channel.EMAIL)
    return server.letters[-1]


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return breakable(str(body.get_content())).replace("\r\n", "\n")


def _file(name: str, content: bytes = b"abc", content_type: str = "text/html") -> ReadFile:
    return ReadFile(name, content_type, content, "", is_inline=False, summary="")


# --- the receipt --------------------------------------------------------------------------------


def test_a_receipt_tells_the_number_and_no_machine_answers_it(mail_server: FarMailServer) -> None:
    ticket = _ticket()
    letter_in(ticket)
    written = sending.send_receipt(ticket=ticket, now=NOW)
    letter = _arrived(mail_server)
    assert written is not None
    assert letter["From"] == f"Podpora očkovacích míst <{SITES_DESK}>"
    assert letter["To"] == JANA
    assert letter["Subject"] == f"Re: Nejde tisk [{ticket.number}]"
    assert letter["Reply-To"] == tokens.reply_address(ticket)
    assert letter["In-Reply-To"] == letter["References"] == JANAS_ID
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    assert mail_server.senders == [tokens.bounce_address(written)]
    assert ticket.number in _text(letter)
    assert (written.kind, written.state, written.ticket) == (Letter.Kind.RECEIPT, Letter.State.FILED, ticket)
    assert written.message_id == letter["Message-ID"]
    assert breakable(written.text) == _text(letter).strip()


def test_a_receipt_speaks_the_senders_language_and_names_what_is_known(mail_server: FarMailServer) -> None:
    known = Incident.objects.create(
        title_cs="SMS chodí pozdě",
        title_en="SMS come late",
        text_cs="Pracujeme na tom.",
        text_en="We are working on it.",
        began_at=NOW - timedelta(hours=1),
        declared_at=NOW,
        declared_by=make_agent(Role.SUPPORT_LEAD),
    )
    ticket = _ticket(language="en")
    sending.send_receipt(ticket=ticket, now=NOW)
    text = _text(_arrived(mail_server))
    assert "SMS come late" in text
    assert "We are working on it." in text
    assert "/stav/" in text
    IncidentUpdate.objects.create(
        incident=known, text_cs="Už jen 10 minut.", text_en="Ten minutes only.", by=known.declared_by, at=NOW
    )
    ticket = _ticket(language="uk")
    sending.send_receipt(ticket=ticket, now=NOW)
    assert "Už jen 10 minut." in _text(_arrived(mail_server))
    Incident.objects.update(ended_at=NOW)
    sending.send_receipt(ticket=ticket, now=NOW)
    assert "SMS chodí pozdě" not in _text(_arrived(mail_server))


def test_an_address_gets_so_many_automatic_letters_an_hour(settings: Settings) -> None:
    settings.RECEIPTS_PER_ADDRESS_AND_HOUR = 3
    sent = []
    for case in ("jana@a.example", "JANA@a.example") * 3:
        ticket = _ticket(requester_address=case)
        sent.append(sending.send_receipt(ticket=ticket, now=NOW) is not None)
    assert sent == [True] * 3 + [False] * 3
    ticket = _ticket(requester_address="karel@a.example")
    assert sending.send_receipt(ticket=ticket, now=NOW)
    later = NOW + timedelta(hours=1)
    ticket = _ticket(requester_address="jana@a.example")
    assert sending.send_receipt(ticket=ticket, now=later)


def test_marks_behind_a_plus_make_no_other_address(settings: Settings) -> None:
    settings.RECEIPTS_PER_ADDRESS_AND_HOUR = 2
    addresses = [f"case+{number}@a.example" for number in range(4)]
    sent = [sending.send_receipt(ticket=_ticket(requester_address=one), now=NOW) is not None for one in addresses]
    assert sent == [True, True, False, False]


def test_a_system_with_an_address_for_each_case_gets_so_many_receipts_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "RECEIPTS_PER_DOMAIN_AND_HOUR", 3)
    addresses = [f"case-{number}@a.example" for number in range(5)]
    tickets = [_ticket(requester_address=one) for one in addresses]
    sent = [sending.send_receipt(ticket=ticket, now=NOW) is not None for ticket in tickets]
    assert sent == [True] * 3 + [False] * 2
    assert sending.send_closing(ticket=tickets[4], now=NOW), "a closing answers nothing"
    assert sending.send_receipt(ticket=_ticket(requester_address="case@b.example"), now=NOW)
    assert sending.send_receipt(ticket=tickets[4], now=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "address",
    ["", "x", "noreply@a.example", "MAILER-DAEMON@a.example", SITES_DESK, "a@b@c", "a@b.example\nBcc: c@d.example"],
)
def test_no_machine_of_ours_writes_there(address: str) -> None:
    ticket = _ticket(requester_address=address)
    assert sending.send_receipt(ticket=ticket, now=NOW) is None
    assert sending.send_closing(ticket=ticket, now=NOW) is None
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_letters_at_once_no_more_are_receipted_than_may_be(settings: Settings) -> None:
    settings.RECEIPTS_PER_ADDRESS_AND_HOUR = 2
    tickets = [_ticket() for _ in range(6)]
    outcomes = race(*(partial(sending.send_receipt, ticket=ticket, now=NOW) for ticket in tickets))
    assert tally(outcomes) == {"Letter": 2, "NoneType": 4}


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_more_are_receipted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RECEIPTS_PER_ADDRESS_AND_HOUR = 2
    tickets = [_ticket() for _ in range(3)]
    counted, write = threading.Barrier(3), sending.write

    def write_late(*args: Any, **more: Any) -> Letter:
        counted.wait(timeout=20)
        return write(*args, **more)

    monkeypatch.setattr(advisory_locks, "take", lambda *_: None)
    monkeypatch.setattr(sending, "write", write_late)
    outcomes = race(*(partial(sending.send_receipt, ticket=ticket, now=NOW) for ticket in tickets))
    assert tally(outcomes) == {"Letter": 3}


# --- answers ------------------------------------------------------------------------------------


def test_an_answer_arrives_as_a_persons_with_what_it_answers_below(mail_server: FarMailServer) -> None:
    ticket, agent = _ticket(), make_agent()
    letter_in(ticket, text=f"Číslo {NUMBER[:6]}/{NUMBER[6:]} tiskárna nechce.\n\nJana")
    written = _answer(ticket, agent, "Dobrý den,\nzkuste to znovu.")
    letter = _arrived(mail_server)
    assert _text(letter).rstrip().split("\n") == [
        "Dobrý den,",
        "zkuste to znovu.",
        "",
        "Podpora očkovacích míst",
        f"Požadavek {ticket.number}. Budete-li ještě něco potřebovat, stačí odpovědět na tento e-mail.",
        "",
        "Dne 11. 1. 2027 v 9:00, Jana Nováková:",
        "> Číslo ••••••/•••• tiskárna nechce.",
        ">",
        "> Jana",
    ]
    assert letter["Auto-Submitted"] is None
    assert letter["X-Auto-Response-Suppress"] is None
    assert letter["In-Reply-To"] == JANAS_ID
    assert (written.kind, written.author, written.text) == (Letter.Kind.ANSWER, agent, "Dobrý den,\nzkuste to znovu.")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.answered_at) == (Ticket.State.WAITING, NOW)


def test_the_chain_leads_from_letter_to_letter_and_keeps_one_subject(mail_server: FarMailServer) -> None:
    ticket, agent = _ticket(), make_agent()
    ids: list[str] = []
    for number in range(3):
        came = letter_in(
            ticket, message_id=f"<jana.{number}@nemocnice.example>", received_at=NOW + timedelta(minutes=2 * number)
        )
        _answer(ticket, agent, now=NOW + timedelta(minutes=2 * number + 1))
        letter = _arrived(mail_server)
        assert letter["In-Reply-To"] == came.message_id
        assert letter["References"].split() == [*ids, came.message_id]
        assert letter["Subject"] == f"Re: Nejde tisk [{ticket.number}]"
        ids += [came.message_id, letter["Message-ID"]]
        ticket.refresh_from_db()


def test_a_long_chain_keeps_its_beginning_and_its_end(mail_server: FarMailServer) -> None:
    ticket = _ticket()
    for number in range(60):
        name = f"{number:03d}.{'x' * 40}"
        letter_in(ticket, message_id=f"<{name}@a.example>", received_at=NOW + timedelta(minutes=number))
    _answer(ticket, make_agent(), now=NOW + timedelta(hours=2))
    ids = _arrived(mail_server)["References"].split()
    assert [one[1:4] for one in ids] == ["000", *(f"{number:03d}" for number in range(40, 60))]
    head = mail_server.lines[-1][: mail_server.lines[-1].index(b"")]
    assert max(map(len, head)) <= 78


@pytest.mark.parametrize("bad", ["<a b@c>", "<a@b>\r\nBcc: x@y.example", "<ž@b>", f"<{'x' * 900}@b>", "", "<>"])
def test_a_message_id_that_no_header_bears_is_left_out(bad: str, mail_server: FarMailServer) -> None:
    ticket = _ticket()
    letter_in(ticket, message_id=bad)
    _answer(ticket, make_agent())
    letter = _arrived(mail_server)
    assert (letter["In-Reply-To"], letter["References"], letter["Bcc"]) == (None, None, None)


def test_a_reader_of_the_chain_finds_the_senders_letter_and_not_a_participants(mail_server: FarMailServer) -> None:
    ticket = _ticket()
    letter_in(ticket)
    letter_in(
        ticket,
        message_id="<petr@x.example>",
        from_address="petr@x.example",
        text="Já taky.",
        received_at=NOW + timedelta(1),
    )
    letter_in(ticket, message_id="<holiday@x>", kind=Letter.Kind.AUTO_REPLY, received_at=NOW + timedelta(hours=1))
    _answer(ticket, make_agent(), now=NOW + timedelta(days=2))
    letter = _arrived(mail_server)
    assert letter["To"] == JANA
    assert letter["In-Reply-To"] == JANAS_ID
    assert letter["References"] == JANAS_ID
    assert "Já taky" not in _text(letter)


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Nejde tisk", "Nejde tisk"),
        ("Re: RE: Odp: Fwd: Nejde tisk", "Nejde tisk"),
        ("Re: Nejde tisk [CRS-000123]", "Nejde tisk"),
        ("Re[2]: Nejde tisk", "Nejde tisk"),
        ("Nejde\r\nBcc: all@a.example\u202e tisk\u200b", "Nejde Bcc: all@a.example tisk"),
        ("", "vaše zpráva"),
        ("Re:", "vaše zpráva"),
        ("Režim tisku", "Režim tisku"),
        ("x" * 300, "x" * 150),
    ],
)
def test_titles(subject: str, title: str, mail_server: FarMailServer) -> None:
    ticket = make_ticket(subject, requester_address=JANA)
    _answer(ticket, make_agent())
    assert _arrived(mail_server)["Subject"] == f"Re: {title} [{ticket.number}]"
    assert heads.title(ticket)


def test_files_go_out_with_the_answer_under_clean_names(mail_server: FarMailServer) -> None:
    ticket = _ticket()
    written = _answer(
        ticket,
        make_agent(),
        files=[
            _file("C:\\Users\\já\\návod.pdf", b"%PDF"),
            _file("návod.pdf", b"%PDF 2"),
            _file("../../etc/passwd", b"\xff\x00"),
            _file("dopis.eml", b"From: x\n\n\xff"),
            _file("", b"", "image/png"),
            _file("a" * 300 + ".docx", b"x"),
        ],
    )
    letter = _arrived(mail_server)
    arrived = [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
        for part in letter.iter_attachments()
    ]
    assert arrived[:5] == [
        ("návod.pdf", "application/pdf", b"%PDF"),
        ("návod (2).pdf", "application/pdf", b"%PDF 2"),
        ("passwd", "application/octet-stream", b"\xff\x00"),
        ("dopis.eml", "application/octet-stream", b"From: x\n\n\xff"),
        ("file-5.png", "image/png", b""),
    ]
    assert str(arrived[5][0]).endswith(".docx")
    assert [files.content_of(one) for one in written.attachments.all()][:2] == [b"%PDF", b"%PDF 2"]


def test_more_files_than_mailboxes_take_are_refused() -> None:
    ticket = _ticket()
    half = _file("a.bin", b"x" * (enclosures.LARGEST // 2))
    with pytest.raises(FilesTooLarge):
        _answer(ticket, make_agent(), files=[half, half, replace(half, content=b"x")])
    assert not Letter.objects.exists()


@pytest.mark.parametrize(("text", "error"), [(" \n\u200b ", WordsMissing), ("x" * 50_001, AnswerTooLong)])
def test_a_text_that_is_no_answer_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        _answer(_ticket(), make_agent(), text)


@pytest.mark.parametrize("address", ["", "nikdo", SITES_DESK, f"podpora+x@{SITES_DESK.partition('@')[2]}"])
def test_a_ticket_without_an_address_is_not_answered_and_nothing_is_changed(address: str) -> None:
    ticket = _ticket(requester_address=address)
    with pytest.raises(NobodyToAnswer):
        _answer(ticket, make_agent())
    ticket.refresh_from_db()
    assert (ticket.state, ticket.answered_at, Letter.objects.count()) == (Ticket.State.NEW, None, 0)


def test_who_has_not_the_ticket_does_not_answer() -> None:
    ticket, other = _ticket(), make_agent()
    claims.claim(ticket=ticket, by=other, now=NOW)
    with pytest.raises(ClaimedBySomebody):
        _answer(ticket, make_agent())
    states.close(ticket=ticket, by=other, now=NOW)
    with pytest.raises(IsClosed):
        _answer(ticket, other)
    assert not Message.objects.exists()


def test_a_form_sent_twice_sends_one_letter() -> None:
    ticket, agent, form = _ticket(), make_agent(), Sending(uuid4(), "as typed")
    assert _answer(ticket, agent, form=form) == _answer(ticket, agent, form=form)
    assert Message.objects.count() == Letter.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_sends() -> None:
    ticket, agent, form = _ticket(), make_agent(), Sending(uuid4(), "as typed")
    first, second = race(*(partial(_answer, ticket, agent, form=form) for _ in range(2)))
    assert first == second
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_at_once_one_answers_and_the_other_reads_why() -> None:
    ticket = _ticket()
    outcomes = race(*(partial(_answer, ticket, agent) for agent in (make_agent(), make_agent())))
    assert tally(outcomes) == {"Letter": 1, "ClaimedBySomebody": 1}
    assert Message.objects.count() == 1
