"""The desk of line 1221: find, look, correct, end, join; and every look is written down before it is shown."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import Settings

from crs.messaging.models import Message
from logistics.models import Role
from registration.applying.at_a_site import contact_digest
from registration.desk import home_visits, look_words
from registration.desk import urls as desk_urls
from registration.desk.mismatches import urls as mismatch_urls
from registration.models import (
    LineRequest,
    Person,
    PersonLook,
    PersonMerge,
    RegisterCheck,
    Registration,
    RegistrationClaim,
    RegistrationExport,
)
from registration.number import next_number
from registration.people.insured_number import lookup_hash
from registration.signals import person_changed
from tests.cast import ELISKA, MARIE
from tests.factories import make_registration, make_rule, make_staff
from tests.pages import browser, english, log_in, send_form, summary, text_of

pytestmark = pytest.mark.django_db
WHY = "Volala dcera, ověřeno zpětným voláním."


def staff(role: Role) -> Client:
    return english(log_in(browser(), make_staff(role)))


@pytest.fixture
def operator() -> Client:
    return staff(Role.SUPPORT_L2)


@pytest.fixture
def expert() -> Client:
    return staff(Role.SUPPORT_L3)


@pytest.fixture
def ministry() -> Client:
    return staff(Role.MINISTRY)


@pytest.fixture
def marie() -> Registration:
    found = make_registration(number=next_number(), email="marie@seznam.cz", created_at=timezone.now())
    Person.objects.filter(pk=found.person_id).update(
        first_name="Marie",
        last_name="Dvořáková",
        insured_number="385512123",
        insured_number_hash=lookup_hash("385512123"),
        birth_date="1938-05-12",
    )
    found.person.refresh_from_db()
    return found


def url(name: str, *arguments: object) -> str:
    return reverse(f"registration:desk_{name}", args=arguments)


DESK = reverse("registration:desk")


def test_a_search_leads_to_the_record_and_stands_in_no_address(operator: Client, marie: Registration) -> None:
    answer = operator.post(DESK, {"text": "385512/123"})
    assert answer.headers["Location"] == url("registration", marie.pk)
    page = operator.get(answer.headers["Location"])
    text = text_of(page)
    assert "Dvořáková Marie" in text
    assert "385512/•••" in text
    assert "385512123" not in page.content.decode()


def test_a_look_is_written_once_for_a_while(operator: Client, marie: Registration) -> None:
    for _time in range(2):
        operator.get(url("registration", marie.pk))
    look = PersonLook.objects.get()
    assert (look.person, look.page) == (marie.person, "registration:desk_registration")


def test_a_list_of_people_of_one_name_is_a_look_at_each(operator: Client, marie: Registration) -> None:
    make_registration()
    make_registration()
    page = operator.post(DESK, {"text": "nováková"})
    assert page.status_code == 200
    assert PersonLook.objects.filter(page="registration:desk").count() == 2


def test_nobody_found_is_said_with_what_to_do(operator: Client) -> None:
    assert "Nobody was found" in text_of(operator.post(DESK, {"text": "Neznámá"}))
    assert "at least two letters" in summary(operator.post(DESK, {"text": "x"}))
    assert operator.post(DESK, {"text": "a\x00b"}).status_code == 200
    assert operator.head(DESK).status_code == 200


def test_what_happened_is_told_in_words(operator: Client, marie: Registration) -> None:
    contact = {"phone": "608 123 456", "street": "Nová 1", "city": "Brno", "shown": contact_digest(marie)}
    send_form(operator, url("contact", marie.pk), **contact)
    send_form(operator, url("end", marie.pk), ending="STAFF", reason=WHY)
    send_form(operator, url("reopen", marie.pk), reason=WHY)
    marie.refresh_from_db()
    assert (str(marie.phone), marie.state) == ("+420608123456", "ACTIVE")
    text = text_of(operator.get(url("registration", marie.pk)))
    for said in ("The contact was corrected", "The registration was ended", "The registration was opened again", WHY):
        assert said in text
    assert "active → cancelled" in text


def test_a_contact_that_leaves_no_way_or_comes_from_an_old_page_is_refused(
    operator: Client, marie: Registration
) -> None:
    contact = {"email": "", "landline": "541 123 456", "shown": contact_digest(marie)}
    assert "messages come by post" in summary(send_form(operator, url("contact", marie.pk), **contact))
    address = {"street": "Nová 1", "city": "Brno", "postcode": "602 00"}
    assert send_form(operator, url("contact", marie.pk), **contact, **address).status_code == 302
    marie.refresh_from_db()
    assert (str(marie.phone), marie.by_letter, str(marie.landline)) == ("", True, "+420541123456")
    refused = send_form(operator, url("contact", marie.pk), **contact, phone="608 123 456", **address)
    assert "changed the contact meanwhile" in summary(refused)
    send_form(operator, url("contact", marie.pk), phone="608 123 456", **address, shown=contact_digest(marie))
    marie.refresh_from_db()
    assert (str(marie.phone), marie.by_letter) == ("+420608123456", False)
    letter = Message.objects.get(channel="LETTER")
    assert (letter.template, "Nová 1" in letter.address) == ("registration/contact_changed", True)


def test_a_contact_abroad_has_its_country_and_is_none_of_whoever_cannot_come(
    operator: Client, marie: Registration
) -> None:
    abroad = {"email": "", "street": "Hlavná 1", "city": "Bratislava", "country": "SK", "postcode": "81101"}
    Registration.objects.filter(pk=marie.pk).update(is_immobile=True, home_district="CZ0642")
    refused = send_form(operator, url("contact", marie.pk), **abroad, shown=contact_digest(marie))
    assert "homes in Czechia only" in summary(refused)
    Registration.objects.filter(pk=marie.pk).update(is_immobile=False, home_district=None)
    send_form(operator, url("contact", marie.pk), **abroad, shown=contact_digest(marie))
    assert "Hlavná 1, 811 01 Bratislava, Slovakia" in text_of(operator.get(url("registration", marie.pk)))
    Registration.objects.filter(pk=marie.pk).update(state="CANCELLED", ending="STAFF", ended_at=timezone.now())
    assert operator.get(url("contact", marie.pk)).status_code == 302


def test_a_registration_does_not_end_without_a_reason(operator: Client, marie: Registration) -> None:
    page = send_form(operator, url("end", marie.pk), ending="STAFF", reason=".")
    assert "write the reason in words" in summary(page)
    marie.refresh_from_db()
    assert marie.state == "ACTIVE"


@pytest.mark.usefixtures("clock")
def test_two_records_are_compared_joined_and_taken_apart(expert: Client, marie: Registration) -> None:
    other = make_registration(number=next_number(), birth_date=marie.person.birth_date)
    page = send_form(expert, url("merge", marie.pk), number=other.number)
    assert "Are these one person?" in text_of(page)
    assert other.state == "ACTIVE"
    send_form(expert, url("merge", marie.pk), druhy=str(other.pk), reason=WHY)
    other.refresh_from_db()
    assert other.ending == "MERGED"
    assert PersonLook.objects.filter(person=other.person).exists()
    text = text_of(expert.get(url("registration", other.pk)))
    assert "joined with another one" in text
    assert expert.post(DESK, {"text": other.number}).headers["Location"] == url("registration", other.pk)
    expert.post(url("take_apart", PersonMerge.objects.get().pk))
    kept = text_of(expert.get(url("registration", marie.pk)))
    assert kept.index("The joined records were taken apart") < kept.index("Two records of the person were joined")
    other.refresh_from_db()
    assert other.state == "ACTIVE"


def test_the_second_record_has_to_be_another_one(expert: Client, marie: Registration) -> None:
    assert "same record" in summary(send_form(expert, url("merge", marie.pk), number=marie.number))
    assert "No single record" in summary(send_form(expert, url("merge", marie.pk), number="123"))
    assert expert.post(url("merge", marie.pk), {"druhy": "x", "reason": WHY}).status_code == 404


def _caller(**changes: object) -> dict[str, object]:
    said = {
        "podle": "cislo",
        "insured_number": MARIE.insured_number,
        "insurer": "111",
        "language": "cs",
        "first_name": "Marie",
        "last_name": "Dvořáková",
        "phone": "601 234 567",
        "consent": "on",
    }
    return {**said, **changes}


def test_a_death_has_a_day_and_nobody_registers_the_person_again(operator: Client, marie: Registration) -> None:
    page = operator.post(url("end", marie.pk), {"ending": "DIED", "reason": WHY})
    assert "write the day of death" in summary(page)
    page = operator.post(url("end", marie.pk), {"ending": "STAFF", "died_on": "1. 1. 2021", "reason": WHY})
    assert "leave this empty" in summary(page)
    send_form(operator, url("end", marie.pk), ending="DIED", died_on="1. 1. 2021", reason=WHY)
    marie.person.refresh_from_db()
    assert str(marie.person.died_on) == "2021-01-01"
    assert "this person has died" in summary(operator.post(url("register"), _caller()))


def test_a_death_that_did_not_happen_is_taken_back(operator: Client, marie: Registration) -> None:
    Person.objects.filter(pk=marie.person_id).update(died_on="2021-01-01", latin_last_name="Dvorakova")
    names = {"first_name": "Marie", "last_name": "Dvořáková"}
    send_form(operator, url("correct", marie.pk), **names, died_on="", reason=WHY)
    marie.person.refresh_from_db()
    assert (marie.person.died_on, marie.person.latin_last_name) == (None, "Dvorakova")
    text = text_of(operator.get(url("registration", marie.pk)))
    assert "The person was corrected" in text
    assert WHY in text


def test_a_mistyped_name_and_date_of_birth_are_corrected_and_told_to_the_rooms_above(
    operator: Client, marie: Registration
) -> None:
    Person.objects.filter(pk=marie.person_id).update(
        insured_number=None, insured_number_hash="", document_hash="x", latin_last_name="Dvorakova"
    )
    told: list[int] = []

    def hear(sender: object, person_id: int, **_more: object) -> None:
        told.append(person_id)

    person_changed.connect(hear)
    page = url("correct", marie.pk)
    said = {"first_name": "Marie", "last_name": "Dvořáčková", "birth_date": "13. 5. 1938", "reason": WHY}
    assert "has not come yet" in summary(operator.post(page, {**said, "birth_date": "1. 1. 2090"}))
    send_form(operator, page, **said)
    send_form(operator, page, **said)  # all of it stands already
    person_changed.disconnect(hear)
    person = Person.objects.get(pk=marie.person_id)
    assert (person.last_name, str(person.birth_date), person.latin_last_name) == ("Dvořáčková", "1938-05-13", "")
    assert told == [person.pk]
    assert person.corrections.get().reason == WHY


def test_an_insured_number_says_when_its_person_was_born(operator: Client, marie: Registration) -> None:
    form = operator.get(url("correct", marie.pk)).content.decode()
    assert 'name="last_name"' in form
    assert 'name="birth_date"' not in form
    assert 'name="died_on"' not in form


def test_a_caller_without_a_mobile_gets_letters(operator: Client) -> None:
    page = operator.post(url("register"), _caller(phone="", landline="541 123 456"))
    assert "messages come by post" in summary(page)
    address = {"street": "Dlouhá 1", "city": "Brno", "postcode": "602 00"}
    operator.post(url("register"), _caller(phone="", landline="541 123 456", **address))
    made = Registration.objects.get()
    assert (made.way, made.by_letter, str(made.landline), str(made.phone)) == ("LINE", True, "+420541123456", "")
    assert "Registered by line 1221" in text_of(operator.get(url("registration", made.pk)))


def test_a_caller_abroad_gets_letters_there_and_no_visits(operator: Client) -> None:
    abroad = {"phone": "", "street": "Hlavní 1", "city": "Hong Kong", "country": "HK", "postcode": ""}
    assert "homes in Czechia only" in summary(operator.post(url("register"), _caller(**abroad, home_district="CZ0642")))
    operator.post(url("register"), _caller(**abroad))
    assert Message.objects.get(channel="LETTER").address.endswith("\nHong Kong\nHONGKONG – ZAO ČÍNY")


def test_a_caller_who_is_registered_already_leads_to_the_registration(operator: Client, marie: Registration) -> None:
    answer = operator.post(url("register"), _caller())
    assert answer.headers["Location"] == url("registration", marie.pk)
    assert Registration.objects.count() == 1


def test_a_caller_with_a_joined_number_leads_to_the_record_that_stays(operator: Client, marie: Registration) -> None:
    kept = make_registration(birth_date=marie.person.birth_date)
    Registration.objects.filter(pk=marie.pk).update(state="CANCELLED", ending="MERGED", ended_at=timezone.now())
    Person.objects.filter(pk=marie.person_id).update(merged_into=kept.person)
    answer = operator.post(url("register"), _caller())
    assert answer.headers["Location"] == url("registration", kept.pk)


def test_a_child_needs_a_guardian(operator: Client) -> None:
    make_rule("age-70", valid_from=timezone.now(), min_age=0)
    child = _caller(insured_number=ELISKA.insured_number, first_name="Eliška")
    assert "under 16" in summary(operator.post(url("register"), child))
    operator.post(url("register"), {**child, "guardian_name": "Jana Svobodová", "guardian_relation": "PARENT"})
    assert Registration.objects.get().guardian_name == "Jana Svobodová"


def test_a_caller_with_one_name_is_asked_about_it_once(operator: Client) -> None:
    one = _caller(first_name="", last_name="Suharto")
    assert "leave the first name empty" in summary(operator.post(url("register"), one))
    operator.post(url("register"), {**one, "one_name_noticed": "Suharto"})
    made = Registration.objects.get()
    assert str(made.person) == "Suharto"
    page = text_of(operator.get(url("registration", made.pk)))
    assert "Suharto" in page
    assert "None" not in page


def test_a_person_who_cannot_come_is_registered_with_a_district(operator: Client) -> None:
    operator.post(url("register"), _caller(home_district="CZ0642"))
    made = Registration.objects.get()
    assert (made.is_immobile, made.home_district_id) == (True, "CZ0642")


def test_sites_are_chosen_by_district_and_nothing_typed_is_lost(operator: Client) -> None:
    page = operator.post(url("register"), _caller(choose="region", region="CZ064"))
    assert 'value="Dvořáková"' in page.content.decode()
    assert "CZ0642" in page.content.decode()


def test_districts_of_homes_stand_in_czech_order(operator: Client) -> None:
    page = operator.get(url("register"), {"podle": "cislo"}).content.decode()
    assert page.index(">Česká Lípa<") < page.index(">Děčín<") < page.index(">Domažlice<") < page.index(">Žďár nad")


@pytest.fixture
def waiting() -> LineRequest:
    typed = {
        "first_name": "Olena",
        "last_name": "Koval",
        "document_type": "PASSPORT",
        "document_country": "UA",
        "document_number": "FE123456",
        "birth_date": "1940-03-01",
        "sex": "F",
        "sites": [],
        "reasons": ["carers"],
    }
    return LineRequest.objects.create(
        number=next_number(), phone="+420601234567", language="uk", typed=json.dumps(typed)
    )


def test_a_request_is_registered_with_what_was_typed(operator: Client, waiting: LineRequest) -> None:
    page = operator.get(url("request", waiting.pk))
    assert "•••••456" in text_of(page)
    form = operator.get(url("register"), {"podle": "doklad", "zadost": str(waiting.pk)}).content.decode()
    assert 'value="FE123456"' in form
    said = {
        "podle": "doklad",
        "zadost": waiting.pk,
        "document_type": "PASSPORT",
        "document_country": "UA",
        "document_number": "FE123456",
        "birth": "1. 3. 1940",
        "sex": "F",
        "first_name": "Olena",
        "last_name": "Koval",
        "phone": "601 234 567",
        "language": "uk",
        "consent": "on",
    }
    operator.post(url("register"), said)
    waiting.refresh_from_db()
    assert (waiting.outcome, waiting.registration) == ("REGISTERED", Registration.objects.get())
    assert "Resolved on" in text_of(operator.get(url("request", waiting.pk)))


def test_a_look_at_a_request_is_written_down_and_becomes_one_at_its_person(
    operator: Client, ministry: Client, waiting: LineRequest, marie: Registration
) -> None:
    operator.get(url("requests"))
    operator.get(url("request", waiting.pk))
    assert "FE123456" in operator.get(url("register"), {"podle": "doklad", "zadost": str(waiting.pk)}).content.decode()
    pages = ["registration:desk_requests", "registration:desk_request", "registration:desk_register"]
    assert list(PersonLook.objects.order_by("pk").values_list("request", "page")) == [
        (waiting.pk, one) for one in pages
    ]
    assert f"Request {waiting.number}" in text_of(ministry.get(url("looks")))
    LineRequest.objects.filter(pk=waiting.pk).update(registration=marie)
    assert f"Request {waiting.number}" in text_of(ministry.get(url("looks_at", marie.pk)))


def test_a_request_that_ends_otherwise_is_told_in_the_persons_language(operator: Client, waiting: LineRequest) -> None:
    send_form(operator, url("request", waiting.pk), outcome="NOT_REACHED", reason="Třikrát nebral telefon.")
    waiting.refresh_from_db()
    assert (waiting.outcome, waiting.reason) == ("NOT_REACHED", "Třikrát nebral telefon.")
    told = Message.objects.get()
    assert (told.recipient, told.language) == ("+420601234567", "uk")
    page = operator.post(url("request", waiting.pk), {"outcome": "REFUSED", "reason": "Podruhé."})
    assert page.status_code == 200  # somebody was faster
    assert Message.objects.count() == 1


def test_a_claim_is_compared_and_decided(operator: Client, marie: Registration) -> None:
    typed = {"birth_date": "1938-05-12", "first_name": "Marie", "last_name": "Dvořáková", "city": "Olomouc"}
    typed |= {"email": "jiny@seznam.cz"}
    claim = RegistrationClaim.objects.create(
        number=next_number(), person=marie.person, phone="+420602345678", typed=json.dumps(typed)
    )
    assert "Dvořáková Marie" in text_of(operator.get(url("claims")))
    text = text_of(operator.get(url("claim", claim.pk)))
    assert "Olomouc" in text
    assert "differs" in text
    assert operator.post(DESK, {"text": claim.number}).headers["Location"] == url("claim", claim.pk)
    send_form(operator, url("claim", claim.pk), decision="KEPT", reason=WHY)
    claim.refresh_from_db()
    assert (claim.decision, claim.reason) == ("KEPT", WHY)
    assert "Nothing waits here" in text_of(operator.get(url("claims")))


@pytest.fixture
def at_home(marie: Registration) -> Registration:
    Registration.objects.filter(pk=marie.pk).update(is_immobile=True, home_district="CZ0642")
    return marie


def test_people_who_cannot_come_are_listed_given_out_and_handed_over(operator: Client, at_home: Registration) -> None:
    assert "Brno-město (1)" in text_of(operator.get(url("home_visits")))
    address = url("home_visit_list", "CZ0642")
    assert "Dvořáková Marie" in text_of(operator.get(address))
    assert "write the reason" in summary(operator.post(address, {"soubor": "1", "reason": ""}))
    file = operator.post(address, {"soubor": "1", "reason": "Pro praktické lékaře"})
    assert "Dvořáková;Marie" in file.content.decode()
    paper = operator.post(address, {"tisk": "1", "reason": "Pro praktické lékaře"})
    assert "Dvořáková Marie" in text_of(paper)
    assert [one.rows for one in RegistrationExport.objects.all()] == [1, 1]
    send_form(operator, address, predano="1", osoba=["9" * 5000, str(at_home.pk)])
    at_home.refresh_from_db()
    assert at_home.handed_over_at is not None
    assert {one.template for one in Message.objects.all()} == {"registration/handed_to_doctors"}
    assert "Nobody waits here" in text_of(operator.get(address))
    assert "handed over on" in text_of(operator.get(address, {"vse": "1"}))


def test_whoever_is_handed_over_twice_is_told_once(operator: Client, at_home: Registration) -> None:
    user = make_staff(Role.SUPPORT_L3)
    now = timezone.now()
    assert [home_visits.hand_over(keys=[at_home.pk], by=user, now=now) for _time in range(2)] == [1, 0]
    assert Message.objects.filter(channel="SMS").count() == 1


def test_an_export_is_written_down_and_names_nobody(ministry: Client, marie: Registration) -> None:
    today = timezone.localdate()
    said = {"first": f"{today:%d. %m. %Y}", "last": f"{today:%d. %m. %Y}", "reason": "Kontrola NKÚ"}
    answer = ministry.post(url("export"), said)
    file = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert marie.number in file
    assert file.lstrip("\ufeff").startswith("Registration number;registered on;")
    assert ";active;" in file
    assert not any(one in file for one in ("Dvořáková", str(marie.phone), "385512123", "seznam"))
    export = RegistrationExport.objects.get()
    assert (export.rows, export.reason) == (1, "Kontrola NKÚ")
    assert "Kontrola NKÚ" in text_of(ministry.get(url("looks")))


def test_an_export_is_bounded(ministry: Client, marie: Registration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registration.desk.exporting.MOST_ROWS", 0)
    today = timezone.localdate()
    said = {"first": f"{today:%d. %m. %Y}", "last": f"{today:%d. %m. %Y}", "reason": "Kontrola NKÚ"}
    assert "choose fewer days" in summary(ministry.post(url("export"), said))
    long_ago = today - timedelta(days=200)
    page = ministry.post(url("export"), {**said, "first": f"{long_ago:%d. %m. %Y}"})
    assert "three months at most" in summary(page)
    assert not RegistrationExport.objects.exists()


def test_the_ministry_reads_who_looked(operator: Client, ministry: Client, marie: Registration) -> None:
    operator.get(url("registration", marie.pk))
    text = text_of(ministry.get(url("looks_at", marie.pk)))
    assert "The page of a registration" in text


def test_the_log_of_a_person_holds_the_looks_at_records_that_were_joined(
    operator: Client, ministry: Client, marie: Registration
) -> None:
    kept = make_registration()
    operator.get(url("registration", marie.pk))
    Person.objects.filter(pk=marie.person_id).update(merged_into=kept.person)
    assert "The page of a registration" in text_of(ministry.get(url("looks_at", kept.pk)))


def test_each_page_of_the_desk_has_words_in_the_log_of_looks() -> None:
    pages = {f"registration:{one.name}" for one in [*desk_urls.urlpatterns, *mismatch_urls.urlpatterns]}
    without_looks = {"desk_home_visits", "desk_export", "mismatches"}
    assert not pages - look_words.PAGES.keys() - {f"registration:{name}" for name in without_looks}
    with override("en"):
        assert look_words.of_page("admin:registration_person_change") == "Administration: persons"
        assert look_words.of_list("home visits CZ0642") == "Home visits CZ0642"
    assert look_words.of_page("something:else") == "something:else"


def test_the_number_of_a_claim_or_a_request_says_what_it_is_to_whoever_does_not_decide_it(
    ministry: Client, marie: Registration, waiting: LineRequest
) -> None:
    claim = RegistrationClaim.objects.create(
        number=next_number(), person=marie.person, phone="+420602345678", typed="{}"
    )
    for number in (claim.number, waiting.number):
        text = text_of(ministry.post(DESK, {"text": number}))
        assert "line 1221 decides" in text
        assert "Nobody was found" not in text


def test_a_district_that_is_none_is_not_found(operator: Client) -> None:
    for district in ("%00", "CZ9999"):
        assert operator.get(f"/personal/registrace/navstevy-doma/{district}/").status_code == 404


def test_of_a_register_that_was_switched_off_nothing_is_awaited(
    operator: Client, marie: Registration, settings: Settings
) -> None:
    check = RegisterCheck.objects.create(registration=marie, register="INSURERS", state="WAITING")
    settings.INSURERS_REGISTER = "local"
    with override("en"):
        shown = check.get_register_display()
    assert shown in text_of(operator.get(url("registration", marie.pk)))
    settings.INSURERS_REGISTER = ""
    assert shown not in text_of(operator.get(url("registration", marie.pk)))


@pytest.mark.parametrize("role", [Role.SUPPORT_L1, Role.DISTRIBUTOR])
def test_outsiders_find_no_desk(role: Role, marie: Registration) -> None:
    outsider = staff(role)
    pages = [DESK, url("registration", marie.pk), url("register"), url("claims"), url("requests"), url("looks")]
    assert {outsider.get(page).status_code for page in pages} == {404}
    assert outsider.post(DESK, {"text": marie.number}).status_code == 404
    assert not PersonLook.objects.exists()
    assert browser().get(DESK).headers["Location"].startswith(reverse("accounts:log_in"))
