"""The desk reads how a delivery fared, and where somebody has to do something."""

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from certificates.delivery import password_keeping, sending
from certificates.delivery.status import status
from certificates.models import Certificate, Delivery
from crs.messaging.models import Message
from tests.certificates.delivery.conftest import NIGHT, Certify
from tests.factories import NOW

pytestmark = pytest.mark.django_db

State = Message.State


def _lines(delivery: Delivery, now: datetime = NOW) -> list[tuple[str, str, bool]]:
    fresh = Delivery.objects.select_related("certificate", "email_message", "sms_message").get(pk=delivery.pk)
    with translation.override("en"):
        return [(line.what, line.text, line.is_alarm) for line in status(fresh, now=now)]


def test_each_state_of_both_messages_has_its_words(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    assert _lines(delivery) == [
        ("E-mail", "the PDF is being made", False),
        ("SMS with the password", "waits to be sent", False),
    ]
    seen = set()
    states = set(State.values) - {State.PRINTED, State.POSTED}  # those of letters by post
    for state in sorted(states):
        Message.objects.update(state=state, sent_at=NOW if state in ("SENT", "DELIVERED") else None)
        seen.add(_lines(delivery)[0][1])
        assert _lines(delivery)[1][2] == (state in (State.FAILED, State.CANCELLED))
    assert len(seen) == len(states)


def test_what_was_cancelled_says_why_and_calls_for_nobody(certify: Certify) -> None:
    anew, void = certify(), certify()
    first = sending.send(certificate=anew, now=NOW)
    sending.send(certificate=anew, now=NOW)
    assert _lines(first)[0] == ("E-mail", "was not sent, for something newer took its place", False)
    delivery = sending.send(certificate=void, now=NOW)
    sending.cancel(certificate_ids=[void.pk])
    assert _lines(delivery)[0] == ("E-mail", "was not sent, for the certificate is not valid any more", False)


def test_an_sms_that_waits_for_the_morning_says_when(certificate: Certificate) -> None:
    (delivery,) = sending.send_issued(certificates=[certificate], now=NIGHT)
    assert "8:00" in _lines(delivery, NIGHT)[1][1]


def test_nobody_reached_calls_for_the_desk(certify: Certify) -> None:
    (delivery,) = sending.send_issued(certificates=[certify(email="", phone="")], now=NOW)
    (line,) = _lines(delivery)
    assert line[2]
    assert "neither" in line[1]


def test_a_person_without_email_is_no_fault(certify: Certify) -> None:
    email, sms = _lines(sending.send(certificate=certify(email=""), now=NOW))
    assert (email[2], sms[2]) == (False, False)
    assert "where the certificate can be had" in sms[0]


def test_a_password_on_paper_calls_until_it_is_printed(certify: Certify) -> None:
    delivery = sending.send(certificate=certify(phone=""), now=NOW)
    assert _lines(delivery)[1] == ("Password on paper", "is to be printed and handed over", True)
    assert "again" in _lines(delivery, NOW + timedelta(days=31))[1][1]
    password_keeping.password_for_paper(delivery=delivery, by=None, now=NOW)
    assert not _lines(delivery, NOW + timedelta(days=31))[1][2]


def test_messages_that_are_not_kept_any_more_are_said_so(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    Message.objects.all().delete()
    assert [line[1] for line in _lines(delivery)] == ["is not kept any more"] * 2
