"""Steps 3 and 4: what is asked of a person, what is refused, and that nothing typed is lost."""

import re
import unicodedata
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from crs.no_break import breakable
from logistics.models import VaccinationSite
from registration.models import Registration, RegistrationClaim
from tests.cast import ADAM, JANA, KAREL, MARIE, PETR
from tests.factories import make_site
from tests.pages import english, form_key, text_of
from tests.registration.conftest import texts_to
from tests.registration.steps import DONE, EXISTING, FINISH, FORM, KEY, PHONE, REVIEW, Prove, html_of, send

pytestmark = pytest.mark.django_db

GUARDIAN = {"guardian_name": "Jana Svobodová", "guardian_relation": "PARENT", "guardian_consent": "on"}


# --- step 3 -------------------------------------------------------------------------------------


def test_marie_registers(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    answer = send(client, MARIE.form(), follow=True)
    registration = Registration.objects.get()
    assert answer.redirect_chain == [(DONE, 302)]
    assert registration.number in re.sub(r"\s", "", html_of(answer))
    assert (registration.phone.as_e164, registration.language) == (MARIE.phone, "cs")


def test_an_empty_form_tells_every_field_and_the_summary_lists_them(client: Client, prove: Prove) -> None:
    answer = send(prove(client, MARIE.phone), {})
    required = {
        "first_name", "last_name", "insured_number", "insurer", "street", "city", "postcode",
    }  # fmt: skip
    assert set(answer.context["form"].errors) == required
    assert 'role="alert"' in html_of(answer)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("insured_number", "marie"),
        ("insured_number", "8556201237"),
        ("insured_number", "855620123"),
        ("insurer", "999"),
        ("postcode", "6020"),
        ("postcode", "602OO"),
        ("email", "marie"),
        ("first_name", "12345"),
        ("last_name", "-"),
        ("reason", "nobody"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(
    client: Client, prove: Prove, field: str, typed: str
) -> None:
    answer = send(prove(client, MARIE.phone), MARIE.form(**{field: typed}))
    assert set(answer.context["form"].errors) == {field}
    assert "Dvořáková" in html_of(answer) or field == "last_name"
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"region": "\x00"},
        {"region": "CZ064", "district": "\x00"},
        {"sites": ["\x00"]},
        {"reason": "\x00"},
        {"first_name": "\x00"},
        {"insured_number": "9" * 5000},
        {"email": f"{'m' * 250}@seznam.cz"},
    ],
)
def test_nonsense_in_any_field_is_a_mistake_and_no_fault_of_ours(
    client: Client, prove: Prove, nonsense: dict[str, object]
) -> None:
    prove(client, MARIE.phone)
    for button in ({}, {"choose": "district"}):
        assert send(client, MARIE.form(**nonsense, **button)).status_code == 200
    assert client.get(FORM).status_code == 200
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    "typed", ["110 00", "110\u00a000", "110-00", "CZ-110 00", "cz 11000", "\u202d110 00\u202c", "１１０００"]
)
def test_a_postcode_is_one_however_it_is_written(client: Client, prove: Prove, typed: str) -> None:
    send(prove(client, PETR.phone), PETR.form(postcode=typed))
    assert Registration.objects.get().person.postcode == "11000"


@pytest.mark.parametrize("typed", ["811 01", "00-950", "30-001", "SW1A 1AA", "D-10115", "SK 811 01"])
def test_a_code_of_another_state_leads_to_the_choice_of_the_country(client: Client, prove: Prove, typed: str) -> None:
    page = prove(client, PETR.phone).post(FORM, PETR.form(postcode=typed))
    assert "vyberte prosím stát" in html_of(page)


def test_whoever_lives_abroad_chooses_the_country(client: Client, prove: Prove) -> None:
    page = prove(client, PETR.phone).get(FORM)
    codes = [code for code, _name in page.context["form"].fields["country"].choices]
    assert (codes[:2], len(codes)) == (["CZ", "SK"], len(set(codes)))
    assert '<option value="CZ" selected>Česko</option>' in html_of(page)
    abroad = PETR.form(street="Hlavná 1", city="Bratislava", country="SK", postcode="81101")
    assert client.post(FORM, abroad).headers["Location"] == REVIEW
    assert "811 01 Bratislava Slovensko" in text_of(client.get(REVIEW))
    assert send(client, abroad).headers["Location"] == DONE
    person = Registration.objects.get().person
    assert (person.country, person.postcode) == ("SK", "811 01")


