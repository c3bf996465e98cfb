"""After an outage of a carrier ops send again what failed."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from certificates.delivery import limits, password_keeping, resending, sending
from certificates.models import Certificate, Delivery
from crs.messaging import outbox, preparation
from crs.messaging.models import Message
from tests.certificates.delivery.conftest import NIGHT, Certify
from tests.factories import NOW

pytestmark = pytest.mark.django_db

SINCE = NOW - timedelta(hours=1)


def _fail(**values: object) -> None:
    Message.objects.exclude(state="CANCELLED").update(state="FAILED", claimed_at=NOW, **values)


def _states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def test_both_messages_go_again_with_the_pdf_and_the_password_they_have(certificate: Certificate) -> None:
    sending.send(certificate=certificate, now=NOW)
    preparation.drain()
    _fail()
    counts = resending.resend_failed(since=SINCE, now=NIGHT)
    assert (counts.tried_again, counts.sent_anew, counts.left) == (1, 0, {})
    assert _states() == ["QUEUED", "QUEUED"]
    sms = Message.objects.get(channel="SMS")
    assert sms.due_at == NIGHT.replace(hour=8, minute=0), "nobody is woken"
    assert resending.resend_failed(since=SINCE, now=NIGHT).done == 0


def test_where_the_password_is_erased_by_now_it_is_sent_anew(certificate: Certificate) -> None:
    for minute in range(limits.MOST_SENDINGS):  # so the person's share of the day is used up
        sending.send(certificate=certificate, now=NOW + timedelta(minutes=minute))
    _fail()
    Message.objects.filter(channel="SMS").update(text=None)
    counts = resending.resend_failed(since=SINCE, now=NOW + timedelta(hours=1))
    assert (counts.tried_again, counts.sent_anew) == (0, 1)
    assert Delivery.objects.count() == limits.MOST_SENDINGS + 1


def test_where_the_password_of_the_pdf_is_forgotten_it_is_sent_anew(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    _fail()
    later = NOW + timedelta(days=4)
    assert password_keeping.forget_old(now=later) == 1
    outbox.retry(message_id=delivery.email_message_id or 0)
    preparation.drain()
    assert "FAILED" in _states(), "staff who send it again see that it cannot be"
    Message.objects.filter(channel="EMAIL").update(claimed_at=NOW)
    counts = resending.resend_failed(since=SINCE, now=later)
    assert (counts.tried_again, counts.sent_anew) == (0, 1)
    preparation.drain()
    assert _states() == ["CANCELLED", "CANCELLED", "QUEUED", "QUEUED"]


@pytest.mark.parametrize("meanwhile", ["sent", "gone"])
def test_what_a_desk_sends_meanwhile_is_not_sent_once_more(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    sending.send(certificate=certificate, now=NOW)
    _fail()
    lock = sending.locked

    def lock_after_the_desk(one: Certificate) -> Certificate:
        monkeypatch.setattr(sending, "locked", lock)
        if meanwhile == "sent":
            sending.send(certificate=one, now=NOW + timedelta(minutes=1))
        else:
            Message.objects.update(state="SENT")
        return lock(one)

    monkeypatch.setattr(sending, "locked", lock_after_the_desk)
    before = Message.objects.count()
    counts = resending.resend_failed(since=SINCE, now=NOW + timedelta(minutes=2))
    assert (counts.overtaken, counts.tried_again, counts.sent_anew, counts.done) == (1, 0, 0, 1)
    assert Message.objects.count() == before + (2 if meanwhile == "sent" else 0)


def test_what_failed_before_what_was_sent_since_and_what_is_revoked_stay_out(certify: Certify) -> None:
    early, sent_since, revoked = certify(), certify(), certify()
    for one in (early, sent_since, revoked):
        sending.send(certificate=one, now=NOW)
    _fail()
    Message.objects.filter(reference=str(Delivery.objects.get(certificate=early).pk)).update(
        claimed_at=SINCE - timedelta(1)
    )
    sending.send(certificate=sent_since, now=NOW + timedelta(minutes=1))
    Certificate.objects.filter(pk=revoked.pk).update(state="REVOKED", revocation="OTHER", revoked_at=NOW)
    assert not resending.failed(since=SINCE).exists()


def test_one_that_cannot_be_sent_is_counted_and_the_others_go(certify: Certify) -> None:
    lost, kept = certify(), certify()
    for one in (lost, kept):
        sending.send(certificate=one, now=NOW)
    _fail(text=None)
    registration = lost.dose.registration
    assert registration
    type(registration).objects.filter(pk=registration.pk).update(phone="", email="")
    counts = resending.resend_failed(since=SINCE, now=NOW)
    assert (counts.sent_anew, counts.left) == (1, {"NothingToSendTo": 1})


def test_the_command_says_what_it_did(certificate: Certificate) -> None:
    sending.send(certificate=certificate, now=NOW)
    _fail()
    told = StringIO()
    call_command("send_certificates", "--failed-since", "2027-01-11T06:00", "--dry-run", stdout=told)
    assert "nothing is written" in told.getvalue()
    assert _states() == ["FAILED", "FAILED"]
    call_command("send_certificates", "--failed-since", "2027-01-11T06:00", stdout=told)
    assert "tried again  1" in told.getvalue()
    for nonsense in ("yesterday", "2027-13-45T06:00"):
        with pytest.raises(CommandError):
            call_command("send_certificates", "--failed-since", nonsense)
