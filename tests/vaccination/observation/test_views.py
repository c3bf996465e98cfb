"""The pages of observation."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from logistics.models import VaccinationSite
from tests.factories import NOW, make_sitting
from tests.pages import send_form, summary, text_of
from vaccination.models import Dose, ObservationTime, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def address(site: VaccinationSite) -> str:
    return reverse("vaccination:observation", args=[site.pk])


def leaving(dose: Dose) -> str:
    return reverse("vaccination:leave", args=[dose.site_id, dose.visit_id])


def prolonging(dose: Dose) -> str:
    return reverse("vaccination:prolong", args=[dose.site_id, dose.visit_id])


def state_of(dose: Dose) -> str:
    assert dose.visit_id
    return Visit.objects.get(pk=dose.visit_id).state


def test_the_list_says_who_sits_until_when_and_what_they_got(
    registrar: Client, site: VaccinationSite, dose: Dose
) -> None:
    page = registrar.get(address(site))
    text = text_of(page)
    assert "1 person is sitting here." in text
    assert "Usual time of observation: 15 minutes." in text
    assert "Nováková Jana , 1940 dose 1, Comirnaty, batch EJ6797, given at 9:00" in text
    assert "until 9:15" in text
    assert re.search(r'data-countdown-seconds="(900|8\d\d)"', page.content.decode())  # the clock ticks
    assert "Jana" not in page.content.decode().partition("</title>")[0]
    assert "Reaction…" not in text  # the registrar reports nothing


def test_the_list_takes_as_many_queries_for_many_people_as_for_one(nurse: Client, site: VaccinationSite) -> None:
    counts = []
    for _ in range(3):  # the first one logs in
        make_sitting(site)
        with CaptureQueriesContext(connection) as queries:
            nurse.get(address(site))
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 12


def test_a_script_reads_the_list_alone(registrar: Client, site: VaccinationSite, dose: Dose) -> None:
    part = registrar.get(address(site), {"cast": "seznam"}).content.decode()
    assert "Nováková Jana" in part
    assert "<html" not in part
    assert 'name="form_key"' in part
    assert "csrfmiddlewaretoken" in part


def test_a_nurse_lets_somebody_go_whose_time_is_over(nurse: Client, site: VaccinationSite, dose: Dose) -> None:
    with time_machine.travel(NOW + timedelta(minutes=16)):
        assert "1 of them may go." in text_of(nurse.get(address(site)))
        page = nurse.post(leaving(dose), follow=True)
    assert state_of(dose) == "GONE"
    assert "Jana Nováková has gone." in text_of(page)
    assert "Nobody is sitting here." in text_of(page)


def test_whoever_was_let_go_by_mistake_sits_again_with_the_same_time(
    nurse: Client, site: VaccinationSite, dose: Dose
) -> None:
    back = reverse("vaccination:take_leave_back", args=[site.pk, dose.visit_id])
    nurse.post(leaving(dose), {"reason": "na vlastní žádost"})
    assert back in nurse.get(address(site), {"odesel": str(dose.visit_id)}).content.decode()
    for _ in range(2):  # the second press finds the person sitting
        assert "Jana Nováková sits here again." in text_of(nurse.post(back, follow=True))
        assert state_of(dose) == "OBSERVED"
    assert "until 9:15" in text_of(nurse.get(address(site)))
    nurse.post(leaving(dose), {"reason": "na vlastní žádost"})
    Visit.objects.update(day=NOW.date() - timedelta(days=1))
    assert "Only somebody who left today" in text_of(nurse.post(back, follow=True))
    assert state_of(dose) == "GONE"
    assert nurse.get(back)["Location"] == address(site)


def test_the_second_nurse_is_led_back_to_the_list_too(nurse: Client, registrar: Client, dose: Dose) -> None:
    with time_machine.travel(NOW + timedelta(minutes=16)):
        answers = [client.post(leaving(dose)) for client in (nurse, registrar)]
    assert [one.status_code for one in answers] == [302, 302]


def test_leaving_early_asks_why_and_keeps_nothing_silent(registrar: Client, dose: Dose) -> None:
    page = registrar.post(leaving(dose))
    assert "The observation ends at 9:15, in 15 minutes." in text_of(page)
    assert not summary(page)  # nothing was wrong yet
    assert "in 15 minutes." in text_of(registrar.get(leaving(dose)))
    page = registrar.post(leaving(dose), {"reason": " \u200b "})
    assert "Write why the person goes earlier." in summary(page)
    assert state_of(dose) == "OBSERVED"
    registrar.post(leaving(dose), {"reason": "na vlastní žádost, poučena"})
    assert state_of(dose) == "GONE"


def test_somebody_is_kept_longer_and_the_list_says_why(registrar: Client, site: VaccinationSite, dose: Dose) -> None:
    assert "The observation ends at 9:15." in text_of(registrar.get(prolonging(dose)))
    page = send_form(registrar, prolonging(dose), minutes="patnáct", note="")
    assert "Write a whole number from" in summary(page)
    assert 'value="patnáct"' in page.content.decode()
    page = send_form(registrar, prolonging(dose), minutes="300", note="závrať")
    assert "Write between 5 and 240 minutes." in summary(page)
    send_form(registrar, prolonging(dose), minutes="15", note="závrať")
    text = text_of(registrar.get(address(site)))
    assert "until 9:30" in text
    assert "Kept longer: závrať" in text


def test_nobody_is_kept_longer_after_they_went(registrar: Client, dose: Dose) -> None:
    Visit.objects.update(state="GONE", left_at=NOW)
    page = registrar.get(prolonging(dose), follow=True)
    assert "This person is not under observation now." in text_of(page)


def test_the_manager_sets_the_time_of_the_site(manager: Client, site: VaccinationSite) -> None:
    page_of_time = reverse("vaccination:observation_time", args=[site.pk])
    assert "Today people sit here for 15 minutes after a dose." in text_of(manager.get(page_of_time))
    for typed, refusal in (
        ({"minutes": "10", "valid_from": "2027-01-11"}, "Write a whole number from 15 to"),
        ({"minutes": "20", "valid_from": "10. 1. 2027"}, "The day must be today or later"),
        ({"minutes": "20", "valid_from": "31. 2. 2027"}, "There is no such day in the calendar."),
    ):
        assert refusal in summary(send_form(manager, page_of_time, **typed))
    page = manager.post(page_of_time, {"minutes": "20", "valid_from": "11. 1. 2027"}, follow=True)
    assert "Today people sit here for 20 minutes after a dose." in text_of(page)
    assert ObservationTime.objects.get(site=site).minutes == 20


def test_staff_of_another_site_find_nobody_here(nurse_elsewhere: Client, dose: Dose, site: VaccinationSite) -> None:
    assert nurse_elsewhere.get(address(site)).status_code == 404
    assert nurse_elsewhere.post(leaving(dose)).status_code == 404
    assert nurse_elsewhere.post(prolonging(dose)).status_code == 404


def test_a_visit_of_another_site_is_not_reached_through_ones_own(nurse_elsewhere: Client, dose: Dose) -> None:
    elsewhere = VaccinationSite.objects.get(name="Jinde")
    for name in ("leave", "prolong", "take_leave_back"):
        page = nurse_elsewhere.post(reverse(f"vaccination:{name}", args=[elsewhere.pk, dose.visit_id]))
        assert page.status_code == 404
    assert state_of(dose) == "OBSERVED"