def test_nobody_has_to_invent_a_code_where_a_state_has_none(client: Client, prove: Prove) -> None:
    send(prove(client, PETR.phone), PETR.form(city="Hong Kong", country="HK", postcode=""))
    assert Registration.objects.get().person.address.endswith("Hong Kong, Hongkong – ZAO Číny")


def test_nobody_is_visited_abroad(client: Client, prove: Prove) -> None:
    abroad = PETR.form(country="SK", postcode="811 01", is_immobile="on", home_district="CZ0642")
    page = send(prove(client, PETR.phone), abroad)
    assert set(page.context["form"].errors) == {"is_immobile"}
    assert "jezdí domů jen v Česku" in text_of(page)


@pytest.mark.parametrize("first_name", [" \u200b", "–", "\u3164"])
def test_whoever_has_one_name_only_is_asked_about_it_once(client: Client, prove: Prove, first_name: str) -> None:
    one = PETR.form(first_name=first_name, last_name="Suharto")
    asked = prove(client, PETR.phone).post(FORM, one)
    assert set(asked.context["form"].errors) == {"first_name"}
    noticed = asked.context["form"]["one_name_noticed"].value()
    assert f'name="one_name_noticed" value="{noticed}"' in html_of(asked)
    # Another surname is another question: it may be the first name that was forgotten.
    assert client.post(FORM, {**one, "last_name": "Sukarno", "one_name_noticed": noticed}).status_code == 200
    assert send(client, {**one, "one_name_noticed": noticed}).headers["Location"] == DONE
    person = Registration.objects.get().person
    assert (str(person), person.listed_name, person.first_name) == ("Suharto", "Suharto", "")


def test_a_name_that_is_too_long_is_refused_in_words_and_nothing_of_it_is_cut(client: Client, prove: Prove) -> None:
    page = prove(client, MARIE.phone).post(FORM, MARIE.form(last_name="Dvořáková" * 10))
    assert "80" in page.context["form"].errors["last_name"][0]
    assert "Dvořáková" * 10 in html_of(page)


