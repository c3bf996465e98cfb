"""What is done with one certificate: printed, asked for, issued anew, sent, revoked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.models import Certificate, Delivery, IssueRequest, SigningKey
from crs.messaging.models import Message
from logistics.models import Role
from registration.models import Person, Registration
from tests.certificates.desk.conftest import Desk
from tests.factories import NOW, make_certificate, make_registration, make_site, make_staff
from tests.pages import browser, form_key, log_in, send_form, text_of, text_of_pdf
from vaccination.models import Dose

Complete = Callable[..., Dose]


@pytest.fixture
def dose(complete: Complete) -> Dose:
    return complete(make_registration(email="jana@example.cz", phone="+420601234567"))


@pytest.fixture
def certificate(dose: Dose) -> Certificate:
    return make_certificate(dose)


# --- print --------------------------------------------------------------------------------------


def test_a_certificate_is_printed_under_a_name_that_tells_nothing(desk: Desk, certificate: Certificate) -> None:
    page = desk.registrar.get(desk.at(f"{certificate.pk}/tisk/"))
    assert page.headers["Content-Type"] == "application/pdf"
    assert page.headers["Content-Disposition"] == 'inline; filename="certifikat.pdf"'
    assert certificate.uvci in text_of_pdf(page.content).replace(" ", "")


def test_its_signer_is_read_once(desk: Desk, certificate: Certificate) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert desk.registrar.get(desk.at(f"{certificate.pk}/tisk/")).status_code == 200
    assert len([query for query in queries if "certificates_signercertificate" in query["sql"]]) == 1


def test_one_that_was_revoked_is_not_printed(desk: Desk, dose: Dose) -> None:
    revoked = make_certificate(dose, state="REVOKED", revoked_at=NOW, revocation="FRAUD")
    page = desk.registrar.get(desk.at(f"{revoked.pk}/tisk/"), follow=True)
    assert "This certificate is not valid any more. Below is what holds now." in text_of(page)


def test_whoever_works_elsewhere_reaches_nothing_of_it(desk: Desk, dose: Dose, certificate: Certificate) -> None:
    other = make_site("Jinde")
    outsider = log_in(browser(), make_staff(Role.MANAGER, site=other))
    delivery = Delivery.objects.create(
        certificate=certificate, asked_at=NOW, language="cs", email="x@example.cz", password_way="PAPER", password="x"
    )
    paths = [f"{certificate.pk}/{what}/" for what in ("tisk", "odeslani", "zneplatneni")]
    paths += [f"davky/{dose.pk}/tisk/", f"davky/{dose.pk}/znovu/", f"zasilky/{delivery.pk}/heslo/"]
    for path in paths:
        assert outsider.get(f"/certifikaty/{other.pk}/{path}").status_code == 404, path
        assert send_form(outsider, f"/certifikaty/{other.pk}/{path}").status_code in (404, 405), path
        assert outsider.get(desk.at(path)).status_code == 404, path
    assert send_form(desk.registrar, desk.at(f"{certificate.pk}/zneplatneni/")).status_code == 404
    assert Certificate.objects.living().count() == 1


# --- ask for one --------------------------------------------------------------------------------


def test_one_press_issues_the_certificate_and_another_prints_it(desk: Desk, dose: Dose) -> None:
    address = desk.at(f"davky/{dose.pk}/tisk/")
    key = form_key(desk.registrar.get(desk.at(f"osoby/{dose.registration_id}/")))
    first = desk.registrar.post(address, {"form_key": key}, follow=True)
    certificate = Certificate.objects.get()
    assert f'href="{desk.at(f"{certificate.pk}/tisk/")}" autofocus' in first.content.decode()
    assert certificate.issued_by is not None
    # Pressed twice, and in another tab: there is one.
    for again in (desk.registrar.post(address, {"form_key": key}), send_form(desk.manager, address)):
        assert again.headers["Location"] == desk.at(f"osoby/{dose.registration_id}/")
    assert Certificate.objects.count() == 1
    assert desk.registrar.get(address).headers["Location"] == desk.at(f"osoby/{dose.registration_id}/")


def test_a_certificate_of_the_first_dose_is_issued_on_request(desk: Desk, dose: Dose) -> None:
    first = Dose.objects.get(number=1)
    send_form(desk.registrar, desk.at(f"davky/{first.pk}/tisk/"))
    certificate = Certificate.objects.get()
    assert (certificate.dose_id, certificate.dose_number, certificate.total_doses) == (first.pk, 1, 2)
    assert not IssueRequest.objects.get().is_to_be_sent


def test_what_cannot_be_issued_says_why_on_the_page_of_the_person(desk: Desk, dose: Dose) -> None:
    Person.objects.filter(pk=dose.person_id).update(first_name="Оксана")
    address = desk.at(f"davky/{dose.pk}/tisk/")
    page = desk.registrar.post(address, follow=True)
    assert "The name is not in Latin letters. Enter how the passport spells it" in text_of(page)
    assert "Write the name in Latin letters" in text_of(page)
    SigningKey.objects.all().delete()
    Person.objects.filter(pk=dose.person_id).update(first_name="Oksana")
    page = desk.registrar.post(desk.at(f"davky/{Dose.objects.get(number=1).pk}/tisk/"), follow=True)
    assert "there is no valid signing key" in text_of(page)
    assert not Certificate.objects.exists()


def test_a_dose_in_error_has_no_certificate(desk: Desk, dose: Dose) -> None:
    Dose.objects.filter(pk=dose.pk).update(state="IN_ERROR", error="TWICE")
    assert send_form(desk.registrar, desk.at(f"davky/{dose.pk}/tisk/")).status_code == 404


def test_another_one_replaces_the_one_before_and_keeps_the_reason(desk: Desk, certificate: Certificate) -> None:
    address = desk.at(f"davky/{certificate.dose_id}/znovu/")
    page = send_form(desk.registrar, address, reason=" ")
    assert "Write why another one is issued" in text_of(page)
    typed: dict[str, Any] = {"form_key": form_key(page), "reason": "Paní se vdala."}
    for _twice in range(2):
        page = desk.registrar.post(address, typed, follow=True)
    assert "Another certificate is issued. The one before is not valid any more." in text_of(page)
    certificate.refresh_from_db()
    assert (certificate.state, certificate.revocation) == ("REVOKED", "REPLACED")
    living = Certificate.objects.living().get()
    assert (living.replaces_id, Certificate.objects.count()) == (certificate.pk, 2)
    request = IssueRequest.objects.get(certificate=living)
    context = request.events.first().pgh_context.metadata  # type: ignore[attr-defined]
    assert context["reason"] == "Paní se vdala."


def test_after_a_revocation_by_hand_a_manager_issues_one_again_and_says_why(desk: Desk, dose: Dose) -> None:
    make_certificate(dose, state="REVOKED", revoked_at=NOW, revocation="FRAUD", revocation_note="Cizí pas.")
    person, address = desk.at(f"osoby/{dose.registration_id}/"), desk.at(f"davky/{dose.pk}/vraceni/")
    shown = text_of(desk.registrar.get(person))
    assert "The certificate was revoked or rejected. Another one is issued only by the manager" in shown
    assert all(said in shown for said in ("11. 1. 2027 9:00", "fraud", "Cizí pas."))
    assert shown.count("Issue the certificate") == 1  # of the first dose
    page = desk.registrar.post(desk.at(f"davky/{dose.pk}/tisk/"), follow=True)
    assert "The certificate of this dose was revoked or rejected." in text_of(page)
    assert desk.registrar.get(address).status_code == 404
    assert address in desk.manager.get(person).content.decode()
    assert "Cizí pas." in text_of(send_form(desk.manager, address, reason=" "))
    page = desk.manager.post(address, {"reason": "Byl to omyl.", "form_key": form_key(desk.manager.get(address))})
    assert page.headers["Location"] == person
    assert Certificate.objects.get(state="VALID").dose == dose
    assert desk.manager.get(address).headers["Location"] == person


# --- send ---------------------------------------------------------------------------------------


def test_the_certificate_is_sent_where_the_person_says_now(desk: Desk, certificate: Certificate) -> None:
    address = desk.at(f"{certificate.pk}/odeslani/")
    page = desk.registrar.get(address)
    assert 'value="jana@example.cz"' in page.content.decode()
    assert 'value="601 234 567"' in page.content.decode()
    typed = {"form_key": form_key(page), "email": "jana.nova@example.cz", "phone": "602 345 678"}
    for _twice in range(2):
        page = desk.registrar.post(address, typed, follow=True)
    delivery = Delivery.objects.get()
    assert (delivery.email, str(delivery.phone)) == ("jana.nova@example.cz", "+420602345678")
    shown = text_of(page)
    assert "The certificate goes out by e-mail, and its password by SMS." in shown
    assert "jana.nova@example.cz, 602 345 678" in shown
    registration = Registration.objects.get(person=certificate.person)
    assert registration.email == "jana.nova@example.cz"
    assert Message.objects.filter(template="certificates/certificate").count() == 1


def test_without_a_telephone_the_password_is_printed_here(desk: Desk, certificate: Certificate) -> None:
    address = desk.at(f"{certificate.pk}/odeslani/")
    page = send_form(desk.registrar, address, email="jana@example.cz", phone="")
    page = desk.registrar.get(page.headers["Location"])
    assert "Print the password below and hand it to the person." in text_of(page)
    assert "Print the password" in text_of(page)
    delivery = Delivery.objects.get()
    paper = send_form(desk.registrar, desk.at(f"zasilky/{delivery.pk}/heslo/"))
    assert paper.headers["Content-Disposition"] == 'inline; filename="heslo.pdf"'
    assert str(delivery.password) in text_of_pdf(paper.content).replace(" ", "")
    assert desk.registrar.get(desk.at(f"zasilky/{delivery.pk}/heslo/")).status_code == 302


def test_the_password_may_come_on_paper_although_there_is_a_telephone(desk: Desk, certificate: Certificate) -> None:
    typed = {"email": "jana@example.cz", "phone": "601 234 567", "heslo": "papir"}
    send_form(desk.registrar, desk.at(f"{certificate.pk}/odeslani/"), **typed)
    assert Delivery.objects.get().password_way == "PAPER"
    assert not Message.objects.filter(template="certificates/password").exists()


def test_a_form_without_an_address_says_what_to_do(desk: Desk, certificate: Certificate) -> None:
    address = desk.at(f"{certificate.pk}/odeslani/")
    page = send_form(desk.registrar, address, email="", phone="12")
    assert "Write the e-mail to which the certificate is sent. Without one, print it." in text_of(page)
    assert 'value="12"' in page.content.decode()
    assert not Delivery.objects.exists()
    page = send_form(desk.registrar, address, email="jana@sezam.cz", phone="")
    assert "Did you mean jana@seznam.cz?" in text_of(page)
    page = send_form(desk.registrar, address, email="jana@sezam.cz", phone="", email_noticed="jana@sezam.cz")
    assert page.status_code == 302


# --- revoke -------------------------------------------------------------------------------------


def test_a_manager_revokes_with_a_reason_once(desk: Desk, certificate: Certificate) -> None:
    address = desk.at(f"{certificate.pk}/zneplatneni/")
    page = desk.manager.post(address, {"why": "KEY", "note": ""})
    assert "Write what happened: it stays with the certificate." in text_of(page)
    typed = {"form_key": form_key(page), "why": "FRAUD", "note": "Cizí pas."}
    for _twice in range(2):
        page = desk.manager.post(address, typed, follow=True)
        assert "The certificate is revoked." in text_of(page)
    certificate.refresh_from_db()
    assert (certificate.state, certificate.revocation, certificate.revocation_note) == ("REVOKED", "FRAUD", "Cizí pas.")
    assert "it was revoked or replaced meanwhile" in text_of(send_form(desk.manager, address, why="FRAUD", note="x"))
    assert desk.manager.get(address).status_code == 302
    assert settings.CERTIFICATE_COUNTRY in certificate.uvci


def test_a_dose_without_a_registration_opens_by_the_persons_own(desk: Desk, complete: Complete) -> None:
    dose = complete()
    Dose.objects.update(registration=None)
    certificate = make_certificate(dose)
    assert desk.registrar.get(desk.at(f"{certificate.pk}/odeslani/")).status_code == 200
