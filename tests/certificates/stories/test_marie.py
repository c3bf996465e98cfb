"""Marie goes home with her certificate and finds it in her mail; later the record of her dose is corrected."""

import re
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from certificates.issuing import issuing
from certificates.models import Certificate, IssueRequest
from crs.messaging import delivery, preparation
from crs.messaging.models import Message
from registration.models import Person, Registration
from tests.cast import KAREL, MARIE, CastMember
from tests.factories import NOW, make_open_vial, make_signing_key
from tests.pages import browser, text_of_pdf
from tests.vaccination.stories.conftest import Team, find, timeline, told, vaccinate, with_reservation
from tests.vaccination.stories.walker import Walker

SMS, EMAIL = Message.Channel.SMS, Message.Channel.EMAIL


def carry() -> None:
    """The worker issues what is due, makes the PDFs and sends everything."""
    issuing.issue_pending(now=timezone.now())
    preparation.drain()
    for channel in (SMS, EMAIL):
        delivery.drain(channel)


def vaccinated_once(team: Team, clock: time_machine.Traveller, who: CastMember = MARIE) -> Registration:
    """Somebody who had the first dose on the first day; it is the day of the second one, just before their time."""
    registration = with_reservation(who, team.site, day=1)
    clock.move_to(NOW + timedelta(days=1))
    team.open_vial(NOW + timedelta(days=1) - timedelta(minutes=10))
    come(team, registration)
    clock.move_to(NOW + timedelta(days=22))
    team.open_vial(NOW + timedelta(days=22) - timedelta(minutes=10))
    return registration


def come(team: Team, registration: Registration) -> Walker:
    """Check them in and vaccinate them; returns the nurse's tablet."""
    desk, tablet = team.desk(), team.tablet()
    find(desk, team, registration.number)
    desk.send("Check in")
    vaccinate(tablet, team, registration.person.listed_name)
    return tablet


@pytest.mark.django_db
def test_marie_takes_her_certificate_home_and_finds_it_in_her_mail(team: Team, clock: time_machine.Traveller) -> None:
    # Given Marie, who had her first dose three weeks ago; of that one no certificate is due.
    make_signing_key(now=NOW)
    marie = vaccinated_once(team, clock)
    assert not IssueRequest.objects.exists()

    # When her second dose is recorded, the page of the dose offers the certificate,
    tablet = come(team, marie)
    assert "The series is complete" in tablet.text
    assert "The certificate is being made." in tablet.text
    # and one press issues it, also when it is pressed twice; another one prints it.
    tablet.send("Issue the certificate")
    certificate = Certificate.objects.get()
    tablet.send_again()
    assert Certificate.objects.count() == 1
    assert "Issue the certificate" not in tablet.text.partition("Dose 1")[0]
    paper = tablet.click("Print the certificate")
    for said in ("Dvořáková Marie", "2/2", certificate.uvci, certificate.ean):
        assert said in paper or said in paper.replace(" ", ""), said
    # The registrar finds it on the page of the day and on that of Marie, and prints it once more.
    desk = team.desk()
    desk.open("certificates:day", team.site.pk)
    assert "ready 2/2" in desk.text
    desk.click("Dvořáková Marie")
    assert "Certificates of a person" in desk.text
    assert certificate.uvci in desk.click("Print the certificate").replace(" ", "")

    # It also comes by e-mail, and its password by SMS.
    carry()
    assert told(marie)[-2:] == ["certificates/certificate", "certificates/password"]
    email = Message.objects.get(template="certificates/certificate")
    inbox = browser().get("/inbox/").content.decode()
    found = re.search(r'class="inbox-pin">([a-z0-9]{11})<', inbox)
    assert found
    file = browser().get(reverse("messaging:attachment", args=(email.pk, email.attachments.get().name))).content
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(file))
    assert certificate.ean in text_of_pdf(file, 0, password=found[1]).replace(" ", "")
    desk.open("certificates:person", team.site.pk, marie.pk)
    assert "marie@seznam.cz, 601 234 567" in desk.text
    # She lost the telephone: the registrar sends it to the daughter's, with a new password.
    desk.click("Send by e-mail")
    shown = desk.send("Send, the password by SMS", phone="607 111 222")
    assert "The certificate goes out by e-mail, and its password by SMS." in shown
    assert "607 111 222" in shown

    # When the batch turns out to be one of another vaccine, and the manager corrects the record,
    make_open_vial(team.site, station="2", number="SP0001", vaccine="spikevax", now=timezone.now())
    office = team.office()
    office.open("vaccination:dose", team.site.pk, certificate.dose_id)
    office.click("Correct the record")
    office.send("Correct the record", batch="SP0001", reason="přečtena jiná krabička")
    # then the certificate is revoked at once, and another one is made and sent.
    certificate.refresh_from_db()
    assert (certificate.state, certificate.revocation) == ("REVOKED", "DOSE_CORRECTED")
    assert "The certificate is being made." in office.text
    carry()
    living = Certificate.objects.living().get()
    shown = office.open("certificates:person", team.site.pk, marie.pk)
    assert "Dose 2: Spikevax" in shown
    assert "1 certificate that is not valid any more Revoked" in shown
    assert "the dose was corrected" in shown
    assert (living.uvci in shown, certificate.uvci in shown) == (True, True)
    assert told(Registration.objects.get(pk=marie.pk))[-2:] == ["certificates/certificate", "certificates/password"]
    # Her timeline tells it all, and who did what.
    said = timeline(Registration.objects.get(pk=marie.pk))
    for one in (
        "Certificate 2/2 issued: the last dose of the series",
        "The certificate was sent by e-mail, its password by SMS",
        "Certificate 2/2 revoked: the dose was corrected",
        "Certificate 2/2 issued: the record was corrected",
    ):
        assert one in said, one
    assert said.index("issued: the last dose") < said.index("revoked: the dose was corrected")


@pytest.mark.django_db
def test_a_name_in_another_script_waits_for_the_passports_spelling(team: Team, clock: time_machine.Traveller) -> None:
    # Given Karel, whose name stands in Cyrillic letters and nobody wrote down how his passport spells it.
    make_signing_key(now=NOW)
    karel = vaccinated_once(team, clock, KAREL)
    Person.objects.filter(pk=karel.person_id).update(first_name="Карел", last_name="Новак")
    karel = Registration.objects.get(pk=karel.pk)
    tablet = come(team, karel)

    # When the nurse wants the certificate, the page of the dose says what is missing, and the way out.
    assert "The name is not in Latin letters." in tablet.text
    assert "Issue the certificate" not in tablet.text
    tablet.click("Write the name in Latin letters")
    refused = tablet.send("Save the spelling", last_name="Новак", first_name="Karel")
    assert "Please write the name in the letters A to Z" in refused
    tablet.send("Save the spelling", last_name="Novak", first_name="Karel")
    # Then it is issued, with both spellings on the paper.
    tablet.send("Issue the certificate")
    paper = tablet.click("Print the certificate")
    assert "НОВАК" in paper.upper()
    assert "NOVAK" in paper
    # He has no e-mail: the SMS says where the paper can be had.
    carry()
    assert told(karel)[-1] == "certificates/ready"
