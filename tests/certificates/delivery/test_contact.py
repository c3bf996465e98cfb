"""A wrong address or telephone is corrected and the certificate sent there, by the desk or by the person."""

from uuid import uuid4

import pytest

from certificates.delivery import sending
from certificates.delivery.contact import correct_and_send
from certificates.delivery.errors import CertificateNotValid, NoRegistration
from certificates.models import Certificate, Delivery
from crs.messaging import preparation
from crs.messaging.models import Message
from crs.sent_forms import Sending
from registration.models import Registration
from tests.cast import JANA
from tests.certificates.delivery.conftest import RIGHT
from tests.factories import ENDED, NOW, make_account
from vaccination.models import Dose

pytestmark = pytest.mark.django_db

State = Message.State


def test_what_waited_for_the_wrong_address_never_goes_there(certificate: Certificate) -> None:
    sending.send(certificate=certificate, now=NOW)
    delivery = correct_and_send(certificate=certificate, **RIGHT, by=make_account("prepazka"), now=NOW)
    assert (delivery.email, str(delivery.phone)) == (RIGHT["email"], RIGHT["phone"])
    preparation.drain()
    waiting = Message.objects.filter(template__startswith="certificates/").exclude(state=State.CANCELLED)
    assert {message.recipient for message in waiting} == set(RIGHT.values())


def test_the_registration_keeps_it_and_the_history_says_who(certificate: Certificate) -> None:
    desk = make_account("prepazka")
    correct_and_send(certificate=certificate, **RIGHT, by=desk, now=NOW)
    registration = Registration.objects.get(doses=certificate.dose_id)
    assert (registration.email, str(registration.phone)) == tuple(RIGHT.values())
    changes = Registration.pgh_event_model.objects.filter(pgh_obj=registration, pgh_label="update")  # type: ignore[attr-defined]
    (context,) = [change.pgh_context.metadata for change in changes]
    assert (context["user"], context["operation"]) == (desk.pk, "certificates.deliver")


def test_the_address_and_the_telephone_before_are_told(certificate: Certificate) -> None:
    correct_and_send(certificate=certificate, **RIGHT, by=None, now=NOW)
    told = Message.objects.filter(template="registration/contact_changed")
    assert {message.recipient for message in told} == {"jana@seznam.cz", JANA.phone}


def test_the_person_needs_no_staff_and_the_postal_address_stays(certificate: Certificate) -> None:
    before = certificate.person.street
    delivery = correct_and_send(certificate=certificate, **RIGHT, by=None, now=NOW)
    certificate.person.refresh_from_db()
    assert (delivery.asked_by, certificate.person.street) == (None, before)


def test_a_form_pressed_twice_corrects_and_sends_once(certificate: Certificate) -> None:
    form = Sending(uuid4(), "x")
    sent = {correct_and_send(certificate=certificate, **RIGHT, by=None, now=NOW, form=form).pk for _ in range(2)}
    assert len(sent) == 1
    assert Delivery.objects.count() == 1


def test_where_nothing_can_be_sent_nothing_is_corrected(certificate: Certificate) -> None:
    Certificate.objects.update(state="REVOKED", revocation="OTHER", revoked_at=NOW)
    with pytest.raises(CertificateNotValid):
        correct_and_send(certificate=certificate, **RIGHT, by=None, now=NOW)
    assert Registration.objects.get(doses=certificate.dose_id).email == "jana@seznam.cz"
    assert not Message.objects.exists()


def test_without_a_registration_there_is_no_contact_to_correct(certificate: Certificate) -> None:
    Dose.objects.filter(pk=certificate.dose_id).update(registration=None)
    Registration.objects.update(**ENDED)
    with pytest.raises(NoRegistration):
        correct_and_send(certificate=Certificate.objects.get(), **RIGHT, by=None, now=NOW)
