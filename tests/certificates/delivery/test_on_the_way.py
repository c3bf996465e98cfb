"""From the issue of a certificate to the mailbox and the telephone, and what is left behind on the way."""

import logging
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO
from typing import cast

import pikepdf
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from certificates.delivery import receivers, sending
from certificates.issuing import issuing
from certificates.models import Certificate, Delivery, IssueRequest
from certificates.models.certificates import Cause
from certificates.revocation import revoking
from crs.messaging import delivery as carrying
from crs.messaging import preparation
from crs.messaging.models import Attachment, Message
from tests.certificates.delivery.conftest import Certify, dose_of, password_of
from tests.certificates.issuing.conftest import ask
from tests.crs.messaging.conftest import FarMailServer
from tests.factories import NOW, make_account, make_signing_key
from tests.pages import browser, text_of

SMS, EMAIL = Message.Channel.SMS, Message.Channel.EMAIL


def _carry_all() -> None:
    preparation.drain()
    carrying.drain(EMAIL)
    carrying.drain(SMS)


def _issued(cause: Cause, *, is_to_be_sent: bool) -> Certificate | None:
    make_signing_key()
    return issuing.issue(request=ask(dose_of(), cause, is_to_be_sent=is_to_be_sent), now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clock")
def test_what_is_issued_to_be_sent_is_sent_and_what_is_revoked_then_is_not() -> None:
    certificate = _issued(Cause.SERIES, is_to_be_sent=True)
    delivery = Delivery.objects.get(certificate=certificate)
    assert (delivery.asked_at, delivery.password_way) == (NOW, "SMS")
    revoking.revoke_in_steps(certificates=Certificate.objects.all(), why=Certificate.Revocation.OTHER, now=NOW)
    assert set(Message.objects.values_list("state", flat=True)) == {"CANCELLED"}


@pytest.mark.django_db
def test_the_family_of_the_dead_gets_no_certificate(certificate: Certificate) -> None:
    request = IssueRequest(is_to_be_sent=True, asked_at=NOW)
    certificate.person.died_on = NOW.date()
    receivers.on_issued(issued=[(certificate, request)], now=NOW)
    assert not Delivery.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked_by_machine", "cause", "age", "lane"),
    [
        (True, Cause.SERIES, timedelta(0), Message.Lane.PERSONAL),
        (True, Cause.SERIES, timedelta(hours=2), Message.Lane.BULK),
        (True, Cause.RENEWED, timedelta(0), Message.Lane.BULK),
        (False, Cause.RENEWED, timedelta(0), Message.Lane.PERSONAL),
    ],
)
def test_a_backlog_goes_behind_what_people_wait_for(
    certificate: Certificate, asked_by_machine: bool, cause: Cause, age: timedelta, lane: int
) -> None:
    by = None if asked_by_machine else make_account("prepazka")
    request = IssueRequest(is_to_be_sent=True, cause=cause, asked_by=by, asked_at=NOW - age)
    receivers.on_issued(issued=[(certificate, request)], now=NOW)
    assert set(Message.objects.values_list("lane", flat=True)) == {lane}


@pytest.mark.django_db
def test_a_batch_is_sent_with_as_many_queries_as_one(
    certify: Certify, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = [certify().pk for _ in range(6)]
    rows = Certificate.objects.filter(pk__in=made)
    issued = [
        (one, IssueRequest(is_to_be_sent=True, asked_at=NOW, cause=Cause.SERIES))
        for one in rows.select_related("person__merged_into", "dose__registration", "dose__site")
    ]
    with django_assert_max_num_queries(8):
        receivers.on_issued(issued=issued, now=NOW)
    for delivery in Delivery.objects.all():
        assert delivery.email_message
        assert delivery.email_message.reference == str(delivery.pk)
        assert len(password_of(delivery)) == 11
    assert Delivery.objects.count() == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clock")
def test_what_is_printed_at_the_desk_is_not_sent() -> None:
    assert _issued(Cause.REQUESTED, is_to_be_sent=False)
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_the_letter_is_whole_when_it_comes_to_the_mail_server(
    certificate: Certificate, mail_server: FarMailServer
) -> None:
    password = password_of(sending.send(certificate=certificate, now=NOW))
    _carry_all()
    (letter,) = mail_server.letters
    assert str(letter["Subject"]).strip().startswith("Jana N.: Váš certifikát o očkování (registrace ")
    assert letter["To"] == "jana@seznam.cz"
    assert letter["Content-Language"] == "cs"
    text = cast("EmailMessage", letter.get_body(("plain",))).get_content()
    assert "Jak soubor otevřít:" in text
    assert password not in str(letter)
    (file,) = letter.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("application/pdf", "eu-certifikat.pdf")
    with pikepdf.open(BytesIO(cast("bytes", file.get_content())), password=password) as document:
        assert document.encryption.R == 6


@pytest.mark.django_db
def test_both_are_read_in_the_local_inbox_and_the_file_opens_with_that_password(certificate: Certificate) -> None:
    password = password_of(sending.send(certificate=certificate, now=NOW))
    _carry_all()
    client: Client = browser()
    page = client.get("/inbox/")
    assert f'<p class="inbox-pin">{password}</p>' in page.content.decode(), "in large print"
    assert "Váš certifikát o očkování" in text_of(page)
    email = Message.objects.get(channel=EMAIL)
    file = client.get(reverse("messaging:attachment", args=(email.pk, "eu-certifikat.pdf")))
    pikepdf.open(BytesIO(file.content), password=password).close()


def _stands_in_a_table(secret: str) -> list[str]:
    """The tables of the database with a row that holds the text, also in bytes."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            marks = [f"%{secret}%", f"%{secret.encode().hex()}%"]
            cursor.execute(f"SELECT count(*) FROM {name} t WHERE t::text LIKE ANY(%s)", [marks])  # noqa: S608
            if cursor.fetchone()[0]:
                found.append(table)
    return found


@pytest.mark.django_db
def test_the_password_is_nowhere_once_it_has_arrived(
    certificate: Certificate, mail_server: FarMailServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    delivery = sending.send(certificate=certificate, now=NOW)
    password = password_of(delivery)
    assert _stands_in_a_table(certificate.uvci), "the search finds what is there"
    assert _stands_in_a_table(password) == [], "while it waits it is encrypted"
    _carry_all()
    sms = Message.objects.get(reference=str(delivery.pk), channel=SMS)
    assert (sms.state, sms.text) == ("SENT", None)
    assert Delivery.objects.get(pk=delivery.pk).password is None
    assert not Attachment.objects.exists()
    assert _stands_in_a_table(password) == []
    assert password not in caplog.text
    assert mail_server.letters
    assert not settings.INBOX_IS_OPEN
