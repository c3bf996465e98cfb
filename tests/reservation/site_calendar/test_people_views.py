"""Who comes to a site on a day, by name, and that each look at them is written down."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from logistics.models import Role, VaccinationSite
from registration.desk import look_words
from registration.models import Person, PersonLook, RegistrationExport
from reservation.models import AffectedAppointment, Appointment, Slot
from reservation.site_calendar import people, people_paper
from tests.factories import NOW, make_registration, make_reservation, make_staff
from tests.pages import browser, log_in, text_of, text_of_pdf
from tests.reservation.site_calendar.conftest import TOMORROW, address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def comes(site: VaccinationSite, first: str, last: str, clock: str = "09:00", **fields: object) -> Person:
    """Somebody who comes tomorrow."""
    registration = make_registration()
    Person.objects.filter(pk=registration.person_id).update(first_name=first, last_name=last)
    make_reservation(registration, site=site, day=1, clock=clock, **fields)
    person: Person = registration.person
    return person


def test_tomorrows_people_stand_by_time_and_czech_name(staff: Client, site: VaccinationSite) -> None:
    comes(site, "Jana", "Chalupová")
    comes(site, "Petr", "Hora")
    comes(site, "Iva", "Čermáková", clock="08:00")
    comes(site, "Ota", "Držitel", state="HELD", confirmed_at=None, held_until=NOW + timedelta(minutes=5))
    comes(site, "Eva", "Odhlášená", state="CANCELLED")
    came = comes(site, "Max", "Zrada")
    Appointment.objects.filter(reservation__registration__person=came, dose_number=1).update(state="FULFILLED")
    slot = Slot.objects.get(day=TOMORROW, wall_time="08:00")
    appointment = slot.appointments.get()
    AffectedAppointment.objects.create(appointment=appointment, slot=slot, cause="HOURS", made_at=NOW)
    text = text_of(staff.get(address(site, f"{TOMORROW}/lide/")))
    order = [
        "8:00 Čermáková Iva 1940 1. Comirnaty time cannot stay",
        "Hora Petr",
        "Chalupová Jana",
        "Zrada Max",
    ]
    places = [text.index(one) for one in order]
    assert places == sorted(places)
    assert "4 people are on the list. 1 more place is held" in text
    assert "Zrada Max 1940 1. Comirnaty dose given" in text
    assert "Držitel" not in text
    assert "Odhlášená" not in text


def test_each_look_is_written_down_before_anything_is_shown(
    staff: Client, manager: User, site: VaccinationSite
) -> None:
    seen = {comes(site, "Jana", "Nová").pk, comes(site, "Petr", "Starý").pk}
    page = address(site, f"{TOMORROW}/lide/")
    for _ in range(2):  # loaded again it is the same look
        staff.get(page)
    assert set(PersonLook.objects.values_list("person", "user", "page")) == {
        (person, manager.pk, "reservation:calendar_people") for person in seen
    }
    assert PersonLook.objects.count() == 2
    assert str(look_words.of_page("reservation:calendar_people")) != "reservation:calendar_people"
    staff.get(address(site))
    staff.get(address(site, TOMORROW))
    assert PersonLook.objects.count() == 2


def test_a_file_and_a_paper_leave_with_the_names_and_are_written_down(
    staff: Client, manager: User, site: VaccinationSite
) -> None:
    comes(site, "=1+1", "Nová")
    comes(site, "Nguyễn", "Шевченко", clock="10:15")
    table = staff.post(address(site, f"{TOMORROW}/lide.csv"))
    lines = table.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "No.;Time;Surname;First name;Year of birth;Dose;Vaccine;State"
    assert lines[1] == "1;9:00;Nová;'=1+1;1940;1;Comirnaty;booked"
    assert "lide-2027-01-12.csv" in table.headers["Content-Disposition"]
    paper = staff.post(address(site, f"{TOMORROW}/lide.pdf"))
    text = text_of_pdf(paper.content)
    assert "10:15 Шевченко Nguyễn 1940 1. Comirnaty booked" in text
    assert "Who comes: Tuesday 12. 1. 2027" in text
    assert "2 people are on the list." in text
    left = set(RegistrationExport.objects.values_list("what", "rows", "user"))
    assert left == {(f"people of a day {TOMORROW} {site.pk}", 2, manager.pk)}
    assert RegistrationExport.objects.count() == 2
    assert staff.post(address(site, f"{TOMORROW}/lide.pdf"), {"cast": "2"}).status_code == 404


def test_a_page_that_is_opened_ahead_or_again_lets_no_list_leave(staff: Client, site: VaccinationSite) -> None:
    comes(site, "Jana", "Nová")
    assert {staff.get(address(site, f"{TOMORROW}/{name}")).status_code for name in ("lide.csv", "lide.pdf")} == {405}
    assert not RegistrationExport.objects.exists()


def test_the_list_of_a_big_site_is_printed_in_parts(site: VaccinationSite) -> None:
    comes(site, "Jana", "Nová")
    found = people.people(site, TOMORROW, now=NOW)
    many = people.People(site, TOMORROW, NOW, found.comers * 225, held=0)
    assert people_paper.parts(many) == [(1, 1, 224), (2, 225, 225)]


def test_those_without_the_act_read_no_name(site: VaccinationSite) -> None:
    comes(site, "Jana", "Nová")
    keeper = log_in(browser(), make_staff(Role.STOCK_KEEPER, site=site))
    assert keeper.get(address(site, f"{TOMORROW}/lide/")).status_code == 404
    assert not PersonLook.objects.exists()
