"""A certificate goes by e-mail, its password another way, and nothing of it where it must not be."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
from pytest_django.fixtures import Settings

from certificates.delivery import sending
from certificates.delivery.errors import (
    CertificateExpired,
    CertificateNotValid,
    NoEmail,
    NoTelephone,
    NothingToSendTo,
    TooManySendings,
)
from certificates.models import Certificate, Delivery
from crs.messaging import gsm7, preparation
from crs.messaging.models import Message
from crs.no_break import breakable
from registration.models import Registration
from registration.number import grouped
from tests.cast import JANA
from tests.certificates.delivery.conftest import NIGHT, Certify, password_of
from tests.factories import NOW, PRAGUE, make_certificate, make_site

pytestmark = pytest.mark.django_db

State, Lane, Way = Message.State, Message.Lane, Delivery.PasswordWay


def _email(delivery: Delivery) -> Message:
    return Message.objects.get(reference=str(delivery.pk), channel="EMAIL")


def _sms(delivery: Delivery) -> Message:
    return Message.objects.get(reference=str(delivery.pk), channel="SMS")


def _again(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def test_the_pdf_opens_with_the_password_of_the_sms(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    password = password_of(delivery)
    assert _email(delivery).state == State.PREPARING
    assert preparation.drain() == 1
    file = _email(delivery).attachments.get()
    assert (file.name, file.content_type) == ("eu-certifikat.pdf", "application/pdf")
    with pikepdf.open(BytesIO(file.content), password=password) as document:
        assert len(document.pages) == 1
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(file.content))
    assert _again(delivery).password is None, "it has served"


def test_the_email_tells_no_secret(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    email, person = _email(delivery), certificate.person
    told = f"{email.subject} {email.text}"
    for secret in (password_of(delivery), person.last_name, person.insured_number, certificate.uvci, certificate.ean):
        assert secret not in told
    assert JANA.phone not in told
    assert JANA.phone[-3:] in told
    assert certificate.dose.registration
    assert grouped(certificate.dose.registration.number) in told
    assert "1221" in told
    assert email.recipient == "jana@seznam.cz"


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("cause", ["SERIES", "CORRECTED"])
@pytest.mark.parametrize("email", ["", "jana@seznam.cz"])
def test_every_sms_is_one_part(certify: Certify, language: str, cause: str, email: str) -> None:
    before = certify({"cause": "SERIES"}, language=language, email=email)
    certificate = before
    if cause == "CORRECTED":
        Certificate.objects.update(state="REVOKED", revocation="DOSE_CORRECTED", revoked_at=NOW)
        certificate = make_certificate(before.dose, cause=cause, replaces=before)
    site = certificate.dose.site
    assert site
    type(site).objects.filter(pk=site.pk).update(name="Fakultní nemocnice u svaté Anny, očkovací centrum Brno")
    sms = _sms(sending.send(certificate=Certificate.objects.get(pk=certificate.pk), now=NOW))
    assert gsm7.parts(str(sms.text)) == 1, sms.text
    assert certificate.person.last_name not in str(sms.text)
    assert "1221" in str(sms.text)


def test_the_password_stands_in_the_sms_alone_on_its_line(certificate: Certificate) -> None:
    sms = _sms(sending.send(certificate=certificate, now=NOW))
    assert sms.is_secret
    assert len(str(sms.text).splitlines()[1]) == 11
    assert (sms.lane, sms.recipient, sms.due_at) == (Lane.PERSONAL, JANA.phone, NOW)


@pytest.fixture
def instead(certificate: Certificate) -> Callable[[str], Certificate]:
    """Makes a certificate instead of the one before, for a cause."""

    def made(cause: str) -> Certificate:
        Certificate.objects.update(state="REVOKED", revocation="REPLACED", revoked_at=NOW)
        return make_certificate(certificate.dose, cause=cause, replaces=certificate)

    return made


@pytest.mark.parametrize(("cause", "word"), [("CORRECTED", "opravený"), ("RENEWED", "nový"), ("REQUESTED", "nový")])
def test_what_takes_the_place_of_another_one_says_that_the_old_one_counts_no_more(
    instead: Callable[[str], Certificate], cause: str, word: str
) -> None:
    delivery = sending.send(certificate=instead(cause), now=NOW)
    assert word in _email(delivery).subject
    assert "už neplatí" in str(_email(delivery).text)
    assert "stary uz neplati" in str(_sms(delivery).text)


def test_the_first_certificate_speaks_of_no_other(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    assert "neplatí" not in str(_email(delivery).text)
    assert "neplati" not in str(_sms(delivery).text)


def test_who_has_it_is_not_told_again_to_throw_the_old_one_away(instead: Callable[[str], Certificate]) -> None:
    corrected = instead("CORRECTED")
    sending.send(certificate=corrected, now=NOW)
    assert "vyhoďte" in str(_email(sending.send(certificate=corrected, now=NOW)).text), "nothing has gone yet"
    Message.objects.filter(state=State.PREPARING).update(state=State.SENT)
    again = sending.send(certificate=corrected, now=NOW + timedelta(minutes=1))
    assert "vyhoďte" not in str(_email(again).text)
    assert "neplati" not in str(_sms(again).text)
    Registration.objects.update(email="jana.novakova@seznam.cz")
    elsewhere = sending.send(certificate=corrected, now=NOW + timedelta(minutes=2))
    assert "vyhoďte" in str(_email(elsewhere).text), "the first address was not hers"


def test_who_has_no_email_reads_where_the_paper_can_be_had(certify: Certify) -> None:
    delivery = sending.send(certificate=certify(email=""), now=NOW)
    assert (delivery.password_way, delivery.password, delivery.email_message) == (Way.NONE, None, None)
    sms = _sms(delivery)
    assert "Nemocnice Tabor" in str(sms.text)
    assert not sms.is_secret


def test_a_site_that_has_closed_is_named_to_nobody(certify: Certify) -> None:
    certificate = certify(email="")
    make_site()
    site = certificate.dose.site
    assert site
    type(site).objects.filter(pk=site.pk).update(state="CLOSED")
    sms = _sms(sending.send(certificate=Certificate.objects.get(pk=certificate.pk), now=NOW))
    assert "Tabor" not in str(sms.text)
    assert "linka 1221" in str(sms.text)


def test_a_telephone_that_was_proven_keeps_getting_sms_where_the_list_of_countries_grew_shorter(
    certify: Certify, settings: Settings
) -> None:
    settings.SMS_COUNTRIES = ["DE"]
    assert sending.send(certificate=certify(), now=NOW).password_way == Way.SMS


@pytest.mark.parametrize(("phone", "is_known"), [("", False), ("+420222333444", True), (JANA.phone, True)])
def test_nobody_whose_telephone_is_known_reads_that_it_is_not(certify: Certify, phone: str, is_known: bool) -> None:
    delivery = sending.send(certificate=certify(phone=phone), now=NOW, way=Way.PAPER)
    text = str(_email(delivery).text)
    assert ("Neznáme váš mobilní telefon" in text) != is_known
    assert "Pokud ho ještě nemáte" in text, "it may be in their hands by now"


@pytest.mark.parametrize("phone", ["", "+420222333444"])
def test_without_a_telephone_that_gets_sms_the_password_waits_for_its_paper(certify: Certify, phone: str) -> None:
    delivery = sending.send(certificate=certify(phone=phone), now=NOW)
    assert (delivery.password_way, delivery.sms_message) == (Way.PAPER, None)
    assert "na očkovacím místě" in str(_email(delivery).text)
    preparation.drain()
    assert len(str(_again(delivery).password)) == 11, "it was not printed yet"


def test_the_desk_may_choose_paper(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW, way=Way.PAPER)
    assert (delivery.password_way, str(delivery.phone), delivery.sms_message) == (Way.PAPER, "", None)


def test_what_cannot_be_sent_is_refused_in_words(certify: Certify) -> None:
    with pytest.raises(NothingToSendTo):
        sending.send(certificate=certify(email="", phone=""), now=NOW)
    with pytest.raises(NoEmail):
        sending.send(certificate=certify(email=""), now=NOW, way=Way.PAPER)
    with pytest.raises(NoTelephone):
        sending.send(certificate=certify(phone=""), now=NOW, way=Way.SMS)
    assert not Message.objects.exists()


def test_a_revoked_certificate_is_not_sent(certificate: Certificate) -> None:
    Certificate.objects.update(state="REVOKED", revocation="OTHER", revoked_at=NOW)
    with pytest.raises(CertificateNotValid):
        sending.send(certificate=certificate, now=NOW)


def test_an_expired_certificate_is_not_sent(certificate: Certificate) -> None:
    with pytest.raises(CertificateExpired):
        sending.send(certificate=certificate, now=certificate.expires_at)


def test_sending_again_makes_a_new_password_and_the_old_one_goes_nowhere(certificate: Certificate) -> None:
    first = sending.send(certificate=certificate, now=NOW)
    old = password_of(first)
    second = sending.send(certificate=certificate, now=NOW + timedelta(minutes=1))
    assert (_email(first).state, _sms(first).state) == (State.CANCELLED, State.CANCELLED)
    assert (_sms(first).text, _again(first).password) == (None, None)
    assert password_of(second) != old
    assert preparation.drain() == 1


def test_sending_again_leaves_what_went_out_as_it_is(certificate: Certificate) -> None:
    first = sending.send(certificate=certificate, now=NOW)
    Message.objects.update(state=State.SENT)
    sending.send(certificate=certificate, now=NOW)
    assert (_email(first).state, _sms(first).state) == (State.SENT, State.SENT)


def test_a_certificate_is_sent_five_times_in_a_day(certificate: Certificate) -> None:
    for minute in range(5):
        sending.send(certificate=certificate, now=NOW + timedelta(minutes=minute))
    with pytest.raises(TooManySendings):
        sending.send(certificate=certificate, now=NOW + timedelta(minutes=6))
    with pytest.raises(TooManySendings):
        sending.send(certificate=certificate, now=NOW + timedelta(hours=23))
    sending.send(certificate=certificate, now=NOW + timedelta(hours=25))


def test_one_telephone_is_not_flooded_with_many_certificates(certify: Certify) -> None:
    certificates = [certify() for _ in range(4)]
    sent = [one for one in certificates for _ in range(5)]
    for one in sent[:15]:
        sending.send(certificate=one, now=NOW)
    with pytest.raises(TooManySendings):
        sending.send(certificate=sent[15], now=NOW)
    assert Message.objects.filter(channel="SMS").count() == 15


def test_at_night_the_email_goes_and_the_sms_waits_for_the_morning(certificate: Certificate) -> None:
    (delivery,) = sending.send_issued(certificates=[certificate], now=NIGHT)
    assert _sms(delivery).due_at == datetime(2027, 1, 12, 8, tzinfo=PRAGUE)
    assert _email(delivery).due_at < NIGHT + timedelta(days=1)
    assert {_sms(delivery).lane, _email(delivery).lane} == {Lane.BULK}, "what is new in the morning goes first"
    assert "po 8:00 dne 12. 1. 2027" in breakable(str(_email(delivery).text))


def test_by_day_it_goes_at_once_and_before_invitations(certificate: Certificate) -> None:
    (delivery,) = sending.send_issued(certificates=[certificate], now=NOW)
    assert (_sms(delivery).due_at, _sms(delivery).lane, _email(delivery).lane) == (NOW, Lane.PERSONAL, Lane.PERSONAL)


def test_who_asks_at_night_is_awake(certificate: Certificate) -> None:
    assert _sms(sending.send(certificate=certificate, now=NIGHT)).due_at == NIGHT


def test_without_any_contact_a_delivery_says_so(certify: Certify) -> None:
    (delivery,) = sending.send_issued(certificates=[certify(email="", phone="")], now=NOW)
    assert (delivery.password_way, delivery.email_message, delivery.sms_message) == (Way.NONE, None, None)
    assert not Message.objects.exists()


def test_the_sendings_of_an_issue_use_up_nobodys_share(certificate: Certificate) -> None:
    for _ in range(7):
        sending.send_issued(certificates=[certificate], now=NOW)
    sending.send(certificate=certificate, now=NOW)
