"""The page of a person's certificates: what stands there, who sees it, and the spelling of a name."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certificates.models import Certificate, IssueRequest, SigningKey
from certificates.models.certificates import Cause
from logistics.models import Role
from registration.models import Person
from tests.certificates.desk.conftest import Desk
from tests.certificates.issuing.conftest import ask
from tests.factories import NOW, make_certificate, make_registration, make_site, make_staff
from tests.pages import browser, form_key, log_in, text_of
from vaccination.models import Dose

Complete = Callable[..., Dose]


def person_page(desk: Desk, dose: Dose, client: Client | None = None) -> str:
    page = (client or desk.registrar).get(desk.at(f"osoby/{dose.registration_id}/"))
    assert page.status_code == 200
    return text_of(page)


def test_each_dose_stands_there_with_its_certificate_and_what_can_be_done(desk: Desk, complete: Complete) -> None:
    dose = complete()
    certificate = make_certificate(dose)
    shown = person_page(desk, dose)
    for said in (
        "Nováková Jana",
        "Dose 2: Comirnaty, 11. 1. 2027",
        "The certificate is ready.",
        "Print the certificate",
        "2/2",
        certificate.uvci,
        certificate.ean,
        "Dose 1: Comirnaty, 14. 12. 2026",
        "It is issued if the person asks for it.",
        "Issue the certificate",
    ):
        assert said in shown, said
    assert shown.index("Dose 2") < shown.index("Dose 1")
    assert "Revoke" not in shown
    assert "Revoke" in person_page(desk, dose, desk.manager)


def test_one_that_is_not_valid_any_more_is_folded_with_the_reason(desk: Desk, complete: Complete) -> None:
    dose = complete()
    make_certificate(
        dose,
        state="REVOKED",
        revoked_at=NOW,
        revocation="FRAUD",
        revocation_note="Ukázal cizí pas.",
    )
    make_certificate(dose)
    shown = person_page(desk, dose)
    assert "1 certificate that is not valid any more Revoked 11. 1. 2027 9:00: fraud , Ukázal cizí pas." in shown


def test_what_is_due_says_what_it_waits_for(desk: Desk, complete: Complete) -> None:
    dose = complete()
    request = ask(dose, Cause.SERIES)
    assert "The certificate is being made. It takes a minute or two" in person_page(desk, dose)
    SigningKey.objects.update(signs_until=NOW)
    assert "The certificate is being made. Just now no certificate can be issued" in person_page(desk, dose)
    waiting = IssueRequest.objects.filter(pk=request.pk)
    waiting.update(state="HELD")
    shown = person_page(desk, dose)
    assert "The ministry looks at it first" in shown
    assert shown.count("Issue the certificate") == 1  # of the first dose
    waiting.update(state="BLOCKED", obstacle="NO_CODES")
    assert "The ministry adds it; the certificate is then issued by itself." in person_page(desk, dose)
    waiting.update(state="BLOCKED", obstacle="LATIN_NAME")
    assert "Write the name in Latin letters" in person_page(desk, dose)
    waiting.update(state="REJECTED", obstacle="", decision_reason="Nikdo takový.")
    shown = person_page(desk, dose)
    assert "The ministry rejected the last request: Nikdo takový." in shown
    assert shown.count("Issue the certificate") == 1


def test_one_whose_time_is_over_is_issued_anew(desk: Desk, complete: Complete) -> None:
    dose = complete()
    make_certificate(dose, expires_at=NOW - timedelta(days=1), issued_at=NOW - timedelta(days=9))
    shown = person_page(desk, dose)
    assert "The certificate has expired. Issue another one." in shown
    assert "Print the certificate" not in shown


def test_a_dose_in_error_is_listed_as_long_as_it_had_a_certificate(desk: Desk, complete: Complete) -> None:
    dose = complete()
    make_certificate(dose, state="REVOKED", revoked_at=NOW, revocation="DOSE_ANNULLED")
    Dose.objects.filter(pk=dose.pk).update(state="IN_ERROR", error="TWICE")
    assert "The dose was entered in error. Its certificates are not valid." in person_page(desk, dose)


def test_whoever_works_elsewhere_or_opens_a_stranger_finds_nothing(desk: Desk, complete: Complete) -> None:
    dose = complete()
    stranger = make_registration()
    assert desk.registrar.get(desk.at(f"osoby/{stranger.pk}/")).status_code == 404
    other = make_site("Jinde")
    outsider = log_in(browser(), make_staff(Role.MANAGER, site=other))
    assert outsider.get(desk.at(f"osoby/{dose.registration_id}/")).status_code == 404
    assert outsider.get(f"/certifikaty/{other.pk}/osoby/{dose.registration_id}/").status_code == 404
    keeper = log_in(browser(), make_staff(Role.STOCK_KEEPER, site=desk.site))
    assert keeper.get(desk.at(f"osoby/{dose.registration_id}/")).status_code == 404


def test_the_ministry_reads_and_does_nothing_at_the_desk(desk: Desk, complete: Complete) -> None:
    dose = complete()
    make_certificate(dose)
    ministry = log_in(browser(), make_staff(Role.MINISTRY))
    shown = person_page(desk, dose, ministry)
    assert "Print the certificate" not in shown
    assert "Revoke" in shown


def test_the_page_asks_the_database_as_often_for_many_doses(
    desk: Desk, complete: Complete, django_assert_max_num_queries: Callable[..., object]
) -> None:
    dose = complete()
    make_certificate(dose)
    make_certificate(Dose.objects.get(number=1))
    with django_assert_max_num_queries(24):  # type: ignore[attr-defined]
        person_page(desk, dose)


def test_whether_a_key_signs_is_asked_once_for_a_dose(desk: Desk, complete: Complete) -> None:
    ask(complete())
    with CaptureQueriesContext(connection) as queries:
        person_page(desk, Dose.objects.get(number=2))
    assert len([query for query in queries if 'FROM "certificates_signingkey"' in query["sql"]]) == 1


# --- the name in Latin letters ------------------------------------------------------------------


@pytest.fixture
def oksana(complete: Complete) -> Dose:
    dose = complete()
    Person.objects.filter(pk=dose.person_id).update(first_name="Оксана", last_name="Шевченко")
    return dose


def test_a_name_that_is_spelled_lets_its_request_go_on(desk: Desk, oksana: Dose) -> None:
    request = ask(oksana, Cause.SERIES)
    IssueRequest.objects.filter(pk=request.pk).update(state="BLOCKED", obstacle="LATIN_NAME")
    address = desk.at(f"osoby/{oksana.registration_id}/jmeno/")
    key = form_key(desk.registrar.get(address))
    typed = {"form_key": key, "first_name": "Oksana", "last_name": "  Shev­chenko "}
    page = desk.registrar.post(address, typed, follow=True)
    assert "1 certificate that waited for it is being made." in text_of(page)
    assert "The certificate is being made." in text_of(page)
    assert "OKSANA" in text_of(page)
    assert "Correct the spelling in Latin letters" in text_of(page)
    request.refresh_from_db()
    assert request.state == "WAITING"
    assert desk.registrar.post(address, typed).status_code == 302  # pressed twice


def test_letters_of_another_script_are_refused_and_stay_typed(desk: Desk, oksana: Dose) -> None:
    address = desk.at(f"osoby/{oksana.registration_id}/jmeno/")
    page = desk.registrar.post(address, {"first_name": "Оксана", "last_name": ""})
    shown = text_of(page)
    assert shown.count("Please write the name in the letters A to Z") >= 2
    assert 'value="Оксана"' in page.content.decode()
    assert Person.objects.get(pk=oksana.person_id).latin_first_name == ""


def test_what_the_site_does_not_know_cannot_be_spelled(desk: Desk) -> None:
    assert desk.registrar.get(desk.at(f"osoby/{make_registration().pk}/jmeno/")).status_code == 404


def test_certificates_of_joined_rows_stand_on_one_page(desk: Desk, complete: Complete) -> None:
    dose = complete()
    other = make_registration()
    make_certificate(dose)
    Person.objects.filter(pk=other.person_id).update(merged_into=dose.person_id)
    Dose.objects.filter(number=1).update(person=other.person_id)
    shown = person_page(desk, dose)
    assert "Dose 1" in shown
    assert "Dose 2" in shown
    assert Certificate.objects.count() == 1
