"""E-mail over a real SMTP dialogue."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django.fixtures import Settings

from crs.messaging import delivery
from crs.messaging.headers import message_id
from crs.messaging.models import Attachment, Message
from tests.cast import JANA
from tests.crs.messaging.conftest import FarMailServer
from tests.crs.messaging.post import EMAIL, again, write_email

pytestmark = pytest.mark.django_db

State = Message.State


def _attach(message: Message) -> None:
    Attachment.objects.create(
        message=message, name="potvrzení.pdf", content_type="application/pdf", content=b"%PDF-1.7 \x00\xff"
    )


def test_an_email_arrives_with_its_file(mail_server: FarMailServer) -> None:
    message = write_email()
    _attach(message)
    assert delivery.drain(EMAIL) == 1
    [letter] = mail_server.letters
    assert letter["Subject"] == "Rezervace pro Jana"
    assert letter["To"] == JANA.email
    assert letter["From"] == "Očkování <noreply@ockovani.example>"
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Dobrý den, Jana,")
    [file] = letter.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("potvrzení.pdf", "application/pdf")
    assert file.get_content() == b"%PDF-1.7 \x00\xff"
    sent = again(message)
    assert sent.state == State.SENT
    assert letter["Message-ID"] == f"<{sent.provider_id}@ockovani.example>"
    assert not sent.attachments.exists(), "the server has it; we need not keep it"


def test_a_calendar_file_arrives_byte_for_byte_with_one_charset(mail_server: FarMailServer) -> None:
    message, kind = write_email(), "text/calendar; charset=utf-8; method=CANCEL"
    content = "BEGIN:VCALENDAR\r\nSUMMARY:Zrušeno: očkování\r\nEND:VCALENDAR\r\n".encode()
    Attachment.objects.create(message=message, name="zrušeno.ics", content_type=kind, content=content)
    delivery.drain(EMAIL)
    [file] = mail_server.letters[0].iter_attachments()
    # Outlook asks the content type for the method; a charset that stands there twice is no content type.
    assert file["Content-Type"].replace('"', "") == kind
    assert (file.get_filename(), file.get_payload(decode=True)) == ("zrušeno.ics", content)


def test_a_second_try_bears_the_same_message_id(mail_server: FarMailServer) -> None:
    message = write_email()
    delivery.drain(EMAIL)
    Message.objects.filter(pk=message.pk).update(state=State.QUEUED)  # a crash after sending, seen from the sweep
    delivery.drain(EMAIL)
    first, second = mail_server.letters
    assert first["Message-ID"] == second["Message-ID"]


def test_several_emails_in_one_round(mail_server: FarMailServer) -> None:
    for number in range(15):
        write_email(f"osoba{number}@example.cz")
    assert delivery.drain(EMAIL) == 15
    assert [letter["To"] for letter in mail_server.letters] == [f"osoba{number}@example.cz" for number in range(15)]


def test_an_unknown_recipient_is_final_and_does_not_stop_the_next(mail_server: FarMailServer) -> None:
    nobody, jana = write_email("nobody@example.cz"), write_email()
    delivery.drain(EMAIL)
    assert again(nobody).state == State.FAILED
    assert "550" in again(nobody).error
    assert again(jana).state == State.SENT


@pytest.mark.parametrize(("reply", "state"), [("554 no", State.FAILED), ("451 later", State.QUEUED)])
def test_the_servers_reply_decides(mail_server: FarMailServer, reply: str, state: str) -> None:
    message = write_email()
    _attach(message)
    mail_server.replies.append(reply)
    delivery.drain(EMAIL)
    assert again(message).state == state
    assert reply[:3] in again(message).error
    assert again(message).attachments.exists()


def test_a_recipient_whom_the_server_repeats_does_not_get_into_the_log(mail_server: FarMailServer) -> None:
    message = write_email()
    mail_server.replies.append(f"554 5.7.1 <{message.recipient}>: Relay access denied")
    delivery.drain(EMAIL)
    assert again(message).error == "SMTP 554: 5.7.1 <…>: Relay access denied"


def test_a_server_that_is_away_is_tried_again(mail_server: FarMailServer, settings: Settings) -> None:
    away, settings.EMAIL_URL = settings.EMAIL_URL, "smtp://127.0.0.1:1"
    message = write_email()
    delivery.drain(EMAIL)
    assert again(message).state == State.QUEUED
    settings.EMAIL_URL = away
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        delivery.drain(EMAIL)
    assert again(message).state == State.SENT


@pytest.mark.parametrize("address", ["jana@example.cz\nBcc: all@example.cz", "žofie@example.cz", "a@b.cz, c@d.cz"])
def test_an_address_that_no_email_may_have_is_final(address: str, mail_server: FarMailServer) -> None:
    message = write_email(address)
    delivery.drain(EMAIL)
    assert again(message).state == State.FAILED
    assert mail_server.letters == []


def test_a_domain_with_accents_is_written_as_servers_know_it(mail_server: FarMailServer) -> None:
    write_email("jana@příklad.cz")
    delivery.drain(EMAIL)
    [letter] = mail_server.letters
    assert letter["To"] == "jana@xn--pklad-zsa96e.cz"


def test_a_letter_that_wants_answers_bears_its_headers(mail_server: FarMailServer) -> None:
    chain = " ".join(f"<{number:03d}.{'x' * 50}@posta.example>" for number in range(21))
    message = write_email(
        headers={
            "From": '"Podpora očkovacích míst" <podpora@ockovani.example>',
            "Reply-To": "podpora+t1-0123456789@ockovani.example",
            "In-Reply-To": "<a@posta.example>",
            "References": chain,
            "Return-Path": "podpora+b1-2-0123456789@ockovani.example",
            "Auto-Submitted": "",
        }
    )
    delivery.drain(EMAIL)
    [letter] = mail_server.letters
    assert letter["From"] == "Podpora očkovacích míst <podpora@ockovani.example>"
    assert letter["Reply-To"] == "podpora+t1-0123456789@ockovani.example"
    assert letter["In-Reply-To"] == "<a@posta.example>"
    assert letter["References"].split() == chain.split()
    assert letter["Message-ID"] == message_id(again(message))
    assert letter["Message-ID"].endswith("@ockovani.example>")
    assert letter["Auto-Submitted"] is None, "a person wrote it"
    assert letter["Return-Path"] is None, "it stands on the envelope"
    assert mail_server.senders == ["podpora+b1-2-0123456789@ockovani.example"]
    assert max(map(len, mail_server.lines[0])) <= 78, "the chain is folded"


def test_other_letters_come_from_the_portal_and_say_that_nobody_wrote_them(mail_server: FarMailServer) -> None:
    write_email()
    delivery.drain(EMAIL)
    [letter] = mail_server.letters
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Reply-To"] is None
    assert mail_server.senders == ["noreply@ockovani.example"]
