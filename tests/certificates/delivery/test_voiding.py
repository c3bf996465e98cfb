"""Who has a certificate that is void, and gets no other, is told so."""

from datetime import datetime, timedelta

import pytest

from certificates.delivery import sending
from certificates.delivery.voiding import VOID
from certificates.models import Certificate, IssueRequest
from certificates.revocation import revoking
from crs.messaging import gsm7
from crs.messaging.models import Message
from registration.models import Person
from tests.certificates.delivery.conftest import NIGHT, Certify
from tests.factories import NOW

pytestmark = pytest.mark.django_db

Why = Certificate.Revocation


def _revoke(why: Certificate.Revocation = Why.FRAUD, *, now: datetime = NOW) -> None:
    revoking.revoke(certificates=Certificate.objects.all(), why=why, now=now)


def _sent(certificate: Certificate) -> Certificate:
    sending.send(certificate=certificate, now=NOW)
    Message.objects.update(state="SENT")
    return certificate


def _told() -> list[Message]:
    return list(Message.objects.filter(template=VOID))


@pytest.mark.parametrize("why", [Why.FRAUD, Why.DOSE_ANNULLED, Why.BATCH, Why.OTHER])
def test_who_has_it_is_told_without_a_reproach(certificate: Certificate, why: Certificate.Revocation) -> None:
    _sent(certificate)
    _revoke(why)
    [letter] = _told()
    assert (letter.channel, letter.recipient, letter.lane) == ("EMAIL", "jana@seznam.cz", Message.Lane.BULK)
    assert "už neplatí" in letter.subject
    assert "1221" in str(letter.text)
    assert "Nemocnice" in str(letter.text)
    assert certificate.person.last_name not in str(letter.text)


@pytest.mark.parametrize("language", ["cs", "en"])
def test_who_has_no_email_gets_one_sms_and_not_at_night(certify: Certify, language: str) -> None:
    _sent(certify(email="", language=language))
    _revoke(now=NIGHT)
    [sms] = _told()
    assert (sms.channel, sms.due_at) == ("SMS", NIGHT.replace(hour=8, minute=0))
    assert gsm7.parts(str(sms.text)) == 1, sms.text


def test_who_was_not_sent_it_is_told_nothing(certificate: Certificate) -> None:
    sending.send(certificate=certificate, now=NOW)
    _revoke()
    assert not _told()
    assert set(Message.objects.values_list("state", flat=True)) == {"CANCELLED"}


def test_where_another_one_is_asked_for_its_own_message_tells(certificate: Certificate) -> None:
    _sent(certificate)
    IssueRequest.objects.create(dose=certificate.dose, cause="CORRECTED", asked_at=NOW, is_to_be_sent=True)
    _revoke(Why.DOSE_CORRECTED)
    assert not _told()


def test_the_family_of_the_dead_is_left_alone(certificate: Certificate) -> None:
    _sent(certificate)
    Person.objects.update(died_on=NOW.date() - timedelta(days=1))
    _revoke()
    assert not _told()
