"""Writing to the outbox."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.template import TemplateDoesNotExist
from django.utils import timezone
from pytest_django.fixtures import Settings

from crs.messaging import outbox, wakeup
from crs.messaging.errors import CannotSendAgain
from crs.messaging.models import Attachment, Message
from tests.cast import JANA
from tests.crs.messaging.post import EMAIL, SMS, again, write_email, write_pin, write_sms

pytestmark = pytest.mark.django_db


def test_an_sms_is_plain_and_speaks_the_recipients_language(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://ockovani.example"
    message = write_sms(language="en", context={"name": "O'Brien & Žofie"})
    assert again(message).text == "Ockovani: O'Brien & Zofie - en https://ockovani.example"
    assert again(message).language == "en"


def test_a_language_we_do_not_speak_becomes_czech() -> None:
    assert write_sms(language="de").language == "cs"


def test_an_email_keeps_its_diacritics_and_its_subject_is_one_line() -> None:
    message = again(write_email(context={"name": "Jana\nBcc: all@example.cz"}))
    assert message.subject == "Rezervace pro Jana Bcc: all@example.cz"
    assert message.text.startswith("Dobrý den, Jana")
    assert message.state == Message.State.QUEUED


def test_the_text_is_encrypted_in_the_database() -> None:
    message = write_pin(pin="654321")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM messaging_message WHERE id = %s", [message.pk])
        [stored] = cursor.fetchone()
    assert "654321" not in stored
    assert "654321" in again(message).text


def test_a_template_that_does_not_exist_is_the_callers_fault() -> None:
    with pytest.raises(TemplateDoesNotExist):
        outbox.queue(channel=SMS, recipient=JANA.phone, template="probe/none", language="cs", context={})
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_did_not_happen_is_not_told() -> None:
    def fail() -> None:
        with transaction.atomic():
            write_sms()
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail()
    assert not Message.objects.exists()


def _failed(message: Message, **values: object) -> Message:
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED, attempts=6, **values)
    return message


def test_a_failed_message_is_sent_again_with_all_its_tries() -> None:
    message = _failed(write_sms())
    outbox.retry(message_id=message.pk)
    assert again(message).state == Message.State.QUEUED
    assert again(message).attempts == 0


def test_only_a_failed_message_with_its_text_is_sent_again() -> None:
    waiting, erased, unknown = write_sms(), _failed(write_sms(), text=None), 10**9
    for message_id in (waiting.pk, erased.pk, unknown):
        with pytest.raises(CannotSendAgain):
            outbox.retry(message_id=message_id)


def test_a_pin_that_ran_out_is_not_sent_again() -> None:
    message = _failed(write_pin())
    with time_machine.travel(timezone.now() + timedelta(minutes=16)), pytest.raises(CannotSendAgain):
        outbox.retry(message_id=message.pk)


def test_an_email_without_its_files_is_prepared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outbox._makers, "probe/letter", lambda reference, language: [])
    bare, complete = _failed(write_email()), _failed(write_email())
    Attachment.objects.create(message=complete, name="a.pdf", content_type="application/pdf", content=b"%PDF")
    for message in (bare, complete):
        outbox.retry(message_id=message.pk)
    assert again(bare).state == Message.State.PREPARING
    assert again(complete).state == Message.State.QUEUED
    assert bare.channel == EMAIL


def test_many_messages_start_each_kind_of_work_once(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    started: list[str] = []
    monkeypatch.setattr(wakeup, "wake", started.append)
    text: dict[str, Any] = {"recipient": "x", "language": "cs", "context": {"name": "Jana"}}

    def compose(channel: Message.Channel, template: str) -> Message:
        return outbox.compose(channel=channel, template=template, **text)

    messages = [compose(*what) for what in [(SMS, "probe/note"), (EMAIL, "probe/letter")] * 2]
    monkeypatch.setitem(outbox._makers, "probe/letter", lambda reference, language: [])
    messages += [compose(EMAIL, "probe/letter") for _ in range(2)]
    with django_capture_on_commit_callbacks(execute=True):
        assert len(outbox.queue_all(messages)) == 6
    assert started == [EMAIL, wakeup.PREPARATION, SMS]


@pytest.mark.parametrize(
    "headers",
    [
        {"References": "<a@b>\r\nBcc: all@example.cz"},
        {"References": "<a@b>\nBcc: all@example.cz"},
        {"Reply-To": "a@b\u2028c@d"},
        {"From": "a\0@b.example"},
        {"Bcc": "all@example.cz"},
        {"Subject": "another"},
    ],
)
def test_no_value_makes_another_header(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        write_email(headers=headers)
    assert not Message.objects.exists()


def test_texts_that_nobody_is_to_read_any_more_are_erased_but_for_what_is_still_to_be_sent() -> None:
    sent, failed, waiting, other = (write_email() for _ in range(4))
    Attachment.objects.create(message=sent, name="a.pdf", content_type="application/pdf", content=b"%PDF")
    Message.objects.filter(pk=sent.pk).update(state=Message.State.SENT)
    Message.objects.filter(pk=failed.pk).update(state=Message.State.FAILED)
    assert outbox.erase_texts([sent.pk, failed.pk, waiting.pk]) == 2
    assert [again(one).text is None for one in (sent, failed, waiting, other)] == [True, True, False, False]
    assert (again(sent).subject, Attachment.objects.count()) == ("", 0)
    assert outbox.erase_texts([sent.pk, failed.pk]) == 0
