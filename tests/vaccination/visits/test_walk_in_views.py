"""Somebody without an appointment at the desk: looked up, registered, and on to the check-in."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crs.messaging.models import Message
from logistics.models import Role, VaccinationSite
from registration.applying.registering import register
from registration.desk import changes
from registration.models import GroupRule, Person, Registration
from registration.operations import Operation
from reservation.models import Appointment
from tests.cast import ADAM, MARIE, PETR
from tests.factories import ENDED, NOW, make_rule, make_site, make_slot, make_staff
from tests.pages import Page, browser, form_key, log_in, send_form, summary, text_of
from vaccination.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PASSPORT = {"document_type": "PASSPORT", "document_country": "UA", "document_number": "fe 123 456"}
OLENA = {
    **PASSPORT,
    "podle": "doklad",
    "first_name": "Олена",
    "last_name": "Шевченко",
    "latin_first_name": "Olena",
    "latin_last_name": "Shevchenko",
    "birth": "24. 8. 1991",
    "sex": "F",
    "language": "en",
    "consent": "on",
}
PETR_HERE = {
    "podle": "cislo",
    "insured_number": "430305/321",
    "first_name": "Petr",
    "last_name": "Černý",
    "insurer": "211",
    "language": "cs",
    "consent": "on",
}

GUARDIAN = {"guardian_name": "Jana  Svobodová", "guardian_relation": "PARENT"}


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def desk(site: VaccinationSite) -> Client:
    return log_in(browser(), make_staff(Role.REGISTRAR, site=site))


def find(desk: Client, site: VaccinationSite, **typed: str) -> Page:
    return desk.post(reverse("vaccination:walk_in", args=[site.pk]), typed)


def send(desk: Client, site: VaccinationSite, typed: dict[str, str], **more: str) -> Page:
    return send_form(desk, reverse("vaccination:register_walk_in", args=[site.pk]), **{**typed, **more})


def check_in_url(site: VaccinationSite) -> str:
    return reverse("vaccination:check_in_today", args=[site.pk, Registration.objects.get().pk])


# --- looking up ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["385512/123", "385512123\u200b", "šářř+ě+ěš", "registration"])
def test_whoever_is_registered_goes_on_to_the_check_in(desk: Client, site: VaccinationSite, number: str) -> None:
    made = register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    answer = find(desk, site, number=made.number if number == "registration" else number)
    assert answer.headers["Location"] == check_in_url(site)
    assert desk.get(answer.headers["Location"]).status_code == 200


def test_a_number_that_nobody_has_leads_to_the_form_with_the_number_in_it(desk: Client, site: VaccinationSite) -> None:
    page = find(desk, site, number="430305/321")
    assert page.status_code == 200
    assert 'value="430305321"' in page.content.decode()
    assert "<title>" in page.content.decode()
    assert "430305" not in page.content.decode().partition("</title>")[0]


def test_a_number_that_the_search_of_the_day_did_not_find_is_not_typed_again(
    desk: Client, site: VaccinationSite
) -> None:
    page = desk.post(reverse("vaccination:search", args=[site.pk]), {"hledat": "430305/321"})
    assert 'name="hledat" value="430305/321"' in page.content.decode()
    assert 'value="430305321"' in find(desk, site, hledat="430305/321").content.decode()
    assert text_of(find(desk, site, hledat="Černý")).count("Please check") == 0


def test_a_document_that_nobody_has_leads_to_its_form_and_one_that_is_known_to_its_holder(
    desk: Client, site: VaccinationSite
) -> None:
    page = find(desk, site, **PASSPORT)
    assert 'value="FE123456"' in page.content.decode()
    assert '<option value="UA" selected>Ukraine</option>' in page.content.decode()
    send(desk, site, OLENA)
    again = find(desk, site, **(PASSPORT | {"document_number": "FE-123456"}))
    assert again.headers["Location"] == check_in_url(site)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Please fill in the number"),
        ({"number": "38551212"}, "nine or ten"),
        ({"number": "8556201237"}, "typing mistake"),
        ({"number": "100000015"}, "No registration has this number"),
        ({"document_number": "FE123456"}, "Please choose the document"),
        ({"document_type": "PASSPORT", "document_number": "FE123456"}, "Please choose the state"),
        (PASSPORT | {"document_number": ""}, "number of the document"),
        (PASSPORT | {"document_number": "АБ123456"}, "Latin letters and digits"),
    ],
)
def test_a_mistake_is_told_in_words_and_what_was_typed_stays(
    desk: Client, site: VaccinationSite, typed: dict[str, str], said: str
) -> None:
    page = find(desk, site, **typed)
    assert said in summary(page)
    for name, value in typed.items():
        assert page.context["form"].data[name] == value


def test_a_vaccinator_looks_people_up_but_sends_new_ones_to_the_registrar(site: VaccinationSite) -> None:
    nurse = log_in(browser(), make_staff(Role.VACCINATOR, site=site))
    assert "registrar" in summary(find(nurse, site, number="430305/321"))
    assert send(nurse, site, PETR_HERE).status_code == 404
    register(phone=MARIE.phone, details=MARIE.details(), language="cs", now=NOW)
    assert find(nurse, site, number="385512/123").headers["Location"] == check_in_url(site)


# --- registering --------------------------------------------------------------------------------


def test_petr_without_a_telephone_is_registered_and_checked_in(desk: Client, site: VaccinationSite) -> None:
    make_slot(site=site, day=0, for_doses="ANY")
    answer = send(desk, site, PETR_HERE)
    made = Registration.objects.get()
    assert (made.phone, made.email, made.registered_at_site) == ("", "", site)
    form = desk.get(answer.headers["Location"])
    assert "Registered." in text_of(form)
    came = {"form_key": form_key(form), "vaccine": "comirnaty", "identity": "CITIZEN_CARD", "consent": "SPOKEN"}
    desk.post(answer.headers["Location"], came)
    visit = Visit.objects.get()
    assert (visit.registration, visit.came_as, visit.state) == (made, "WALK_IN", "ARRIVED")
    assert Appointment.objects.get().slot.site == site
    assert not Message.objects.filter(recipient="").exists()


def test_olena_with_a_passport_and_a_name_in_cyrillic_is_registered(desk: Client, site: VaccinationSite) -> None:
    answer = send(desk, site, OLENA, phone="+380 67 123 45 67")
    assert answer.headers["Location"] == check_in_url(site)
    person = Person.objects.get()
    assert (str(person), person.latin_first_name, person.latin_last_name) == ("Олена Шевченко", "OLENA", "SHEVCHENKO")
    assert (person.document_type, person.document_country, person.document_number) == ("PASSPORT", "UA", "FE123456")
    assert (person.sex, person.birth_date.isoformat(), person.insurer) == ("F", "1991-08-24", "")
    assert Message.objects.get().recipient == "+380671234567"
    assert desk.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize("first_name", [" \u200b", "-"])
def test_somebody_with_one_name_has_it_as_the_surname(desk: Client, site: VaccinationSite, first_name: str) -> None:
    one = {"first_name": first_name, "last_name": "Sukarno", "latin_first_name": "", "latin_last_name": ""}
    answer = send(desk, site, OLENA | one)
    assert answer.headers["Location"] == check_in_url(site)
    person = Person.objects.get()
    assert (str(person), person.first_name) == ("Sukarno", "")
    assert "Sukarno" in text_of(desk.get(answer.headers["Location"]))


def test_somebody_with_one_name_and_an_insured_number_is_asked_about_it_once(
    desk: Client, site: VaccinationSite
) -> None:
    one = PETR_HERE | {"first_name": "", "last_name": "Suharto"}
    asked = send(desk, site, one)
    assert set(asked.context["form"].errors) == {"first_name"}
    assert send(desk, site, one, one_name_noticed="Suharto").headers["Location"] == check_in_url(site)
    assert str(Person.objects.get()) == "Suharto"


def test_states_of_most_foreigners_come_first_and_each_stands_once(desk: Client, site: VaccinationSite) -> None:
    page = desk.get(reverse("vaccination:walk_in", args=[site.pk]))
    codes = [code for code, _name in page.context["document_form"].fields["document_country"].choices]
    assert codes[:6] == ["", "SK", "UA", "VN", "PL", "RU"]
    assert len(codes) == len(set(codes)) > 190


def test_a_telephone_that_is_none_is_told_once(desk: Client, site: VaccinationSite) -> None:
    page = send(desk, site, OLENA, phone="211 111 111")
    assert len(page.context["form"].errors["phone"]) == 1


@pytest.mark.parametrize(
    ("base", "changes", "field"),
    [
        (OLENA, {"latin_last_name": ""}, "latin_last_name"),
        (OLENA, {"latin_first_name": "Олена"}, "latin_first_name"),
        (OLENA, {"birth": "31. 2. 1991"}, "birth"),
        (OLENA, {"birth": "24. 8. 91"}, "birth"),
        (OLENA, {"birth": "24. 8. 2999"}, "birth"),
        (OLENA, {"birth": "24. 8. 1850"}, "birth"),
        (OLENA | GUARDIAN, {"birth": "24. 8. 2024"}, "birth"),
        (OLENA | GUARDIAN, {"birth": "24. 8. 2015", "guardian_name": ""}, "guardian_name"),
        (OLENA, {"sex": ""}, "sex"),
        (OLENA, {"document_country": "EU"}, "document_country"),
        (OLENA, {"document_number": "*"}, "document_number"),
        (OLENA, {"consent": ""}, "consent"),
        (OLENA, {"phone": "211 111 111"}, "phone"),
        (PETR_HERE, {"insurer": ""}, "insurer"),
        (PETR_HERE, {"insured_number": "430305/32x"}, "insured_number"),
        (PETR_HERE | GUARDIAN, {"insured_number": ADAM.insured_number}, "insured_number"),
        (PETR_HERE, {"email": "petr@seznma.cz"}, "email"),
        (PETR_HERE, {"postcode": "1"}, "postcode"),
        (PETR_HERE, {"postcode": "110 00", "country": "SK"}, "postcode"),
        (PETR_HERE, {"country": "EU"}, "country"),
        (PETR_HERE, {"first_name": "007"}, "first_name"),
        (PETR_HERE, {"first_name": ""}, "first_name"),
        (OLENA, {"first_name": "007"}, "first_name"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_kept(
    desk: Client, site: VaccinationSite, base: dict[str, str], changes: dict[str, str], field: str
) -> None:
    sent = {name: value for name, value in (base | changes).items() if (name, value) != ("consent", "")}
    page = send(desk, site, sent)
    assert page.status_code == 200
    assert set(page.context["form"].errors) == {field}
    assert page.context["form"].data["last_name"] == base["last_name"]
    assert not Person.objects.exists()


@pytest.mark.parametrize("born", ["24.8.1991", "1991-08-24", "24/8/1991", "24081991", "24.\u00a08.\u200b1991"])
def test_a_date_of_birth_is_read_as_people_and_documents_write_it(
    desk: Client, site: VaccinationSite, born: str
) -> None:
    send(desk, site, OLENA, birth=born)
    assert Person.objects.get().birth_date.isoformat() == "1991-08-24"


@pytest.mark.parametrize("state", ["ACTIVE", "COMPLETED"])
def test_whoever_is_registered_already_is_not_registered_twice(desk: Client, site: VaccinationSite, state: str) -> None:
    register(phone=PETR.phone, details=PETR.details(), language="cs", now=NOW)
    Registration.objects.update(state=state)
    answer = desk.post(reverse("vaccination:register_walk_in", args=[site.pk]), PETR_HERE, follow=True)
    assert answer.status_code == 200
    assert "registered already" in text_of(answer)
    assert Registration.objects.count() == 1


def test_a_double_click_registers_once_and_leads_to_one_person(desk: Client, site: VaccinationSite) -> None:
    key = form_key(find(desk, site, number="430305/321"))
    answers = [send(desk, site, PETR_HERE, form_key=key) for _click in range(2)]
    assert {answer.headers["Location"] for answer in answers} == {check_in_url(site)}


def test_the_dead_are_refused_with_what_to_do(desk: Client, site: VaccinationSite) -> None:
    send(desk, site, OLENA)
    Registration.objects.update(**ENDED)
    Person.objects.update(died_on=NOW.date())
    assert "help desk" in summary(send(desk, site, OLENA))


def test_the_page_of_registering_begins_with_who_it_is(desk: Client, site: VaccinationSite) -> None:
    answer = desk.get(reverse("vaccination:register_walk_in", args=[site.pk]))
    assert answer.headers["Location"] == reverse("vaccination:walk_in", args=[site.pk])


def test_the_guardian_of_a_child_is_kept_and_of_an_adult_is_not(desk: Client, site: VaccinationSite) -> None:
    make_rule("age-70", valid_from=NOW, min_age=0)
    for birth in ("24. 8. 2012", "24. 8. 1991"):
        send(desk, site, OLENA | GUARDIAN, birth=birth, document_number=f"FE{birth[-4:]}56")
    child, adult = Registration.objects.order_by("pk")
    assert (child.guardian_name, child.guardian_relation) == ("Jana Svobodová", "PARENT")
    assert (adult.guardian_name, adult.guardian_relation) == ("", "")


def test_whoever_comes_before_their_time_is_registered_if_the_desk_says_so(desk: Client, site: VaccinationSite) -> None:
    GroupRule.objects.exclude(group="age-80").update(registers_from=NOW + timedelta(days=3), invites_from=None)
    page = send(desk, site, OLENA)
    assert "It is too early yet" in text_of(page)
    assert "the site decides" in text_of(page)
    assert not Registration.objects.exists()
    answer = send(desk, site, OLENA, early="1", form_key=form_key(page))
    assert answer.headers["Location"] == check_in_url(site)
    said = [change.text for change in changes.of_registration(Registration.objects.get())]
    assert said == [changes.WORDS[Operation.REGISTER_AT_SITE_EARLY]]


def test_whoever_comes_in_time_is_not_said_to_be_early(desk: Client, site: VaccinationSite) -> None:
    send(desk, site, PETR_HERE, early="1")
    said = [change.text for change in changes.of_registration(Registration.objects.get())]
    assert said == [changes.WORDS[Operation.REGISTER_AT_SITE]]


# --- outsiders ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REGISTRAR, Role.VACCINATOR])
@pytest.mark.parametrize("name", ["walk_in", "register_walk_in"])
def test_staff_of_another_site_find_nothing_here(site: VaccinationSite, role: Role, name: str) -> None:
    outsider = log_in(browser(), make_staff(role, site=make_site("Jinde")))
    for method in (outsider.get, outsider.post):
        answer: Any = method(reverse(f"vaccination:{name}", args=[site.pk]), PETR_HERE)
        assert answer.status_code == 404
    assert not Person.objects.exists()


@pytest.mark.parametrize("role", [Role.REGION, Role.MINISTRY])
def test_offices_register_nobody(site: VaccinationSite, role: Role) -> None:
    place = {"region": "CZ031"} if role == Role.REGION else {}
    office = log_in(browser(), make_staff(role, **place))  # type: ignore[arg-type]
    for name in ("walk_in", "register_walk_in"):
        assert office.post(reverse(f"vaccination:{name}", args=[site.pk]), PETR_HERE).status_code == 404