def test_a_name_is_kept_as_it_looks(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    send(client, MARIE.form(first_name="\u202eMa\u200brie", last_name="Dvora\u030ca\u0301kova\u0301\x07 "))
    person = Registration.objects.get().person
    assert (person.first_name, person.last_name) == (
        "Marie",
        unicodedata.normalize("NFC", "Dvora\u030ca\u0301kova\u0301"),
    )


def test_a_mistyped_email_is_asked_about_once(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    asked = send(client, MARIE.form(email="marie@seznma.cz"))
    assert "marie@seznam.cz" in asked.context["form"].errors["email"][0]
    noticed = asked.context["form"]["email_noticed"].value()
    assert send(client, MARIE.form(email="marie@seznma.cz", email_noticed=noticed)).headers["Location"] == DONE
    assert Registration.objects.get().email == "marie@seznma.cz"


def test_a_rare_number_is_asked_about_once(client: Client, prove: Prove) -> None:
    digits = next(f"900112{n:03}0" for n in range(1000) if int(f"900112{n:03}") % 11 == 10)
    prove(client, PETR.phone)
    asked = send(client, PETR.form(insured_number=digits))
    assert asked.context["form"].errors["insured_number"]
    noticed = asked.context["form"]["number_noticed"].value()
    assert send(client, PETR.form(insured_number=digits, number_noticed=noticed)).headers["Location"] == DONE


def test_sites_are_chosen_by_region_and_district_without_javascript(
    client: Client, prove: Prove, site: VaccinationSite
) -> None:
    prove(client, MARIE.phone)
    page = send(client, MARIE.form(region="CZ064", choose="region"))
    assert "Brno-město" in html_of(page)
    assert site.name not in html_of(page)
    page = send(client, MARIE.form(region="CZ064", district="CZ0642", choose="district"))
    assert site.name in html_of(page)
    assert 'value="Dvořáková"' in html_of(page)
    assert not page.context["form"].errors
    send(client, MARIE.form(region="CZ064", district="CZ0642", sites=[str(site.pk)]))
    assert list(Registration.objects.get().preferred_sites.all()) == [site]


def test_a_chosen_site_stays_when_another_district_is_looked_at(
    client: Client, prove: Prove, site: VaccinationSite
) -> None:
    prove(client, MARIE.phone)
    page = send(client, MARIE.form(region="CZ071", choose="region", sites=[str(site.pk)]))
    assert re.search(rf'value="{site.pk}"[^>]*checked', html_of(page))


def test_praha_has_one_district_and_nobody_has_to_choose_it(client: Client, prove: Prove) -> None:
    site = make_site("O2 universum", "CZ0100")
    page = send(prove(client, MARIE.phone), MARIE.form(region="CZ010", choose="region"))
    assert site.name in html_of(page)


@pytest.mark.parametrize("sites", [["nonsense"], ["b94d27b9-934d-4e08-a52e-52d7da7dabfa"]])
def test_a_site_that_does_not_exist_is_refused_at_the_field(client: Client, prove: Prove, sites: list[str]) -> None:
    answer = send(prove(client, MARIE.phone), MARIE.form(sites=sites))
    assert set(answer.context["form"].errors) == {"sites"}


@pytest.mark.usefixtures("clock")
def test_a_child_is_refused_at_the_number(client: Client, prove: Prove) -> None:
    answer = send(prove(client, JANA.phone), ADAM.form(**GUARDIAN))
    assert "1221" in answer.context["form"].errors["insured_number"][0]


def test_a_double_click_on_register_makes_one_registration_and_shows_it(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    client.post(FORM, MARIE.form())
    page = client.get(REVIEW)
    sent = {"seen": page.context["form"]["seen"].value(), "consent": "on", "form_key": form_key(page)}
    assert client.post(REVIEW, sent).headers["Location"] == DONE
    assert client.post(REVIEW, sent).headers["Location"] == DONE
    assert Registration.objects.count() == 1
    assert len(texts_to(MARIE.phone, "registration/registered")) == 1


def test_the_last_click_reads_the_rules_once(client: Client, prove: Prove, site: VaccinationSite) -> None:
    prove(client, MARIE.phone)
    client.post(FORM, MARIE.form(reason="health-workers", sites=[str(site.pk)]))
    page = client.get(REVIEW)
    sent = {"seen": page.context["form"]["seen"].value(), "consent": "on", "form_key": form_key(page)}
    with CaptureQueriesContext(connection) as asked:
        assert client.post(REVIEW, sent).headers["Location"] == DONE
    assert len([one for one in asked if 'FROM "registration_grouprule"' in one["sql"]]) == 1


@pytest.mark.usefixtures("clock")
def test_who_may_not_register_finds_no_look_over_it(client: Client, prove: Prove) -> None:
    prove(english(client), JANA.phone)
    assert client.post(FORM, ADAM.form(**GUARDIAN)).status_code == 200
    page = client.get(REVIEW)
    assert page.context["form"].errors["insured_number"]
    assert "Is everything right?" not in text_of(page)


def test_a_look_over_it_comes_first_with_a_link_to_each_field_and_nothing_in_the_address(
    client: Client, prove: Prove, site: VaccinationSite
) -> None:
    prove(english(client), MARIE.phone)
    form = MARIE.form(region="CZ064", district="CZ0642", sites=[str(site.pk)], number_noticed="1")
    assert client.post(FORM, form).headers["Location"] == REVIEW
    assert not Registration.objects.exists()
    page = client.get(REVIEW)
    shown = text_of(page)
    for said in ("Marie Dvořáková", "385512/123", "111 – VZP", "Dlouhá 12", "602 00 Brno", MARIE.email, site.name):
        assert said in shown
    assert re.search(r"12 May 1938, 8\d years old", shown)
    assert "601 234 567" in shown
    assert "Your priority group by age:" in shown
    form_page = html_of(client.get(FORM))
    fields = set(re.findall(rf'href="{FORM}#(id_\w+)"', html_of(page)))
    assert {
        "id_first_name",
        "id_insured_number",
        "id_insurer",
        "id_street",
        "id_email",
        "id_region",
        "id_reason",
    } <= fields
    for field in fields:
        assert f'id="{field}"' in form_page
    # Whoever changes one thing comes back to the look over it, with all the others.
    assert send(client, {**form, "city": "Praha"}).headers["Location"] == DONE
    made = Registration.objects.get()
    assert (made.person.city, made.email, list(made.preferred_sites.all())) == ("Praha", MARIE.email, [site])


def test_without_consent_nothing_is_sent_and_nothing_is_lost(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    page = send(client, {name: value for name, value in MARIE.form().items() if name != "consent"})
    assert set(page.context["form"].errors) == {"consent"}
    assert "Dvořáková" in html_of(page)
    assert not Registration.objects.exists()


def test_what_another_window_changed_is_looked_over_once_more(client: Client, prove: Prove) -> None:
    prove(english(client), MARIE.phone)
    client.post(FORM, MARIE.form())
    seen = client.get(REVIEW).context["form"]["seen"].value()
    client.post(FORM, KAREL.form())
    answer = client.post(REVIEW, {"seen": seen, "consent": "on", "form_key": KEY}, follow=True)
    assert answer.redirect_chain == [(REVIEW, 302)]
    assert "perhaps in another window" in text_of(answer)
    assert KAREL.name in text_of(answer)
    assert not Registration.objects.exists()


def test_another_telephone_is_proved_from_the_look_over_it_and_nothing_typed_is_lost(
    client: Client, prove: Prove
) -> None:
    prove(client, MARIE.phone)
    client.post(FORM, MARIE.form())
    assert client.post(REVIEW, {"other_phone": "1"}).headers["Location"] == PHONE
    # Whoever thinks better of it goes back.
    assert "Dvořáková" in html_of(client.get(REVIEW))
    prove(client, JANA.phone)
    assert "Dvořáková" in html_of(client.get(REVIEW))
    assert 'value="385512/123"' in html_of(client.get(FORM))


def test_the_last_click_after_the_proof_ran_out_keeps_everything(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    client.post(FORM, MARIE.form())
    seen = client.get(REVIEW).context["form"]["seen"].value()
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=True):
        assert client.post(REVIEW, {"seen": seen, "consent": "on"}).headers["Location"] == PHONE
        prove(client, MARIE.phone)
        assert "Dvořáková" in html_of(client.get(REVIEW))


def test_after_sending_the_page_says_whom_in_which_group_and_where_news_come(client: Client, prove: Prove) -> None:
    page = text_of(send(prove(english(client), JANA.phone), MARIE.form(), follow=True))
    for said in ("For: Marie D.", "603\xa0456\xa0789", MARIE.email, "Your priority group by age"):
        assert said.replace("\xa0", " ") in page.replace("\xa0", " ")
    assert MARIE.last_name not in page
    assert "The oldest people go first" not in page


def test_the_same_person_later_is_led_to_what_exists(client: Client, prove: Prove) -> None:
    send(prove(client, MARIE.phone), MARIE.form())
    answer = send(client, MARIE.form(city="Praha"), follow=True)
    assert answer.redirect_chain == [(EXISTING, 302)]
    assert MARIE.name in html_of(answer)
    assert Registration.objects.get().person.city == "Brno"


def test_two_tabs_register_two_persons_from_one_telephone(client: Client, prove: Prove) -> None:
    prove(client, JANA.phone)
    client.get(FORM), client.get(FORM)
    send(client, MARIE.form())
    send(client, KAREL.form())
    page = html_of(client.get(EXISTING))
    assert MARIE.name in page
    assert KAREL.name in page


def test_a_stranger_sees_the_same_pages_for_a_known_person(client: Client, prove: Prove) -> None:
    send(prove(Client(), MARIE.phone), MARIE.form())
    prove(client, JANA.phone)
    pages = [send(client, person.form(email=""), follow=True) for person in (MARIE, KAREL)]
    first, second = (re.sub(r"\d{3}\s\d{3}\s\d{3}|value=\"\w{64}\"", "", html_of(page)) for page in pages)
    # Each names whom this telephone typed.
    assert first.replace("Marie D.", "WHO") == second.replace("Karel N.", "WHO")
    assert RegistrationClaim.objects.count() == 1


def test_over_its_limit_a_telephone_is_told_what_to_do_and_nothing_typed_is_lost(
    client: Client, prove: Prove, settings: Settings
) -> None:
    settings.REGISTRATIONS_PER_PHONE = 1
    send(prove(Client(), MARIE.phone), MARIE.form())
    prove(english(client), JANA.phone)
    send(client, JANA.form(postcode="6"))  # a mistake does not count
    for _click in range(2):
        assert send(client, JANA.form(form_key=KEY)).headers["Location"] == DONE
    pages = [send(client, person.form()) for person in (MARIE, KAREL)]
    for page, person in zip(pages, (MARIE, KAREL), strict=True):
        assert page.status_code == 200
        (said,) = page.context["form"].errors["__all__"]
        assert said.startswith("This person is not registered yet. One telephone can register at most 1 person in")
        assert "call the line 1221" in html_of(page)
        shown = breakable(html_of(page)).replace(" ", "").replace("/", "")
        for typed in (person.first_name, person.insured_number, person.city, person.postcode):
            assert typed.replace("/", "") in shown
        assert re.search(r'name="consent"[^>]*checked', html_of(page))
    assert not RegistrationClaim.objects.exists()
    assert not texts_to(MARIE.phone, "registration/claimed")


def test_what_another_telephone_registered_is_not_shown(client: Client, prove: Prove) -> None:
    send(prove(Client(), MARIE.phone), MARIE.form())
    assert MARIE.name not in html_of(prove(client, JANA.phone).get(EXISTING))


# --- nothing typed is lost ------------------------------------------------------------------------


def test_the_back_button_finds_what_was_typed(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    send(client, MARIE.form(postcode="6"))
    assert 'value="Dvořáková"' in html_of(client.get(FORM))


def test_when_the_proof_runs_out_the_form_asks_again_and_keeps_everything(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=True):
        assert send(client, MARIE.form()).headers["Location"] == PHONE
        assert 'value="601 234 567"' in html_of(client.get(PHONE))
        prove(client, MARIE.phone)
        assert 'value="385512/123"' in html_of(client.get(FORM))
    assert not Registration.objects.exists()


def test_when_the_session_ends_in_the_middle_what_was_typed_waits_for_the_next_proof(
    client: Client, prove: Prove
) -> None:
    prove(client, MARIE.phone)
    client.session.flush()
    client.cookies.pop("crs_session")
    assert send(client, MARIE.form()).headers["Location"] == PHONE
    prove(client, MARIE.phone)
    assert 'value="Dvořáková"' in html_of(client.get(FORM))


def test_after_finishing_a_second_tab_leaves_nothing_to_the_next_person(client: Client, prove: Prove) -> None:
    prove(english(client), MARIE.phone).post(FINISH)
    answer = send(client, MARIE.form(), follow=True)
    assert "nothing of this form was kept" in text_of(answer)
    prove(client, KAREL.phone)
    assert "Dvořáková" not in html_of(client.get(FORM))


@pytest.mark.parametrize("sign", ["\u200b", "\u202a", "\ufeff"])
def test_invisible_signs_stand_in_no_way_and_are_not_kept(client: Client, prove: Prove, sign: str) -> None:
    said = MARIE.form(email=f"marie@seznam.cz{sign}", street=f"Dlouhá{sign} 12", city=f"{sign}Brno")
    assert send(prove(client, MARIE.phone), said).headers["Location"] == DONE
    made = Registration.objects.select_related("person").get()
    assert (made.email, made.person.street, made.person.city) == ("marie@seznam.cz", "Dlouhá 12", "Brno")


def test_the_next_person_at_the_same_computer_does_not_see_what_was_typed(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    send(client, MARIE.form(postcode="6"))
    prove(client, KAREL.phone)
    assert "Dvořáková" not in html_of(client.get(FORM))


def test_the_next_person_at_the_same_computer_does_not_see_what_was_registered(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    send(client, MARIE.form())
    assert client.get(DONE).status_code == 200
    prove(client, JANA.phone)
    assert client.get(DONE).status_code == 302


def test_what_was_typed_is_unreadable_in_the_session(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    send(client, MARIE.form(postcode="6"))
    kept = str(dict(client.session.items()))
    assert "385512" not in kept
    assert "Dvo" not in kept


def test_after_registering_the_form_is_empty_for_the_next_person(client: Client, prove: Prove) -> None:
    send(prove(client, JANA.phone), MARIE.form())
    assert "385512" not in html_of(client.get(FORM))


def test_finish_leaves_nothing_behind(client: Client, prove: Prove) -> None:
    send(prove(client, MARIE.phone), MARIE.form())
    client.post(FINISH)
    assert client.get(DONE, follow=True).redirect_chain[-1] == (f"{PHONE}?dvere=moje", 302)


# --- names in another script --------------------------------------------------------------------

OLENA = {"first_name": "Олена", "last_name": "Шевченко"}
SPELLED = {"latin_first_name": "Olena", "latin_last_name": "Shevchenko"}


@pytest.mark.parametrize("names", [("Marie", "Dvořáková"), ("Thị Đào", "Nguyễn"), ("Svätozár", "O’Brien-Müller")])
def test_nobody_with_a_latin_name_is_asked_to_spell_it(client: Client, prove: Prove, names: tuple[str, str]) -> None:
    prove(client, MARIE.phone)
    assert 'name="latin_' not in html_of(client.get(FORM))
    first, last = names
    assert send(client, MARIE.form(first_name=first, last_name=last)).headers["Location"] == DONE
    person = Registration.objects.get().person
    assert (person.latin_first_name, person.latin_last_name) == ("", "")


@pytest.mark.parametrize(("first", "last"), [("Олена", "Шевченко"), ("Γιώργος", "Παπαδόπουλος")])
def test_a_name_in_another_script_is_asked_for_once_and_may_be_left_empty(
    client: Client, prove: Prove, first: str, last: str
) -> None:
    prove(client, MARIE.phone)
    typed = MARIE.form(first_name=first, last_name=last)
    asked = send(client, typed)
    assert set(asked.context["form"].errors) == {"latin_first_name"}
    html = html_of(asked)
    assert first in html
    assert 'name="latin_first_name"' in html
    assert 'name="latin_last_name"' in html
    assert not Registration.objects.exists()
    again = {**typed, "spelling_noticed": asked.context["form"]["spelling_noticed"].value()}
    assert send(client, again).headers["Location"] == DONE
    person = Registration.objects.get().person
    assert (str(person), person.latin_last_name) == (f"{first} {last}", "")


def test_the_spelling_is_kept_with_the_person_as_travel_documents_have_it(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    typed = MARIE.form(**OLENA, latin_first_name=" ole\u200bna ", latin_last_name="SHEVCHENKO<<<")
    assert send(client, typed).headers["Location"] == DONE
    person = Registration.objects.get().person
    assert (person.latin_first_name, person.latin_last_name) == ("OLENA", "SHEVCHENKO")
    assert str(person) == "Олена Шевченко"


def test_only_the_name_in_another_script_is_asked_for(client: Client, prove: Prove) -> None:
    answer = send(prove(client, MARIE.phone), MARIE.form(first_name="Олена"))
    html = html_of(answer)
    assert 'name="latin_first_name"' in html
    assert 'name="latin_last_name"' not in html


@pytest.mark.parametrize(
    ("spelled", "told"),
    [
        ({"latin_first_name": "Олена", "latin_last_name": "Shevchenko"}, {"latin_first_name"}),
        ({"latin_first_name": "", "latin_last_name": "Shevchenko"}, {"latin_first_name"}),
        ({"latin_first_name": "Olena", "latin_last_name": "x" * 81}, {"latin_last_name"}),
    ],
)
def test_a_mistake_in_the_spelling_keeps_what_was_typed(
    client: Client, prove: Prove, spelled: dict[str, str], told: set[str]
) -> None:
    answer = send(prove(client, MARIE.phone), MARIE.form(**OLENA, **spelled))
    assert set(answer.context["form"].errors) == told
    assert f'value="{spelled["latin_last_name"]}"' in html_of(answer)


def test_a_spelling_of_a_name_that_became_latin_is_dropped(client: Client, prove: Prove) -> None:
    send(prove(client, MARIE.phone), MARIE.form(**SPELLED))
    assert Registration.objects.get().person.latin_last_name == ""


def test_another_name_is_asked_for_anew(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    noticed = send(client, MARIE.form(**OLENA)).context["form"]["spelling_noticed"].value()
    answer = send(client, MARIE.form(first_name="Оксана", last_name="Шевченко", spelling_noticed=noticed))
    assert set(answer.context["form"].errors) == {"latin_first_name"}


def test_the_spelling_outlives_a_choice_of_the_region_and_a_new_visit(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    shown = send(client, MARIE.form(**OLENA, **SPELLED, choose="region"))
    assert 'value="Shevchenko"' in html_of(shown)
    assert 'value="Shevchenko"' in html_of(client.get(FORM))


def test_a_claim_keeps_the_spelling_for_the_operators(client: Client, prove: Prove) -> None:
    send(prove(client, MARIE.phone), MARIE.form(**OLENA, **SPELLED))
    send(prove(client, KAREL.phone), MARIE.form(**OLENA, **SPELLED))
    assert '"latin_last_name": "SHEVCHENKO"' in RegistrationClaim.objects.get().typed


def test_the_question_stands_in_czech_too(client: Client, prove: Prove) -> None:
    html = html_of(send(prove(client, MARIE.phone), MARIE.form(**OLENA)))
    assert "Jméno latinkou" in html
    assert "cestovní" in html
