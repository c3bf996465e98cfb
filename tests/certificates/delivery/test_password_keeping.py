"""A password is kept as long as it is needed, and no longer."""

from datetime import timedelta

import pytest

from certificates.delivery import password_keeping, sending
from certificates.delivery.errors import CertificateNotValid, PasswordForgotten
from certificates.delivery.password_keeping import password_for_paper
from certificates.models import Certificate, Delivery
from crs.messaging import preparation
from crs.messaging.models import Message
from tests.certificates.delivery.conftest import Certify
from tests.factories import NOW, make_account

pytestmark = pytest.mark.django_db


def _kept(delivery: Delivery) -> bool:
    return Delivery.objects.get(pk=delivery.pk).password is not None


@pytest.fixture
def on_paper(certify: Certify) -> Delivery:
    """A delivery whose password waits for its paper."""
    delivery = sending.send(certificate=certify(phone=""), now=NOW)
    preparation.drain()
    return delivery


def test_the_desk_prints_it_once_and_again_where_the_printer_ate_it(on_paper: Delivery) -> None:
    desk = make_account("prepazka")
    first = password_for_paper(delivery=on_paper, by=desk, now=NOW)
    assert password_for_paper(delivery=on_paper, by=desk, now=NOW + timedelta(minutes=29)) == first
    with pytest.raises(PasswordForgotten):
        password_for_paper(delivery=on_paper, by=desk, now=NOW + timedelta(minutes=30))
    printed = Delivery.pgh_event_model.objects.filter(pgh_obj=on_paper, pgh_label="update")  # type: ignore[attr-defined]
    assert [event.pgh_context.metadata["user"] for event in printed] == [desk.pk], "the history tells who printed it"


def test_a_printed_password_is_forgotten_soon(on_paper: Delivery) -> None:
    password_for_paper(delivery=on_paper, by=None, now=NOW)
    assert password_keeping.forget_old(now=NOW + timedelta(minutes=29)) == 0
    assert password_keeping.forget_old(now=NOW + timedelta(minutes=31)) == 1
    assert not _kept(on_paper)


def test_a_password_waits_a_month_for_its_person(on_paper: Delivery) -> None:
    assert password_keeping.forget_old(now=NOW + timedelta(days=29)) == 0
    assert password_keeping.forget_old(now=NOW + timedelta(days=30)) == 1
    with pytest.raises(PasswordForgotten):
        password_for_paper(delivery=on_paper, by=None, now=NOW + timedelta(days=30))


def test_a_password_that_went_by_sms_is_printed_for_nobody(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    with pytest.raises(PasswordForgotten):
        password_for_paper(delivery=delivery, by=None, now=NOW)


def test_the_password_of_a_revoked_certificate_is_forgotten(on_paper: Delivery) -> None:
    Certificate.objects.update(state="REVOKED", revocation="OTHER", revoked_at=NOW)
    with pytest.raises(CertificateNotValid):
        password_for_paper(delivery=on_paper, by=None, now=NOW)
    assert password_keeping.forget_old(now=NOW) == 1


def test_a_pdf_that_waits_for_long_keeps_its_password(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    later = NOW + timedelta(days=4)
    assert password_keeping.forget_old(now=later) == 0, "the e-mail is still to be prepared"
    Message.objects.filter(reference=str(delivery.pk), channel="EMAIL").update(state=Message.State.FAILED)
    assert password_keeping.forget_old(now=later) == 1


def test_a_printed_password_waits_for_a_pdf_that_waits(certify: Certify) -> None:
    delivery = sending.send(certificate=certify(phone=""), now=NOW)
    password_for_paper(delivery=delivery, by=None, now=NOW)
    assert password_keeping.forget_old(now=NOW + timedelta(hours=5)) == 0
    preparation.drain()
    assert password_keeping.forget_old(now=NOW + timedelta(hours=5)) == 1


def test_without_its_password_an_email_fails_where_staff_see_it(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    Delivery.objects.update(password=None)
    preparation.drain()
    email = Message.objects.get(reference=str(delivery.pk), channel="EMAIL")
    assert email.state == Message.State.FAILED
    assert "send the certificate again" in email.error
