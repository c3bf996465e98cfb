"""The certificate on the page of a dose."""

import re
from collections.abc import Callable

import pytest

from certificates.desk import dose_section
from certificates.models import IssueRequest
from certificates.models.certificates import Cause
from logistics.models import Role
from tests.certificates.desk.conftest import Desk
from tests.certificates.issuing.conftest import ask
from tests.factories import NOW, make_certificate, make_sitting, make_staff
from tests.pages import browser, log_in, text_of
from vaccination.models import Dose

Complete = Callable[..., Dose]


def shown(desk: Desk, dose: Dose) -> str:
    page = desk.registrar.get(f"/ockovani/{desk.site.pk}/davky/{dose.pk}/")
    assert page.status_code == 200
    return text_of(page)


def test_after_the_last_dose_the_certificate_is_what_comes_next(desk: Desk, complete: Complete) -> None:
    dose = complete()
    assert "There is no certificate of this dose. Issue the certificate" in shown(desk, dose)
    request = ask(dose, Cause.SERIES)
    assert "you can also print it at once. Issue the certificate" in shown(desk, dose)
    IssueRequest.objects.filter(pk=request.pk).update(state="BLOCKED", obstacle="LATIN_NAME")
    assert "then the certificate is issued. Write the name in Latin letters" in shown(desk, dose)
    IssueRequest.objects.filter(pk=request.pk).update(state="HELD", obstacle="")
    assert "Issue the certificate" not in shown(desk, dose)
    certificate = make_certificate(dose)
    page = desk.registrar.get(f"/ockovani/{desk.site.pk}/davky/{dose.pk}/").content.decode()
    assert f'href="{desk.at(f"{certificate.pk}/tisk/")}"' in page
    # The page has one main act, and one way to the certificates of the person.
    new = desk.registrar.get(f"/ockovani/{desk.site.pk}/davky/{dose.pk}/?nova").content.decode()
    assert page.count(f'href="{desk.at(f"osoby/{dose.registration_id}/")}"') == 1
    assert len(re.findall('data-type="solid"[^>]*>', new.partition("<h2>")[0])) <= 1


def test_after_an_earlier_dose_the_person_is_one_link_away(
    desk: Desk, django_assert_num_queries: Callable[..., object]
) -> None:
    dose = make_sitting(desk.site)
    text = shown(desk, dose)
    assert "Print the certificate" not in text
    page = desk.registrar.get(f"/ockovani/{desk.site.pk}/davky/{dose.pk}/").content.decode()
    assert f'href="{desk.at(f"osoby/{dose.registration_id}/")}"' in page
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert dose_section.section(dose, {"see_certificates"}, NOW) is None


def test_whoever_may_not_see_certificates_sees_nothing_of_them(complete: Complete) -> None:
    assert dose_section.section(complete(), set(), NOW) is None


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.VACCINATOR, Role.MANAGER, Role.MINISTRY])
def test_the_bar_leads_to_the_certificates_of_the_day(desk: Desk, role: Role) -> None:
    client = log_in(browser(), make_staff(role, site=None if role == Role.MINISTRY else desk.site))
    page = client.get(f"/ockovani/{desk.site.pk}/")
    assert f'<a href="{desk.at("")}">Certificates</a>' in page.content.decode()
