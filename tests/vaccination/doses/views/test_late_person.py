"""A dose of yesterday whose person is not simply a line of the printed list: from the search to the record."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from logistics.models import Vaccine
from registration import number
from registration.models import Registration
from reservation.arranging import arrangements
from tests.factories import NOW, at, make_registration, make_reservation, make_site
from tests.pages import Page, browser, log_in, send_form, text_of
from tests.vaccination.doses.views.conftest import Room
from vaccination.models import Dose, Question, RuleOverride, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = NOW.date()
CARD = {"identity": "CITIZEN_CARD", "consent": "SPOKEN"}


@pytest.fixture
def day_after(room: Room) -> Iterator[Room]:
    """The morning after; what was given yesterday is still to be written down."""
    with time_machine.travel(NOW + timedelta(days=1)):
        room.client = log_in(browser(), room.user)
        yield room


def url(name: str, *keys: object) -> str:
    return reverse(f"vaccination:{name}", args=keys)


def search(room: Room, text: str) -> str:
    """The page to which a search from the late entry of yesterday leads."""
    page = room.client.get(url("late_entry", room.site.pk) + f"?den={DAY}").content.decode()
    assert f'name="den" value="{DAY}"' in page
    found = room.client.post(url("search", room.site.pk), {"hledat": text, "den": f"{DAY}"})
    assert found.status_code == 302, text_of(found)
    return found.headers["Location"]


def button(page: Page, text: str) -> str:
    """The address of a link that stands on the page."""
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page.content.decode(), re.DOTALL)
    return next(address for address, words in links if text in " ".join(words.split())).replace("&amp;", "&")


def arrive(room: Room, person: str, **more: object) -> Visit:
    path = button(room.client.get(person), "Write down the visit of 11. 1. 2027")
    assert "Late entry: the person came on Monday 11. 1. 2027." in text_of(room.client.get(path))
    page = send_form(room.client, path, came_time="9.10", **CARD, **more)
    assert page.status_code == 302, text_of(page)
    return Visit.objects.get(pk=page.headers["Location"].split("/")[-2])


def answer(room: Room, visit: Visit, **said: str) -> None:
    answers = {f"answer-{code}": "NO" for code in Question.objects.values_list("code", flat=True)}
    page = send_form(room.client, url("questions", room.site.pk, visit.pk), **(answers | said))
    assert page.status_code in (200, 302)


def record(room: Room, visit: Visit, **more: object) -> Page:
    path = url("vaccinate", room.site.pk, visit.pk)
    typed = {"number": 1, "where": "LEFT_ARM", "doctor": room.doctor.pk, "given_by": room.nurse.pk}
    typed |= {"given_at": "2027-01-11T09:20", "other_vial": room.vial.pk}
    return send_form(room.client, path, **(typed | more))


def missed(room: Room) -> Registration:
    reservation = make_reservation(site=room.site)
    arrangements.miss(appointment=reservation.appointments.get(dose_number=1), now=NOW)
    return reservation.registration


def test_who_is_said_to_have_missed_it_gets_their_dose_of_yesterday(day_after: Room) -> None:
    registration = missed(day_after)
    visit = arrive(day_after, search(day_after, registration.number), vaccine="comirnaty")
    assert (visit.day, visit.arrived_at) == (DAY, at(DAY, "09:10"))
    answer(day_after, visit)
    shown = day_after.client.get(url("vaccinate", day_after.site.pk, visit.pk)).content.decode()
    assert 'value="11. 1. 2027 9:10"' in shown
    assert "Record dose 1" in shown
    assert record(day_after, visit).status_code == 302
    dose = Dose.objects.get()
    assert (dose.given_at, dose.visit, dose.registration) == (at(DAY, "09:20"), visit, registration)
    assert dose.visit is not None
    assert (dose.visit.state, dose.visit.appointment.state) == ("GONE", "FULFILLED")


def test_who_has_a_line_but_answered_yes_is_entered_at_their_own_page_with_the_doctors_reason(day_after: Room) -> None:
    registration = make_reservation(site=day_after.site).registration
    visit = arrive(day_after, search(day_after, "novakova"))
    assert visit.registration == registration
    answer(day_after, visit, **{"answer-severe-reaction": "YES", "words-severe-reaction": "swelling"})
    refused = record(day_after, visit)
    assert "The doctor decides" in text_of(refused)
    assert record(day_after, visit, **{"reason-answers": "under supervision"}).status_code == 302
    assert RuleOverride.objects.get().dose == Dose.objects.get()


@pytest.mark.parametrize("booked", ["another site", "another day", "nowhere"])
def test_who_was_not_on_the_list_is_found_by_number(day_after: Room, booked: str) -> None:
    registration = make_registration(number=number.next_number())
    day_after.site.vaccines.set(Vaccine.objects.filter(pk="comirnaty"))
    if booked != "nowhere":
        site = make_site("Praha") if booked == "another site" else day_after.site
        make_reservation(registration, site=site, day=5)
    visit = arrive(day_after, search(day_after, registration.number), vaccine="comirnaty")
    answer(day_after, visit)
    assert record(day_after, visit).status_code == 302
    assert Dose.objects.get().registration == registration


def test_who_was_sent_away_is_written_down_late(day_after: Room) -> None:
    registration = make_reservation(site=day_after.site).registration
    away = arrive(day_after, search(day_after, registration.number))
    send_form(day_after.client, url("send_away", day_after.site.pk, away.pk), why="MEDICAL")
    visit = arrive(day_after, search(day_after, registration.number))
    answer(day_after, visit)
    assert record(day_after, visit).status_code == 302


def test_a_time_is_asked_for_and_a_vial_too(day_after: Room) -> None:
    registration = make_reservation(site=day_after.site).registration
    person = search(day_after, registration.number)
    path = button(day_after.client.get(person), "Write down the visit")
    assert "Write the time at which the person came" in text_of(send_form(day_after.client, path, **CARD))
    visit = arrive(day_after, person)
    answer(day_after, visit)
    page = record(day_after, visit, given_at="", other_vial="")
    assert "Write day and time." in text_of(page)
    assert "Choose the vial." in text_of(page)


def test_without_a_vial_of_that_day_the_page_says_where_to_open_one(day_after: Room) -> None:
    day_after.vial.delete()
    visit = arrive(day_after, search(day_after, make_reservation(site=day_after.site).registration.number))
    page = text_of(day_after.client.get(url("vaccinate", day_after.site.pk, visit.pk)))
    assert "No vial is recorded for this day. Open it first" in page


def test_a_walk_in_of_yesterday_is_registered_and_entered(day_after: Room) -> None:
    page = day_after.client.post(url("walk_in", day_after.site.pk), {"hledat": "7801010008", "den": f"{DAY}"})
    assert "Late entry: the person came on Monday 11. 1. 2027." in text_of(page)
