"""The pages of a site's day, as a registrar, a colleague and an outsider see them."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from logistics.models import Role, VaccinationSite
from registration import number
from registration.models import GroupRule, Person, Registration
from registration.people.identity_document import IdentityDocument
from reservation.models import Appointment, Reservation, Slot
from tests.factories import (
    NOW,
    make_dose,
    make_invitation,
    make_open_vial,
    make_registration,
    make_reservation,
    make_site,
    make_sitting,
    make_slot,
    make_staff,
    make_visit,
)
from tests.pages import Page, browser, log_in, send_form, text_of
from vaccination.models import Visit
from vaccination.timeline import openings
from vaccination.visits import known_people
from vaccination.visits.known_people import SESSION_KEY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
CARD = {"identity": "CITIZEN_CARD", "consent": "SPOKEN"}


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def desk(site: VaccinationSite) -> Client:
    """The browser of a registrar of the site."""
    return log_in(browser(), make_staff(Role.REGISTRAR, site=site))


def url(name: str, *arguments: object) -> str:
    return reverse(f"vaccination:{name}", args=arguments)


def due(reservation: Reservation) -> Appointment:
    return reservation.appointments.get(dose_number=1)


def look_for(desk: Client, site: VaccinationSite, text: str) -> Page:
    return desk.post(url("search", site.pk), {"hledat": text})


def test_the_day_shows_its_people_counts_and_when_it_was_read(site: VaccinationSite, desk: Client) -> None:
    make_reservation(site=site)
    make_visit(site=site)
    page = text_of(desk.get(url("day", site.pk)))
    assert "Everybody 2 expected 1 waiting 1" in page
    assert "The list as it was at 9:00:" in page
    assert page.count("Nováková Jana") == 2


def test_the_day_is_narrowed_to_those_who_stand_somewhere(site: VaccinationSite, desk: Client) -> None:
    make_reservation(site=site)
    make_visit(site=site)
    for chosen, shown in (("cekaji", 1), ("ocekavani", 1), ("odesli", 0), ("nonsense", 2)):
        page = text_of(desk.get(url("day", site.pk), {"stav": chosen}))
        assert page.count("Nováková Jana") == shown, chosen


def test_other_days_are_a_link_away_and_nonsense_is_none(site: VaccinationSite, desk: Client) -> None:
    page = desk.get(url("day", site.pk), {"den": "2027-01-12"}).content.decode()
    assert "?den=2027-01-11" in page
    assert "?den=2027-01-13" in page
    for nonsense in ("2027-13-40", "9999-12-31", "0001-01-01", "x", "\x00"):
        assert desk.get(url("day", site.pk), {"den": nonsense}).status_code == 404, nonsense


def test_the_list_alone_is_read_again_by_the_page(site: VaccinationSite, desk: Client) -> None:
    make_reservation(site=site)
    part = desk.get(url("day", site.pk), {"cast": "seznam"}).content.decode()
    assert "Nováková Jana" in part
    assert "<html" not in part


def test_a_thousand_people_take_few_queries(site: VaccinationSite, desk: Client) -> None:
    _thousand_people(site)
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(url("day", site.pk))
    assert page.content.decode().count("<tr data-kind") == 1000
    assert len(queries) <= 12, [query["sql"][:80] for query in queries]


def _thousand_people(site: VaccinationSite) -> None:
    people = [
        Person(
            first_name="Jana",
            last_name="Nováková",
            insured_number_hash=f"{number:x}",
            birth_date=NOW.date() - timedelta(days=20000),
        )
        for number in range(1000)
    ]
    Person.objects.bulk_create(people)
    registrations = [
        Registration(number=f"9{number:08}", person=person, phone="", consented_at=NOW)
        for number, person in enumerate(people)
    ]
    Registration.objects.bulk_create(registrations)
    slot = make_slot(0, capacity=2000, for_doses="ANY", site=site)
    values: dict[str, Any] = {"state": "CONFIRMED", "pairing": "EXACT", "held_until": NOW, "confirmed_at": NOW}
    reservations = [Reservation(registration=one, is_by_staff=True, **values) for one in registrations]
    with transaction.atomic():
        Reservation.objects.bulk_create(reservations)
        Appointment.objects.bulk_create(Appointment(reservation=one, dose_number=1, slot=slot) for one in reservations)


def test_a_search_that_is_too_long_is_refused_in_words(site: VaccinationSite, desk: Client) -> None:
    assert "longer than any name or number" in text_of(look_for(desk, site, "Jana Nováková " * 40))


def test_one_hit_leads_straight_to_check_in_or_to_the_visit(site: VaccinationSite, desk: Client) -> None:
    reservation = make_reservation(site=site)
    expected = url("check_in", site.pk, due(reservation).pk)
    assert look_for(desk, site, "novakova").headers["Location"] == expected
    visit = make_visit(reservation.registration, site=site)
    assert look_for(desk, site, reservation.check_in_code).headers["Location"] == url("visit", site.pk, visit.pk)


def test_several_hits_are_listed_and_none_says_how_to_go_on(site: VaccinationSite, desk: Client) -> None:
    for _ in range(2):
        make_reservation(site=site)
    assert text_of(look_for(desk, site, "nova")).count("Nováková Jana") == 2
    assert "Nobody like that was found." in text_of(look_for(desk, site, "zeman"))


def test_nobody_is_opened_by_counting_keys(site: VaccinationSite, desk: Client) -> None:
    stranger = make_registration()
    for name in ("person", "check_in_today"):
        assert desk.get(url(name, site.pk, stranger.pk)).status_code == 404
    desk.post(url("search", site.pk), {"hledat": stranger.number})
    session = desk.session
    session[SESSION_KEY] = [stranger.pk]
    session.save()
    assert desk.get(url("person", site.pk, stranger.pk)).status_code == 200


def told(desk: Client, site: VaccinationSite, registration: Registration) -> str:
    """What the desk reads about somebody whom it found by a number."""
    session = desk.session
    session[SESSION_KEY] = [registration.pk]
    session.save()
    return text_of(desk.get(url("person", site.pk, registration.pk)))


def test_whoever_is_not_on_the_list_is_told_of_in_clear_sentences(site: VaccinationSite, desk: Client) -> None:
    other_day = make_reservation(site=site, day=2).registration
    assert "booked here, but for another day: Wednesday 13. 1. 2027 at 9:00" in told(desk, site, other_day)
    elsewhere = make_reservation(site=make_site("Praha O2")).registration
    assert "booked today at 9:00 at another site: Praha O2" in told(desk, site, elsewhere)
    waiting = make_registration()
    assert "registered and waits for an invitation" in told(desk, site, waiting)
    GroupRule.objects.update(invites_from=None)
    assert "was not invited yet" in told(desk, site, waiting)
    make_invitation(waiting)
    assert "was invited but has not chosen a time yet" in told(desk, site, waiting)
    done = make_registration(state="COMPLETED")
    assert "All doses are recorded" in told(desk, site, done)
    cancelled = make_registration(state="CANCELLED")
    page = told(desk, site, cancelled)
    assert "The registration was cancelled." in page
    assert "Check in here today" not in page


def test_whoever_missed_the_second_dose_is_given_another_time_by_the_nurse(site: VaccinationSite) -> None:
    dose = make_sitting(site)
    assert dose.visit
    assert dose.registration
    Appointment.objects.filter(pk=dose.visit.appointment_id).update(state="FULFILLED")
    Appointment.objects.filter(dose_number=2).update(state="MISSED")
    for role, sees in ((Role.VACCINATOR, True), (Role.REGISTRAR, False)):
        desk = log_in(browser(), make_staff(role, site=site))
        told(desk, site, dose.registration)
        page = desk.get(url("person", site.pk, dose.registration.pk)).content.decode()
        assert (f'<a href="{url("dose", site.pk, dose.pk)}">Time of the next dose</a>' in page) == sees


def test_somebody_is_checked_in_with_one_button(site: VaccinationSite, desk: Client) -> None:
    appointment = due(make_reservation(site=site))
    page = send_form(desk, url("check_in", site.pk, appointment.pk), **CARD, phone="601 234 567")
    visit = Visit.objects.get(appointment=appointment)
    assert page.headers["Location"] == url("visit", site.pk, visit.pk)
    assert str(visit.registration.phone) == "+420601234567"
    assert "arrived" in text_of(desk.get(page.headers["Location"]))


def test_a_double_click_leads_twice_to_one_visit(site: VaccinationSite, desk: Client) -> None:
    appointment, key = due(make_reservation(site=site)), uuid4()
    pages = [send_form(desk, url("check_in", site.pk, appointment.pk), **CARD, form_key=key) for _ in range(2)]
    assert pages[0].headers["Location"] == pages[1].headers["Location"]


def test_a_second_desk_is_led_to_the_visit_that_stands(site: VaccinationSite, desk: Client) -> None:
    appointment = due(make_reservation(site=site))
    for _ in range(2):
        page = send_form(desk, url("check_in", site.pk, appointment.pk), **CARD)
    visit = Visit.objects.get(appointment=appointment)
    assert page.headers["Location"] == url("visit", site.pk, visit.pk)
    assert "checked in already" in text_of(desk.get(page.headers["Location"]))


def test_another_way_of_proving_identity_needs_words_and_keeps_what_was_typed(
    site: VaccinationSite, desk: Client
) -> None:
    path = url("check_in", site.pk, due(make_reservation(site=site)).pk)
    page = send_form(desk, path, identity="OTHER", consent="SIGNED", city="Kolín", phone="12")
    assert "Write how the person proved who they are." in text_of(page)
    assert 'value="Kolín"' in page.content.decode()
    assert not Visit.objects.exists()


def test_a_telephone_without_sms_that_was_known_before_stays(site: VaccinationSite, desk: Client) -> None:
    registration = make_registration(phone="+420224810111")
    appointment = due(make_reservation(registration, site=site))
    path = url("check_in", site.pk, appointment.pk)
    shown = re.search(r'name="phone" value="([^"]*)"', desk.get(path).content.decode())
    assert shown
    assert send_form(desk, path, **CARD, phone=shown[1]).status_code == 302
    registration.refresh_from_db()
    assert str(registration.phone) == "+420224810111"


def test_a_claim_to_a_group_asks_for_its_paper(site: VaccinationSite, desk: Client) -> None:
    claiming = make_registration(claims={"school-staff": "PENDING"})
    appointment = due(make_reservation(claiming, site=site))
    path = url("check_in", site.pk, appointment.pk)
    assert "employee of a school: ask for the paper" in text_of(desk.get(path))
    assert "Choose which paper was shown." in text_of(send_form(desk, path, **CARD))
    assert "is not proved" in text_of(send_form(desk, path, **CARD, claim_proof="MISSING"))
    send_form(desk, path, **CARD, claim_proof="MISSING", claim_note="the doctor knows her")
    assert Visit.objects.get(appointment=appointment).claim_proof == "MISSING"


@pytest.mark.parametrize(("booked", "sentence"), [("08:00", "after the appointment"), ("10:00", "before the appoint")])
def test_early_and_late_are_said(site: VaccinationSite, desk: Client, booked: str, sentence: str) -> None:
    appointment = due(make_reservation(site=site, clock=booked))
    assert f"more than 30 minutes {sentence}" in text_of(desk.get(url("check_in", site.pk, appointment.pk)))


def test_who_came_on_another_day_is_checked_in_today_over_a_full_calendar_with_a_reason(
    site: VaccinationSite, desk: Client
) -> None:
    registration = make_reservation(site=site, day=2).registration
    make_slot(0, "10:00", "ANY", 0, site=site)
    path = url("check_in_today", site.pk, registration.pk)
    assert "Why over the calendar" not in text_of(desk.get(path))
    page = send_form(desk, path, **CARD, vaccine="comirnaty")
    assert "Why over the calendar" in text_of(page)
    send_form(desk, path, **CARD, vaccine="comirnaty", over_reason="came by bus from afar")
    visit = Visit.objects.get(registration=registration)
    assert (visit.came_as, visit.over_capacity_reason) == ("OTHER_DAY", "came by bus from afar")
    assert "came by bus from afar" in text_of(desk.get(url("visit", site.pk, visit.pk)))


def test_a_check_in_is_taken_back_and_somebody_is_sent_away_with_reasons(site: VaccinationSite, desk: Client) -> None:
    visit = make_visit(site=site)
    path = url("undo_check_in", site.pk, visit.pk)
    assert "Write why the check-in is taken back." in text_of(send_form(desk, path))
    send_form(desk, path, reason="another person")
    assert Visit.objects.get(pk=visit.pk).state == "UNDONE"
    other = make_visit(site=site)
    path = url("send_away", site.pk, other.pk)
    assert "Write the reason." in text_of(send_form(desk, path, why="OTHER"))
    page = send_form(desk, path, why="MEDICAL", note="fever")
    assert "told how to choose another time" in text_of(desk.get(page.headers["Location"]))


def test_the_page_of_a_visit_masks_the_insured_number(site: VaccinationSite, desk: Client) -> None:
    visit = make_visit(site=site)
    number = visit.registration.person.insured_number
    page = desk.get(url("visit", site.pk, visit.pk)).content.decode()
    assert number not in page
    assert f"{number[:6]}/••••" in page


def test_nothing_personal_stands_in_titles_and_addresses(site: VaccinationSite, desk: Client) -> None:
    visit = make_visit(site=site)
    appointment = due(make_reservation(site=site))
    for path in (url("day", site.pk), url("visit", site.pk, visit.pk), url("check_in", site.pk, appointment.pk)):
        title = re.search("<title>(.*?)</title>", desk.get(path).content.decode(), re.DOTALL)
        assert title
        assert "Nov" not in title[1]


def test_the_day_of_another_site_is_closed_to_a_registrar_and_so_are_its_people(
    site: VaccinationSite, desk: Client
) -> None:
    other = make_site("Praha")
    visit, appointment = make_visit(site=other), due(make_reservation(site=other))
    pages = [url("day", other.pk), url("day_list_pdf", other.pk), url("visit", other.pk, visit.pk)]
    pages += [url("check_in", other.pk, appointment.pk), url("undo_check_in", other.pk, visit.pk)]
    # Nor are they opened through the registrar's own site.
    pages += [url("visit", site.pk, visit.pk), url("check_in", site.pk, appointment.pk)]
    pages += [url("send_away", site.pk, visit.pk), url("person", site.pk, visit.registration_id)]
    for path in pages:
        assert desk.get(path).status_code == 404, path
    assert desk.post(url("search", other.pk), {"hledat": "nova"}).status_code == 404


@pytest.mark.parametrize("role", [Role.STOCK_KEEPER, Role.IT, Role.MINISTRY])
def test_only_the_team_checks_in(site: VaccinationSite, role: Role) -> None:
    user = make_staff(role, site=None if role == Role.MINISTRY else site)
    client, appointment = log_in(browser(), user), due(make_reservation(site=site))
    assert client.get(url("check_in", site.pk, appointment.pk)).status_code == 404
    assert client.get(url("day", site.pk)).status_code == (200 if role == Role.MINISTRY else 404)


def test_an_email_that_looks_mistyped_is_sent_twice(site: VaccinationSite, desk: Client) -> None:
    appointment = due(make_reservation(site=site))
    path = url("check_in", site.pk, appointment.pk)
    page = send_form(desk, path, **CARD, email="jana@seznma.cz")
    assert "jana@seznam.cz" in text_of(page)
    noticed = re.search(r'name="email_noticed" value="([^"]*)"', page.content.decode())
    assert noticed
    assert send_form(desk, path, **CARD, email="jana@seznma.cz", email_noticed=noticed[1]).status_code == 302


def test_a_new_telephone_at_the_check_in_is_one_that_gets_our_sms(site: VaccinationSite, desk: Client) -> None:
    appointment = due(make_reservation(site=site))
    page = send_form(desk, url("check_in", site.pk, appointment.pk), **CARD, phone="224 810 111")
    assert page.status_code == 200
    assert "may also stay empty" in text_of(page)


@pytest.mark.parametrize(
    ("is_taken", "sentence"),
    [(False, "The appointment is on 13. 1. 2027 at 9:00 again"), (True, "the former seat was taken meanwhile")],
)
def test_after_a_mistake_the_page_says_where_the_appointment_is(
    site: VaccinationSite, desk: Client, is_taken: bool, sentence: str
) -> None:
    reservation = make_reservation(site=site, day=2)
    former = due(reservation).slot
    make_slot(0, "10:00", "ANY", 5, site=site)
    send_form(desk, url("check_in_today", site.pk, reservation.registration_id), **CARD, vaccine="comirnaty")
    visit = Visit.objects.get()
    if is_taken:
        Slot.objects.filter(pk=former.pk).update(capacity=1, booked=1)
    send_form(desk, url("undo_check_in", site.pk, visit.pk), reason="another person")
    assert sentence in text_of(desk.get(url("visit", site.pk, visit.pk)))


def test_whoever_is_found_by_number_from_elsewhere_is_written_down_once(site: VaccinationSite, desk: Client) -> None:
    stranger = make_registration(number=number.next_number())
    for _ in range(2):
        assert look_for(desk, site, stranger.number).status_code == 302
    with translation.override("en"):
        (opening,) = openings.openings_of(stranger.person)
        told = str(opening.reason)
    assert (opening.site, told[:38]) == (site.name, "the site looked the person up by a num")


def test_whoever_has_a_tie_to_the_site_is_found_without_an_entry(site: VaccinationSite, desk: Client) -> None:
    registration = make_registration(number=number.next_number())
    make_reservation(registration, site=site, day=4)
    assert look_for(desk, site, registration.number).status_code == 302
    assert not openings.openings_of(registration.person)


def test_an_account_finds_so_many_people_an_hour_and_no_more(
    site: VaccinationSite, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_people, "FOUND", replace(known_people.FOUND, most=2))
    first, second, third = (make_registration(number=number.next_number()) for _ in range(3))
    for registration in (first, second):
        assert look_for(desk, site, registration.number).status_code == 302
    assert "too many people by number" in text_of(look_for(desk, site, third.number))
    assert "too many people by number" in text_of(desk.post(url("walk_in", site.pk), {"number": third.number}))
    assert not openings.openings_of(third.person)
    assert desk.get(url("person", site.pk, third.pk)).status_code == 404
    assert look_for(desk, site, first.number).status_code == 302, "who was found before"


@pytest.mark.parametrize("state", ["HELD", "CANCELLED", "EXPIRED"])
def test_a_hold_and_a_cancelled_reservation_are_no_tie(site: VaccinationSite, desk: Client, state: str) -> None:
    registration = make_reservation(site=site, day=3, state=state).registration
    assert desk.get(url("person", site.pk, registration.pk)).status_code == 404


def test_addresses_that_take_forms_only_lead_whoever_opens_them_to_their_page(site: VaccinationSite) -> None:
    manager = log_in(browser(), make_staff(Role.MANAGER, site=site))
    for name, page in (("search", "day"), ("add_station", "team"), ("choose_station", "vials")):
        assert manager.get(url(name, site.pk)).headers["Location"] == url(page, site.pk)
    dose = uuid4()
    assert manager.get(url("next_time", site.pk, dose)).headers["Location"] == url("dose", site.pk, dose)
    assert manager.put(url("search", site.pk)).status_code == 405


def test_whoever_was_only_registered_here_is_found_by_name_and_opened(site: VaccinationSite, desk: Client) -> None:
    made = make_registration()
    assert "Nobody like that" in text_of(look_for(desk, site, "novak"))
    Registration.objects.filter(pk=made.pk).update(registered_at_site=site)
    page = look_for(desk, site, "novak")
    assert "Registered here, nothing booked Nováková Jana" in text_of(page)
    assert desk.get(url("person", site.pk, made.pk)).status_code == 200


def test_the_whole_number_of_a_document_finds_its_holder(site: VaccinationSite, desk: Client) -> None:
    made = make_registration()
    document = IdentityDocument("PASSPORT", "UA", "FE123456")
    Person.objects.filter(pk=made.person_id).update(
        insured_number=None, insured_number_hash="", document_hash=document.lookup_hash
    )
    assert look_for(desk, site, "fe 123456").headers["Location"] == url("person", site.pk, made.pk)
    assert "Nobody like that" in text_of(look_for(desk, site, "fe 123457"))


def test_forms_that_end_a_wait_lead_to_the_visit_where_the_person_waits_no_more(
    site: VaccinationSite, desk: Client
) -> None:
    visit = make_visit(site=site)
    ends = (
        {"state": "OBSERVED", "observe_until": NOW},
        {"state": "SENT_AWAY", "observe_until": None, "sent_away": "MEDICAL", "left_at": NOW},
    )
    for fields in ends:
        Visit.objects.filter(pk=visit.pk).update(**fields)
        for name in ("undo_check_in", "send_away"):
            page = desk.get(url(name, site.pk, visit.pk), follow=True)
            assert page.redirect_chain[0][0] == url("visit", site.pk, visit.pk)
            assert 'data-color="warning"' in page.content.decode()


def test_the_page_of_somebody_sent_home_says_so(site: VaccinationSite, desk: Client) -> None:
    visit = make_visit(site=site)
    Visit.objects.filter(pk=visit.pk).update(state="SENT_AWAY", sent_away="MEDICAL", left_at=NOW)
    page = text_of(desk.get(url("person", site.pk, visit.registration_id)))
    assert "The person came here that day and went without a dose at 9:00: postponed for health reasons." in page


def test_the_desk_hears_that_a_dose_comes_too_early_and_that_another_is_booked_elsewhere(
    site: VaccinationSite, desk: Client
) -> None:
    reservation = make_reservation(site=site)
    Reservation.objects.filter(pk=reservation.pk).update(is_by_staff=True)  # whose doses may lie apart
    first = due(reservation)
    later = reservation.appointments.get(dose_number=2)
    Slot.objects.filter(pk=later.slot_id).update(site=make_site(name="Jinde"))
    address = url("check_in", site.pk, first.pk)
    assert "Dose 2 stays booked at Jinde" in text_of(desk.get(address))
    assert "It is too early" not in text_of(desk.get(address))
    visit = make_visit(site=site)
    make_dose(visit, make_open_vial(site))
    Visit.objects.filter(pk=visit.pk).update(state="GONE", observe_until=NOW, left_at=NOW)
    Appointment.objects.filter(pk=visit.appointment_id).update(state="FULFILLED")
    page = text_of(desk.get(url("person", site.pk, visit.registration_id)))
    assert "It is too early: dose 1 was given on 11. 1. 2027, so dose 2 is due on 1. 2. 2027 at the earliest." in page
