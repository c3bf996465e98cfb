"""Twilio: what it is sent, what it answers, what it reports later."""

import socket

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from crs.messaging import delivery
from crs.messaging.models import Message, ProviderReport
from tests.crs.messaging.conftest import FarTwilio
from tests.crs.messaging.post import SMS, again, report, write_pin, write_sms

pytestmark = pytest.mark.django_db

State = Message.State
CALLBACK = "/zpravy/twilio/"


def test_a_messaging_service_chooses_the_number(twilio: FarTwilio, settings: Settings) -> None:
    settings.TWILIO_SENDER = "MG0123456789abcdef0123456789abcdef"
    write_sms()
    delivery.drain(SMS)
    assert twilio.received[0]["MessagingServiceSid"] == settings.TWILIO_SENDER
    assert "From" not in twilio.received[0]


@pytest.mark.parametrize("code", [21211, 21610, 21614])
def test_a_recipient_who_cannot_be_reached_is_final(twilio: FarTwilio, code: int) -> None:
    message = write_sms()
    twilio.refuse(400, code)
    delivery.drain(SMS)
    assert again(message).state == State.FAILED
    assert str(code) in again(message).error


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (401, 20003), (400, 21606)])
def test_faults_of_twilio_or_of_our_account_are_not(twilio: FarTwilio, status: int, code: int) -> None:
    message = write_sms()
    twilio.refuse(status, code)
    delivery.drain(SMS)
    assert again(message).state == State.QUEUED


def test_a_twilio_that_is_away_is_tried_again(twilio: FarTwilio, settings: Settings) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        settings.TWILIO_API_URL = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
        message = write_sms()
        delivery.drain(SMS)
    assert again(message).state == State.QUEUED
    assert "ConnectionError" in again(message).error


def test_no_pin_stands_in_the_log(twilio: FarTwilio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    write_pin(pin="918273")
    twilio.refuse(400, 21211, "cannot send 'Vas PIN je 918273.'")
    delivery.drain(SMS)
    ours = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert "918273" not in "".join(ours)


@pytest.fixture
def sent(twilio: FarTwilio) -> Message:
    message = write_sms()
    delivery.drain(SMS)
    return again(message)


def test_a_report_makes_a_sent_message_delivered(sent: Message) -> None:
    assert report(sent.provider_id, "sent") == 204
    assert again(sent).state == State.SENT
    assert report(sent.provider_id, "delivered") == 204
    assert again(sent).state == State.DELIVERED


@pytest.mark.parametrize("status", ["failed", "undelivered"])
def test_a_report_of_failure_says_why(sent: Message, status: str) -> None:
    assert report(sent.provider_id, status, ErrorCode="30003") == 204
    assert again(sent).state == State.FAILED
    assert again(sent).error == f"Twilio 30003: {status}"


def test_a_late_report_never_turns_the_state_back(sent: Message) -> None:
    report(sent.provider_id, "delivered")
    for late in ("sent", "undelivered", "failed", "queued"):
        assert report(sent.provider_id, late) == 204
        assert again(sent).state == State.DELIVERED


def test_a_wrong_signature_is_refused(sent: Message) -> None:
    assert report(sent.provider_id, "delivered", token="somebody else's") == 403
    assert Client().post(CALLBACK, {"MessageSid": sent.provider_id, "MessageStatus": "delivered"}).status_code == 403
    assert report("SMunknown", "delivered", token="somebody else's") == 403
    assert again(sent).state == State.SENT
    assert not ProviderReport.objects.exists()


def test_an_unknown_message_is_nobodys_fault(sent: Message) -> None:
    assert report("SMunknown", "delivered") == 204
    assert report("", "delivered") == 204


def test_without_twilio_there_is_no_such_address(client: Client) -> None:
    assert client.post(CALLBACK, {}).status_code == 404


def test_the_address_takes_only_posts(twilio: FarTwilio, client: Client) -> None:
    assert client.get(CALLBACK).status_code == 405
