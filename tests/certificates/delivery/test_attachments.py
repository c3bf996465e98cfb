"""The PDF is made with one password, however often its worker dies, and not at all once it is revoked."""

from io import BytesIO

import pikepdf
import pytest

from certificates.delivery import sending
from certificates.delivery.attachments import files_of_certificate
from certificates.models import Certificate, Delivery
from certificates.revocation.signals import certificates_revoked
from crs.messaging import delivery as carrying
from crs.messaging import outbox, preparation
from crs.messaging.errors import CannotSendAgain
from crs.messaging.models import Attachment, Message
from tests.certificates.delivery.conftest import password_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db

State = Message.State


def _state(delivery: Delivery) -> tuple[str, str]:
    email = Message.objects.get(reference=str(delivery.pk), channel="EMAIL")
    return email.state, Message.objects.get(reference=str(delivery.pk), channel="SMS").state


def test_a_worker_that_died_before_it_stored_the_pdf_is_replaced_by_one_with_the_same_password(
    certificate: Certificate,
) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    password = password_of(delivery)
    files_of_certificate(str(delivery.pk), "cs")  # and here it dies
    assert Delivery.objects.get(pk=delivery.pk).password == password
    preparation.drain()
    pikepdf.open(BytesIO(Attachment.objects.get().content), password=password).close()


def test_an_email_that_failed_later_still_has_its_pdf(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    preparation.drain()
    Message.objects.filter(channel="EMAIL").update(state=State.FAILED)
    outbox.retry(message_id=delivery.email_message_id or 0)
    assert _state(delivery)[0] == State.QUEUED
    assert Attachment.objects.count() == 1


def test_the_email_of_a_certificate_that_was_revoked_is_cancelled_by_the_maker(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    Certificate.objects.update(state="REVOKED", revocation="OTHER", revoked_at=NOW)
    preparation.drain()
    assert _state(delivery)[0] == State.CANCELLED
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("is_prepared", [False, True])
def test_a_revocation_stops_all_that_still_waits(certificate: Certificate, is_prepared: bool) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    if is_prepared:
        preparation.drain()
    certificates_revoked.send(Certificate, keys=[certificate.pk], why="OTHER")
    assert _state(delivery) == (State.CANCELLED, State.CANCELLED)
    assert not Attachment.objects.exists()
    assert Delivery.objects.get(pk=delivery.pk).password is None
    assert preparation.drain() == carrying.drain(Message.Channel.EMAIL) == carrying.drain(Message.Channel.SMS) == 0


def test_what_failed_before_the_revocation_cannot_be_sent_again(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    preparation.drain()
    Message.objects.update(state=State.FAILED)
    certificates_revoked.send(Certificate, keys=[certificate.pk], why="OTHER")
    with pytest.raises(CannotSendAgain):
        outbox.retry(message_id=delivery.email_message_id or 0)
    assert not Attachment.objects.exists()
