"""The list to call: whom, with which telephone, what came of it, and the time that was agreed."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crs.messaging.models import Message
from logistics.models import Role, VaccinationSite
from registration.models import PersonLook, RegistrationExport
from reservation.affected import affected, call_list, call_list_pdf, rearranging, views
from reservation.models import AffectedAppointment, AffectedCall, Appointment, Postponement, Reservation, Slot
from tests import factories, pages
from tests.factories import NOW
from tests.pages import send_form, text_of, text_of_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HOURS = AffectedAppointment.Cause.HOURS
TODAY = NOW.date()


@pytest.fixture
def registrar(site: VaccinationSite) -> User:
    return factories.make_staff(Role.REGISTRAR, site=site)


@pytest.fixture
def browser(registrar: User) -> Client:
    client = pages.browser()
    pages.log_in(client, registrar)
    return client


@pytest.fixture
def address(site: VaccinationSite) -> str:
    return f"/personal/kalendar/{site.pk}/obvolani/"


def handed_over(reservation: Reservation, *doses: int) -> list[AffectedAppointment]:
    theirs = reservation.appointments.filter(dose_number__in=doses or (1,))
    keys = affected.hand_over(appointment_ids=list(theirs.values_list("pk", flat=True)), cause=HOURS, now=NOW)
    return list(AffectedAppointment.objects.filter(pk__in=keys).order_by("pk"))


@pytest.fixture
def row(site: VaccinationSite) -> AffectedAppointment:
    registration = factories.make_registration(phone="+420601234567", landline="+420381234567")
    return handed_over(factories.make_reservation(registration, site=site, day=1))[0]


def test_the_list_shows_whom_to_call_and_leaves_whoever_has_another_time(
    browser: Client, address: str, row: AffectedAppointment
) -> None:
    read = text_of(browser.get(address))
    for shown in ("Nováková Jana", "601 234 567", "381 234 567", "Tue 12. 1. 9:00", "dose 2: Tue 2. 2. 2027 9:00"):
        assert shown in read
    assert PersonLook.objects.filter(page="reservation:call_list").count() == 1
    Appointment.objects.filter(pk=row.appointment_id).update(state=Appointment.State.FULFILLED)
    assert "Nobody is to be called." in text_of(browser.get(address))


def test_calls_are_written_down_once_and_narrow_the_list(
    browser: Client, address: str, row: AffectedAppointment, registrar: User
) -> None:
    pressed = {"outcome": "NO_ANSWER", "form_key": "0b6b8f62-7f64-4a43-8a5c-000000000001"}
    for _ in range(2):
        browser.post(f"{address}{row.pk}/hovor/", pressed)
    assert [(one.outcome, one.called_by) for one in AffectedCall.objects.all()] == [("NO_ANSWER", registrar)]
    assert "no answer" in text_of(browser.get(address))
    assert "Nováková" in text_of(browser.get(f"{address}?kdo=nedovolani"))
    send_form(browser, f"{address}{row.pk}/hovor/", outcome="REACHED")
    assert "Nováková" not in text_of(browser.get(f"{address}?kdo=nedovolani"))
    refused = send_form(browser, f"{address}{row.pk}/hovor/", outcome="NONSENSE")
    assert "Press one of the buttons." in text_of(refused)
    assert AffectedCall.objects.count() == 2


def test_the_agreed_time_is_booked_and_the_next_dose_that_does_not_fit_is_asked_for(
    browser: Client, address: str, row: AffectedAppointment, site: VaccinationSite
) -> None:
    near, far = (factories.make_slot(day, "10:00", "ANY", site=site) for day in (0, 8))
    days = browser.get(f"{address}{row.pk}/")
    assert "Tue 19. 1. 2027, 1 free place" in text_of(days)
    assert f'value="{near.pk}"' not in days.content.decode()
    assert f'value="{near.pk}"' in browser.get(f"{address}{row.pk}/?den={near.day}").content.decode()
    assert browser.get(f"{address}{row.pk}/?den=nonsense").status_code == 200
    answer = send_form(browser, f"{address}{row.pk}/termin/", slot=far.pk)
    following = affected.open_at(NOW).get()
    assert following.appointment.dose_number == 2
    assert answer.headers["Location"] == f"{address}{following.pk}/"
    assert Appointment.objects.get(pk=row.appointment_id).slot == far
    # What still waited about the first time goes out no more; the next dose is told of.
    told = list(Message.objects.order_by("pk").values_list("template", "state"))
    assert told == [
        ("reservation/affected", "CANCELLED"),
        ("reservation/arranged", "QUEUED"),
        ("reservation/affected", "QUEUED"),
    ]
    late = factories.make_slot(30, "10:00", "ANY", site=site)
    answer = send_form(browser, f"{address}{following.pk}/termin/", slot=late.pk)
    assert answer.headers["Location"] == address
    assert not affected.open_at(NOW).exists()


def test_a_time_that_went_meanwhile_is_refused_in_words(
    browser: Client, address: str, row: AffectedAppointment, site: VaccinationSite
) -> None:
    slot = factories.make_slot(2, "10:00", "ANY", site=site)
    Slot.objects.filter(pk=slot.pk).update(booked=1)
    factories.make_slot(2, "11:00", "ANY", site=site)
    page = send_form(browser, f"{address}{row.pk}/termin/", slot=slot.pk)
    assert "Somebody else has just taken this time" in text_of(page)
    assert "Free times of the day: Choose a time." in text_of(send_form(browser, f"{address}{row.pk}/termin/", slot=""))


def test_the_time_that_cannot_stay_is_no_other_time(
    browser: Client, address: str, row: AffectedAppointment, site: VaccinationSite
) -> None:
    Postponement.objects.create(
        registration=row.appointment.reservation.registration, ended_on=TODAY, not_before=TODAY + timedelta(days=60)
    )
    early, late = (factories.make_slot(day, "10:00", "ANY", site=site) for day in (59, 60))
    page = browser.get(f"{address}{row.pk}/").content.decode()
    offered = [slot for slot in (row.slot, early, late) if f'value="{slot.day}"' in page]
    assert offered == [late]
    for slot in (row.slot, early):
        assert "is booked, and the person is told" not in text_of(
            send_form(browser, f"{address}{row.pk}/termin/", slot=slot.pk)
        )
    assert affected.open_at(NOW).filter(pk=row.pk).exists()


def test_whoever_comes_as_booked_is_told_so_once(browser: Client, address: str, row: AffectedAppointment) -> None:
    for _ in range(2):
        send_form(browser, f"{address}{row.pk}/plati/")
    (message,) = Message.objects.filter(template="reservation/kept")
    assert "12.1.2027 09:00" in (message.text or "")
    assert "Nothing more is to be done." in text_of(browser.get(f"{address}{row.pk}/"))
    row.refresh_from_db()
    assert row.kept_at == NOW


def test_the_list_leaves_as_a_file_and_on_paper_and_that_is_kept(
    browser: Client, address: str, row: AffectedAppointment, site: VaccinationSite
) -> None:
    file = browser.post(f"{address}soubor/").content.decode("utf-8-sig")
    assert file.splitlines()[0].startswith("Time;Surname;First name")
    assert "2027-01-12 09:00;Nováková;Jana;1940-05-01;1;Comirnaty;601 234 567;381 234 567;" in file
    paper = browser.post(f"{address}tisk/")
    assert paper.headers["Content-Type"] == "application/pdf"
    read = text_of_pdf(paper.content)
    assert "Nováková Jana" in read
    assert "601 234 567" in read
    left = RegistrationExport.objects.values_list("what", "rows")
    assert list(left) == [(f"call list, site {site.pk}", 1)] * 2


def test_a_refusal_is_read_where_no_time_is_left(browser: Client, address: str, row: AffectedAppointment) -> None:
    gone = factories.make_slot(2, "10:00", "ANY", site=row.slot.site, booked=1)
    page = text_of(send_form(browser, f"{address}{row.pk}/termin/", slot=gone.pk))
    assert "No free time of this site fits." in page
    assert "Somebody else has just taken this time" in page


def test_a_person_with_two_affected_doses_is_called_once(browser: Client, address: str, site: VaccinationSite) -> None:
    first, second = handed_over(factories.make_reservation(site=site, day=1), 1, 2)
    page = text_of(browser.get(address))
    assert "1 person is on the list." in page
    assert "dose 2: Tue 2. 2. 2027 9:00 ( cannot stay either )" in page
    assert f"{address}{second.pk}/" in browser.get(f"{address}{first.pk}/").content.decode()
    assert "cannot stay either" in browser.post(f"{address}soubor/").content.decode()
    # A call about one is a call to the person, whichever is asked about.
    send_form(browser, f"{address}{second.pk}/hovor/", outcome="REACHED")
    assert "Nobody is to be called." in text_of(browser.get(f"{address}?kdo=nedovolani"))
    (line,) = call_list.by_site(VaccinationSite.objects.all(), now=NOW)
    assert (line.open, line.not_reached) == (2, 0)
    rearranging.move(row=first, slot_id=factories.make_slot(2, "10:00", "ANY", site=site).pk, now=NOW)
    assert f"{address}{second.pk}/" in browser.get(address).content.decode()


def test_a_list_of_any_length_leaves_whole(
    browser: Client, address: str, row: AffectedAppointment, site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_list_pdf, "ROWS_IN_A_PART", 1)
    monkeypatch.setattr(views, "ROWS_AT_ONCE", 1)
    handed_over(factories.make_reservation(site=site, day=2))
    assert "Print the list 2 – 2" in text_of(browser.get(address))
    second = text_of_pdf(browser.post(f"{address}tisk/", {"cast": "2"}).content)
    assert "Wed 13. 1. 9:00" in second
    assert "Tue 12. 1. 9:00" not in second
    assert len(browser.post(f"{address}soubor/").content.splitlines()) == 3
    assert "Fewer people" in text_of(browser.post(f"{address}tisk/", {"cast": "3"}, follow=True))
    assert sorted(RegistrationExport.objects.values_list("rows", flat=True)) == [1, 2]


def test_a_time_that_has_passed_stays_on_the_list(browser: Client, address: str, row: AffectedAppointment) -> None:
    Slot.objects.filter(pk=row.slot_id).update(starts_at=NOW - timedelta(hours=1))
    assert "has passed" in text_of(browser.get(address))


def test_people_of_another_site_are_not_found(browser: Client, address: str) -> None:
    other = factories.make_site("Jinde", "CZ0642")
    (elsewhere,) = handed_over(factories.make_reservation(site=other, day=1))
    assert browser.get(f"{address}{elsewhere.pk}/").status_code == 404
    for act in ("hovor", "termin", "plati"):
        assert browser.post(f"{address}{elsewhere.pk}/{act}/").status_code == 404


def test_region_and_ministry_see_the_sites_with_open_appointments_without_names(
    site: VaccinationSite, row: AffectedAppointment
) -> None:
    other = factories.make_site("Jinde", "CZ0642")
    rows = handed_over(factories.make_reservation(site=other, day=1), 1, 2)
    caller = factories.make_staff(Role.REGISTRAR, site=other)
    affected.record_call(affected_id=rows[0].pk, outcome=AffectedCall.Outcome.REACHED, by=caller, now=NOW)

    def read(user: User, address: str = "/personal/kalendar/obvolani/") -> str:
        client = pages.browser()
        pages.log_in(client, user)
        return text_of(client.get(address))

    of_region = read(factories.make_staff(Role.REGION, region="CZ064"))
    assert "Jinde" in of_region
    assert site.name not in of_region
    assert "Nováková" not in of_region
    ministry = factories.make_staff(Role.MINISTRY)
    assert f"{site.name} " in read(ministry)
    assert "Jinde" in read(ministry)
    assert site.name not in read(ministry, "/personal/kalendar/obvolani/?kraj=CZ064")
    assert "3 appointments" in read(ministry)


def test_the_list_costs_the_same_for_more_people(
    browser: Client, address: str, row: AffectedAppointment, site: VaccinationSite, django_assert_max_num_queries: Any
) -> None:
    for clock in ("09:00", "09:15", "09:30"):
        handed_over(factories.make_reservation(site=site, day=2, clock=clock), 1, 2)
    browser.get(address)
    with django_assert_max_num_queries(22):
        browser.get(address)
