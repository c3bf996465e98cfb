"""The certificates of a day: who has one, who lacks one and why; all on paper."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.desk import counter, day_certificates
from certificates.models import Certificate, IssueRequest
from certificates.models.certificates import Cause
from logistics.models import Role
from registration.models import Person
from tests.certificates.desk.conftest import Desk
from tests.certificates.issuing.conftest import ask
from tests.factories import NOW, context, make_certificate, make_open_vial, make_site, make_sitting, make_staff
from tests.pages import browser, form_key, log_in, send_form, text_of
from vaccination.models import Dose

Complete = Callable[..., Dose]


@pytest.fixture
def day(desk: Desk, complete: Complete) -> list[Dose]:
    """Five people of the day: ready, being made, an obstacle, missing, and a first dose."""
    make_open_vial(desk.site)
    doses = [complete() for _ in range(4)]
    doses.append(make_sitting(desk.site))
    for place, dose in enumerate(doses):
        Person.objects.filter(pk=dose.person_id).update(last_name=f"Nová{place}")
        Dose.objects.filter(pk=dose.pk).update(given_at=NOW - timedelta(minutes=10 - place))
    make_certificate(doses[0])
    for dose in doses[1:3]:
        ask(dose, Cause.SERIES)
    IssueRequest.objects.filter(dose=doses[2]).update(state="BLOCKED", obstacle="LATIN_NAME")
    return doses


def test_the_day_says_of_each_person_how_the_certificate_stands(desk: Desk, day: list[Dose]) -> None:
    page = desk.registrar.get(desk.at(""))
    shown = text_of(page)
    for said in (
        "Nová0 Jana 1940 2. Comirnaty ✓ ready 2/2",
        "Nová1 Jana 1940 2. Comirnaty being made",
        "Nová2 Jana 1940 2. Comirnaty ! obstacle: write the name in Latin letters",
        "Nová3 Jana 1940 2. Comirnaty ! missing",
        "Nová4 Jana 1940 1. Comirnaty on request",
        "Everybody 5 ready 1 being made 1 obstacle 1 missing 1 on request 1",
        "Issue 1 certificate that is missing",
    ):
        assert said in shown, said
    only = text_of(desk.registrar.get(desk.at("?stav=chybi")))
    assert "Nová3" in only
    assert "Nová0" not in only
    for number in ("99", "000001" + "9" * 5000):
        assert "Nová0" in text_of(desk.registrar.get(desk.at(f"?stav=cokoli&strana={number}")))


def test_another_day_is_chosen_and_what_is_no_day_is_not_found(desk: Desk, day: list[Dose]) -> None:
    assert "Nobody was vaccinated here on this day." in text_of(desk.registrar.get(desk.at("?den=2027-01-10")))
    for wrong in ("?den=2027-02-30", "?den=1999-01-01", "?den=x", "tisk/?den=2027-01-10", "tisk/?cast=2"):
        assert desk.registrar.get(desk.at(wrong)).status_code == 404, wrong


def test_what_is_missing_is_asked_for_once(desk: Desk, day: list[Dose]) -> None:
    page = desk.registrar.get(desk.at(""))
    typed = {"form_key": form_key(page), "den": "2027-01-11"}
    for _twice in range(2):
        page = desk.registrar.post(desk.at("vystaveni/"), typed, follow=True)
        assert "1 certificate is asked for. They are made one after the other, in minutes." in text_of(page)
    assert IssueRequest.objects.filter(dose=day[3]).count() == 1
    assert "missing" not in text_of(page)
    assert desk.registrar.get(desk.at("vystaveni/?den=2027-01-10")).headers["Location"].endswith("?den=2027-01-10")


def test_no_more_are_asked_for_at_once_than_a_request_may_take(
    desk: Desk, day: list[Dose], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter, "MOST_ASKED_AT_ONCE", 1)
    Certificate.objects.update(state="REVOKED", revoked_at=NOW, revocation="KEY")
    page = send_form(desk.registrar, desk.at("vystaveni/"), den="2027-01-11")
    assert "1 certificate is asked for" in text_of(desk.registrar.get(page.headers["Location"]))
    assert "Issue 1 certificate that is missing" in text_of(desk.registrar.get(desk.at("")))


def test_what_was_taken_away_is_not_missing(desk: Desk, day: list[Dose]) -> None:
    Certificate.objects.update(state="REVOKED", revoked_at=NOW, revocation="FRAUD")
    IssueRequest.objects.filter(dose=day[1]).update(state="REJECTED", decided_at=NOW, decision_reason="Ne.")
    found = day_certificates.of_day(desk.site, NOW.date(), now=NOW)
    assert found.missing == [day[3].pk]
    assert counter.ask_for([dose.pk for dose in day[:2]], site=desk.site, context=context()) == 0
    shown = text_of(desk.registrar.get(desk.at("")))
    for name in ("Nová0", "Nová1"):
        assert f"{name} Jana 1940 2. Comirnaty ! revoked or rejected" in shown


def test_one_that_has_expired_is_not_printed_with_the_others(desk: Desk, day: list[Dose]) -> None:
    Certificate.objects.update(expires_at=NOW, issued_at=NOW - timedelta(days=9))
    assert not day_certificates.of_day(desk.site, NOW.date(), now=NOW).parts
    assert "Nová0 Jana 1940 2. Comirnaty expired 2/2" in text_of(desk.registrar.get(desk.at("")))


def test_many_are_asked_for_by_as_many_questions_as_one(
    desk: Desk, complete: Complete, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    make_open_vial(desk.site)
    doses = [complete().pk for _ in range(5)]
    with django_assert_max_num_queries(20):
        assert counter.ask_for(doses, site=desk.site, context=context()) == 5
    assert counter.ask_for(doses, site=desk.site, context=context()) == 0


def test_the_day_is_printed_in_parts_that_keep_their_certificates(
    desk: Desk, day: list[Dose], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_certificates, "PAPERS_OF_A_PART", 2)
    for minutes, place in ((1, 3), (2, 1)):
        make_certificate(day[place], now=NOW + timedelta(minutes=minutes))
    found = day_certificates.of_day(desk.site, NOW.date(), now=NOW)
    assert [(part.number, part.first, part.last) for part in found.parts] == [(1, 1, 2), (2, 3, 3)]
    first, second = (desk.registrar.get(desk.at(f"tisk/?den=2027-01-11&cast={part}")) for part in (1, 2))
    assert first.headers["Content-Disposition"] == 'inline; filename="certifikaty-2027-01-11-1.pdf"'
    for page, names in ((first, ("Nová0", "Nová3")), (second, ("Nová1",))):
        with pypdfium2.PdfDocument(page.content) as document:
            assert len(document) == len(names)
            for sheet, name in zip(document, names, strict=True):
                assert name in sheet.get_textpage().get_text_range()


def test_many_papers_ask_the_database_as_often_as_one(desk: Desk, day: list[Dose]) -> None:
    asked, address = [], desk.at("tisk/?den=2027-01-11")
    desk.registrar.get(address)  # some things are asked by the first request alone
    for place in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            assert desk.registrar.get(address).status_code == 200
        asked.append(len(queries))
        assert len([query for query in queries if "certificates_signercertificate" in query["sql"]]) == 1
        make_certificate(day[place])
    assert asked[0] == asked[1]


def test_a_thousand_people_cost_no_more_questions_and_stand_on_pages(
    desk: Desk,
    day: list[Dose],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Callable[..., object],
) -> None:
    with django_assert_num_queries(4):  # type: ignore[attr-defined]
        day_certificates.of_day(desk.site, NOW.date(), now=NOW)
    monkeypatch.setattr("certificates.desk.views.days.ROWS_ON_A_PAGE", 2)
    shown = text_of(desk.registrar.get(desk.at("?strana=3")))
    assert "Nová4" in shown
    assert "Nová3" not in shown


def test_whoever_works_elsewhere_sees_no_day(desk: Desk, day: list[Dose]) -> None:
    other = make_site("Jinde")
    outsider = log_in(browser(), make_staff(Role.MANAGER, site=other))
    for path in ("", "tisk/", "vystaveni/"):
        assert outsider.get(desk.at(path)).status_code == 404
        assert outsider.post(desk.at(path), {"den": "2027-01-11"}).status_code == 404
    assert "Nová0" not in text_of(outsider.get(f"/certifikaty/{other.pk}/"))
