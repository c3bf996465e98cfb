"""A conversation by e-mail through three levels and back, over real SMTP."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_string, policy
from email.message import EmailMessage

import pytest
import time_machine
from django.utils import timezone
from pytest_django.fixtures import Settings

from crs.sent_forms import NO_FORM
from logistics.models import Role
from support.letters.parts import ReadFile
from support.mail_out import closings, refusals, sending
from support.models import Letter, Level, Note, Participant, Ticket
from support.tickets import claims, levels, states
from tests.factories import make_agent
from tests.support.post_office import PostOffice, letter_of, open_post_office

pytestmark = pytest.mark.django_db(transaction=True)

DESK = "podpora@ockovani.example"
JANA, PETR = "jana@nemocnice.example", "petr@doma.example"


@pytest.fixture
def office(settings: Settings, clock: time_machine.Traveller) -> Iterator[PostOffice]:
    """The post office; both desks write by it."""
    settings.SUPPORT_ADDRESSES = {"SITES": DESK, "LINE": "linka@ockovani.example"}
    settings.EMAIL_GATEWAY = "crs.messaging.gateways.smtp.SmtpGateway"
    settings.EMAIL_PER_SECOND = 10_000
    with open_post_office() as office:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{office.port}"
        yield office


def _reply(letter: EmailMessage, sender: str, text: str, **headers: str) -> EmailMessage:
    """As a mail program answers; one that forgets the chain gives `References` as ''."""
    chain = {
        "In_Reply_To": str(letter["Message-ID"]),
        "References": f"{letter['References'] or ''} {letter['Message-ID']}".strip(),
        **headers,
    }
    kept = {name: value for name, value in chain.items() if value}
    return letter_of(sender, f"Re: {str(letter['Subject']).removeprefix('Re: ')}", text, To=letter["Reply-To"], **kept)


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_question_goes_up_to_an_expert_and_comes_back(office: PostOffice, clock: time_machine.Traveller) -> None:
    # Given: somebody of each level, and Jana, whose printer does not print.
    field, dispatcher, expert = (make_agent(role) for role in (Role.SUPPORT_L1, Role.SUPPORT_L2, Role.SUPPORT_L3))
    text = "Dobrý den,\nnejde nám tisk."
    first = letter_of(f"Jana Nováková <{JANA}>", "Nejde tisk", text, Message_ID="<1@nemocnice>")
    office.send(first, JANA, DESK)
    office.settle()

    # She has a receipt with a number, and the ticket lies at the first level.
    [receipt] = office.mailboxes[JANA]
    ticket = Ticket.objects.get()
    assert (ticket.level, ticket.state, ticket.requester_address) == (Level.L1, Ticket.State.NEW, JANA)
    assert str(receipt["Subject"]) == f"Re: Nejde tisk [{ticket.number}]"
    assert receipt["In-Reply-To"] == "<1@nemocnice>"

    # When: the field team passes it up, and the dispatcher asks.
    claims.claim(ticket=ticket, by=field, now=_later(clock, 10))
    levels.escalate(ticket=ticket, reason="Neznáme tu tiskárnu.", by=field, now=_later(clock, 5))
    sending.answer(
        ticket=ticket, text="Jaká je to tiskárna?", by=dispatcher, now=_later(clock, 5), form=NO_FORM, waits=True
    )
    office.settle()
    question = office.mailboxes[JANA][-1]
    assert _now(ticket).state == Ticket.State.WAITING
    assert question["In-Reply-To"] == question["References"] == "<1@nemocnice>"
    assert "> nejde nám tisk." in _text(question)

    # Jana answers from a program that forgets the chain and writes the address in small letters.
    clock.shift(timedelta(minutes=20))
    reply = _reply(question, JANA, "Laserová.", In_Reply_To="", References="", Message_ID="<2@nemocnice>")
    office.send(reply, JANA, str(question["Reply-To"]).lower())
    office.settle()
    assert _now(ticket).state == Ticket.State.ASSIGNED
    assert Ticket.objects.count() == 1
    assert len(office.mailboxes[JANA]) == 2, "an answer gets no receipt"

    # The expert finds it out and hands it back; down there the field team answers, with a picture.
    levels.escalate(ticket=ticket, reason="Asi ovladač.", by=dispatcher, now=_later(clock, 5))
    claims.claim(ticket=ticket, by=expert, now=_later(clock, 5))
    levels.hand_back(ticket=ticket, reason="Přeinstalovat ovladač.", by=expert, now=_later(clock, 30))
    levels.hand_back(ticket=ticket, reason="Zajeďte tam prosím.", by=dispatcher, now=_later(clock, 5))
    picture = ReadFile("návod.png", "image/png", b"\x89PNG", "", is_inline=False, summary="")
    sending.answer(
        ticket=ticket,
        text="Zítra přijedeme.",
        by=field,
        now=_later(clock, 5),
        form=NO_FORM,
        waits=True,
        files=[picture],
    )
    office.settle()
    answer = office.mailboxes[JANA][-1]
    assert _now(ticket).level == Level.L1
    assert [part.get_filename() for part in answer.iter_attachments()] == ["návod.png"]
    assert {str(letter["Subject"]) for letter in office.mailboxes[JANA]} == {f"Re: Nejde tisk [{ticket.number}]"}
    chain = ["<1@nemocnice>", receipt["Message-ID"], question["Message-ID"], "<2@nemocnice>"]
    assert answer["References"].split() == chain

    # A colleague to whom she sent it on answers: he takes part, and she stays the one who is answered.
    clock.shift(timedelta(hours=1))
    office.send(_reply(answer, f"Petr <{PETR}>", "Budu tam já."), PETR, str(answer["Reply-To"]))
    office.settle()
    assert [one.address for one in Participant.objects.all()] == [PETR]
    assert _now(ticket).requester_address == JANA
    assert office.mailboxes[PETR] == []

    # Then: it is solved, closed after a week, and her thanks open it again.
    states.resolve(ticket=ticket, by=field, now=_later(clock, 60))
    clock.shift(timedelta(days=8))
    states.close_resolved(now=_later(clock, 0))
    closings.send_closings(now=_later(clock, 0))
    office.settle()
    closing = office.mailboxes[JANA][-1]
    assert closing["Auto-Submitted"] == "auto-replied"
    office.send(_reply(closing, JANA, "Pořád to netiskne!"), JANA, str(closing["Reply-To"]))
    office.settle()
    assert (_now(ticket).state, Ticket.objects.count()) == (Ticket.State.REOPENED, 1)

    # Her mailbox is full when the desk answers: the desk sees it.
    sent = sending.answer(
        ticket=ticket, text="Přijedeme znovu.", by=field, now=_later(clock, 5), form=NO_FORM, waits=True
    )
    office.settle()
    office.send(_bounce(office.mailboxes[JANA][-1]), "", sent.envelope_sender)
    office.settle()
    assert list(refusals.undelivered()) == [sent]
    assert Letter.objects.get(pk=sent.pk).refusal == "5.2.2 552 mailbox full"

    # Every letter is at the ticket, in and out.
    assert set(Letter.objects.values_list("ticket", flat=True)) == {ticket.pk}
    assert Letter.objects.filter(direction=Letter.Direction.IN).count() == office.to_desks == 5
    kinds = list(Note.objects.order_by("pk").exclude(kind=Note.Kind.MAIL).values_list("kind", flat=True))
    assert kinds == ["ESCALATION", "ESCALATION", "HAND_BACK", "HAND_BACK"]


def _later(clock: time_machine.Traveller, minutes: int) -> datetime:
    clock.shift(timedelta(minutes=minutes))
    return timezone.now()


def _now(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def _bounce(letter: EmailMessage) -> EmailMessage:
    """What a mail server reports (RFC 3464)."""
    raw = (
        "From: MAILER-DAEMON@nemocnice.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.nemocnice.example\r\n\r\n"
        f"Final-Recipient: rfc822; {JANA}\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        "Diagnostic-Code: smtp; 552 mailbox full\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter['Message-ID']}\r\n\r\n--b--\r\n"
    )
    bounce = message_from_string(raw, policy=policy.SMTP)
    assert isinstance(bounce, EmailMessage)
    return bounce
