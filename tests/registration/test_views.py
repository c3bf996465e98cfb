"""Steps 1 to 4 as a browser sees them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from captcha.models import CaptchaStore
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.models import PhonePin, PhoneVerification, Registration, RegistrationClaim
from tests.cast import ELISKA, JANA, KAREL, MARIE, PETR
from tests.factories import make_site
from tests.pages import english, form_key, solved_captcha
from tests.registration.conftest import ask_for_pin, other_than, pins_to, texts_to

pytestmark = pytest.mark.django_db

PHONE, PIN, FORM = reverse("registration:phone"), reverse("registration:pin"), reverse("registration:form")
RESEND, DONE, EXISTING = reverse("registration:resend"), reverse("registration:done"), reverse("registration:existing")
FINISH = reverse("registration:finish")

Prove = Callable[[Client, str], Client]
KEY = "b94d27b9-934d-4e08-a52e-52d7da7dabfa"


def text(response: Any) -> str:
    return str(response.content.decode())


# --- step 1 -------------------------------------------------------------------------------------


def test_the_first_step_asks_for_a_telephone_and_a_captcha(client: Client) -> None:
    page = text(client.get(PHONE))
    assert 'name="phone"' in page
    assert 'name="captcha_0"' in page


def test_the_answer_is_the_same_for_a_known_number_and_an_unknown_one(client: Client, prove: Prove) -> None:
    prove(Client(), MARIE.phone).post(FORM, MARIE.form())
    answers = []
    for phone in (MARIE.phone, JANA.phone):
        browser = english(Client())
        answer = ask_for_pin(browser, phone)
        page = text(browser.get(PIN))
        answers.append((answer.status_code, answer.headers["Location"], _without_what_differs(page)))
    assert answers[0] == answers[1]


def test_over_a_limit_the_page_says_when_to_try_again_and_whom_to_call(client: Client, settings: Settings) -> None:
    settings.PINS_PER_PHONE = "1/15m"
    ask_for_pin(Client(), JANA.phone)
    answer = ask_for_pin(english(client), JANA.phone)
    assert answer.headers["Location"] == PIN
    page = text(client.get(PIN))
    assert re.search(r"We cannot send another SMS to the number [\d ]+ now. Please ask again to\w+ at \d+:\d\d", page)
    assert "You can ask for another PIN in" not in page
    assert "1221" in page
    assert "We are sending an SMS" not in page
    (pin,) = pins_to(JANA.phone)
    assert client.post(PIN, {"pin": pin}).headers["Location"] == FORM


def _without_what_differs(page: str) -> str:
    page = re.sub(r"60\d \d{3} \d{3}|(csrfmiddlewaretoken|form_key)\" value=\"[\w-]+\"", "", page)
    return re.sub(r"\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.+]+", "", page)


def test_an_address_has_its_limit_and_cannot_use_up_the_share_of_a_telephone(
    client: Client, settings: Settings
) -> None:
    settings.PINS_PER_ADDRESS, settings.PINS_PER_PHONE = "2/h", "1/15m"
    for person in (MARIE, KAREL, JANA):
        assert ask_for_pin(Client(), person.phone).headers["Location"] == PIN
    assert not pins_to(JANA.phone)
    other = Client(REMOTE_ADDR="192.0.2.7")
    ask_for_pin(other, JANA.phone)
    assert pins_to(JANA.phone)


@pytest.mark.parametrize("typed", ["", "babička", "60123456", "224 810 111"])
def test_a_wrong_number_is_told_at_the_field_and_kept(client: Client, typed: str) -> None:
    answer = client.post(PHONE, {"phone": typed, **solved_captcha()})
    assert answer.status_code == 200
    assert answer.context["form"].errors["phone"]
    assert f'value="{typed}"' in text(answer) or not typed
    assert not Message.objects.exists()


@pytest.mark.parametrize("language", ["cs", "en"])
def test_a_number_of_another_country_is_refused_in_words_that_name_the_way_out(client: Client, language: str) -> None:
    client.cookies["crs_language"] = language
    answer = client.post(PHONE, {"phone": "+1 201 555 0123", **solved_captcha()})
    (said,) = answer.context["form"].errors["phone"]
    assert "1221" in said
    assert ("této země" if language == "cs" else "this country") in said
    assert not Message.objects.exists()


def test_a_wrong_captcha_sends_nothing_and_keeps_the_number(client: Client) -> None:
    answer = client.post(PHONE, {"phone": "601 234 567", **solved_captcha(), "captcha_1": "xxx"})
    assert "captcha" in answer.context["form"].errors
    assert 'value="601 234 567"' in text(answer)
    assert not Message.objects.exists()


def test_a_captcha_answer_counts_once(client: Client) -> None:
    captcha = solved_captcha()
    assert client.post(PHONE, {"phone": MARIE.phone, **captcha}).status_code == 302
    replay = client.post(PHONE, {"phone": KAREL.phone, **captcha})
    assert "captcha" in replay.context["form"].errors
    assert not pins_to(KAREL.phone)


def test_a_double_click_on_send_sends_one_pin_even_if_the_first_answer_never_arrived() -> None:
    form = {"phone": MARIE.phone, **solved_captcha(), "form_key": str(uuid4())}
    assert Client().post(PHONE, form).headers["Location"] == PIN
    second = Client()
    assert second.post(PHONE, form).headers["Location"] == PIN
    (pin,) = pins_to(MARIE.phone)
    assert second.post(PIN, {"pin": pin}).headers["Location"] == FORM


def test_a_question_in_words_instead_of_the_picture_keeps_the_number(client: Client) -> None:
    answer = client.post(PHONE, {"phone": "601 234 567", **solved_captcha(), "captcha_kind": "words"})
    assert 'value="601 234 567"' in text(answer)
    assert not answer.context["form"].errors
    asked = CaptchaStore.objects.latest("pk")
    CaptchaStore.objects.filter(pk=asked.pk).update(response="number:7")
    sent = {"phone": "601 234 567", "captcha_shown": "words", "captcha_0": asked.hashkey, "captcha_1": "7"}
    assert client.post(PHONE, sent).headers["Location"] == PIN


# --- step 2 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [PIN, FORM, EXISTING])
def test_without_a_proof_every_step_leads_to_the_first(client: Client, url: str) -> None:
    assert client.get(url).headers["Location"] == PHONE
    assert client.get(DONE).headers["Location"] == EXISTING


@pytest.mark.parametrize("url", [PIN, FORM, RESEND])
def test_without_a_proof_nothing_can_be_sent_to_a_step(client: Client, url: str) -> None:
    assert client.post(url, {"pin": "123456", **MARIE.form()}).headers["Location"] == PHONE
    assert not Registration.objects.exists()


def test_asking_for_a_pin_is_no_proof(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    assert client.get(FORM).headers["Location"] == PHONE


def test_the_pin_page_is_made_for_telephones(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    page = text(client.get(PIN))
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert "601 234 567" in page
    assert re.search(r'data-countdown-seconds="[1-9]\d?"', page)


@pytest.mark.parametrize("shape", ["{0}{1}{2}{3}{4}{5}", " {0}{1}{2} {3}{4}{5} ", "{0}{1}{2}-{3}{4}{5}"])
def test_the_pin_may_be_written_with_spaces(client: Client, shape: str) -> None:
    ask_for_pin(client, MARIE.phone)
    (pin,) = pins_to(MARIE.phone)
    assert client.post(PIN, {"pin": shape.format(*pin)}).headers["Location"] == FORM


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12345O"])
def test_what_is_no_pin_is_told_at_the_field_and_is_no_try(client: Client, typed: str) -> None:
    ask_for_pin(client, MARIE.phone)
    answer = client.post(PIN, {"pin": typed})
    assert answer.context["form"].errors["pin"]
    assert PhoneVerification.objects.get().wrong_tries == 0


def test_each_refusal_of_a_pin_reads_differently(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    (pin,) = pins_to(MARIE.phone)
    said = {client.post(PIN, {"pin": other_than(pin)}).context["form"].errors["pin"][0]}
    PhonePin.objects.update(sent_at=timezone.now() - timedelta(minutes=16))
    said.add(client.post(PIN, {"pin": pin}).context["form"].errors["pin"][0])
    PhonePin.objects.update(used_at=timezone.now())
    said.add(client.post(PIN, {"pin": pin}).context["form"].errors["pin"][0])
    for _try in range(4):
        last = client.post(PIN, {"pin": other_than(pin)})
    said.add(last.context["form"].errors["pin"][0])
    assert last.context["can_resend"]
    assert len(said) == 4


def test_guessing_from_many_addresses_does_not_keep_the_owner_out(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    (pin,) = pins_to(MARIE.phone)
    for address in range(4):
        guesser = Client(REMOTE_ADDR=f"192.0.2.{address}")
        ask_for_pin(guesser, MARIE.phone)
        for _try in range(5):
            guesser.post(PIN, {"pin": other_than(*pins_to(MARIE.phone))})
    last = Client(REMOTE_ADDR="192.0.2.99")
    ask_for_pin(last, MARIE.phone)
    assert "15" in last.post(PIN, {"pin": pin}).context["form"].errors["pin"][0]
    assert client.post(PIN, {"pin": pin}).headers["Location"] == FORM


def test_a_double_click_on_the_right_pin_comes_to_the_form_twice(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    (pin,) = pins_to(MARIE.phone)
    second = Client()
    second.cookies = client.cookies.__class__(client.cookies.output(header="", sep=";"))
    sent = {"pin": pin, "form_key": form_key(client.get(PIN))}
    assert client.post(PIN, sent).headers["Location"] == FORM
    assert second.post(PIN, sent).headers["Location"] == FORM
    assert second.get(FORM).status_code == 200


def test_who_finished_is_not_let_in_by_sending_the_old_form_again(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    sent = {"pin": pins_to(MARIE.phone)[0], "form_key": form_key(client.get(PIN))}
    client.post(PIN, sent)
    client.post(FINISH)
    assert client.post(PIN, sent).headers["Location"] == PHONE
    assert client.get(FORM).headers["Location"] == PHONE


def test_who_proved_two_telephones_and_finished_leaves_neither_open(client: Client) -> None:
    forms = []
    for person in (MARIE, JANA):
        ask_for_pin(client, person.phone)
        sent = {"pin": pins_to(person.phone)[0], "form_key": form_key(client.get(PIN))}
        assert client.post(PIN, sent).headers["Location"] == FORM
        forms.append(sent)
    client.post(FINISH)
    for sent in forms:
        assert Client().post(PIN, sent).headers["Location"] == PHONE


def test_whoever_logs_out_ends_the_proof_too(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    sent = {"pin": pins_to(MARIE.phone)[0], "form_key": form_key(client.get(PIN))}
    client.post(PIN, sent)
    client.post(reverse("reservation:log_out"))
    assert Client().post(PIN, sent).headers["Location"] == PHONE


def test_a_resend_of_long_ago_says_nothing_untrue_and_its_address_may_be_opened(client: Client) -> None:
    ask_for_pin(english(client), MARIE.phone)
    PhoneVerification.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
    sent = {"form_key": form_key(client.get(PIN))}
    assert "We are sending you another PIN" in text(client.post(RESEND, sent, follow=True))
    assert "We are sending you another PIN" not in text(client.post(RESEND, sent, follow=True))
    assert len(pins_to(MARIE.phone)) == 2
    assert client.get(RESEND).headers["Location"] == PIN


def test_a_form_whose_verification_is_forgotten_begins_anew(client: Client) -> None:
    form = {"phone": MARIE.phone, **solved_captcha(), "form_key": KEY}
    client.post(PHONE, form)
    PhoneVerification.objects.all().delete()
    answer = client.post(PHONE, form)
    assert answer.headers["Location"] == PHONE


def test_the_session_holds_no_telephone(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    client.post(FORM, MARIE.form(postcode=""))
    assert MARIE.phone[4:] not in str(dict(client.session.items()))


def test_a_telephone_asked_for_after_another_was_proven_has_its_own_pin_page(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    assert 'value="601 234 567"' in text(client.get(PHONE))
    ask_for_pin(client, JANA.phone)
    assert client.get(PIN).status_code == 200


def test_the_third_pin_more_asks_the_check_question_and_keeps_the_pin_field(client: Client) -> None:
    ask_for_pin(english(client), MARIE.phone)
    for _resend in range(2):
        PhoneVerification.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
        assert "captcha_0" not in text(client.get(PIN))
        client.post(RESEND, {"form_key": form_key(client.get(PIN))})
    PhoneVerification.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
    page = client.get(PIN)
    assert "captcha_0" in text(page)
    assert text(client.post(RESEND, {})).count("Please answer the check question.") == 2  # summary and field
    words = client.post(RESEND, {"captcha_kind": "words"})
    assert 'name="captcha_shown" value="words"' in text(words)
    wrong = client.post(RESEND, {**solved_captcha(), "captcha_1": "wrong"})
    assert "This answer does not fit" in text(wrong)
    assert len(pins_to(MARIE.phone)) == 3
    assert client.post(RESEND, solved_captcha()).headers["Location"] == PIN
    assert len(pins_to(MARIE.phone)) == 4


def test_the_proof_has_a_new_session_key_and_the_old_one_proves_nothing(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    before = client.cookies["crs_session"].value
    (pin,) = pins_to(MARIE.phone)
    client.post(PIN, {"pin": pin})
    assert client.cookies["crs_session"].value != before
    thief = Client()
    thief.cookies["crs_session"] = before
    assert thief.get(FORM).headers["Location"] == PHONE


def test_an_old_pin_page_sent_with_another_answer_stays_on_the_pin_page(client: Client) -> None:
    ask_for_pin(english(client), MARIE.phone)
    PhoneVerification.objects.update(resends=2, asked_at=timezone.now() - timedelta(seconds=61))
    sent = {"form_key": form_key(client.get(PIN)), **solved_captcha()}
    client.post(RESEND, sent)
    page = client.post(RESEND, {**sent, "captcha_1": "another"}, follow=True)
    assert page.redirect_chain == [(PIN, 302)]
    assert "This page was already sent once" in text(page)


def test_resend_waits_60_seconds_and_any_of_the_pins_works(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    client.post(RESEND)
    assert len(pins_to(MARIE.phone)) == 1
    PhoneVerification.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
    client.post(RESEND)
    client.post(RESEND)  # a double click
    first, _second = pins_to(MARIE.phone)
    assert client.post(PIN, {"pin": first}).headers["Location"] == FORM


def test_resend_over_the_limit_sends_nothing_and_says_when(client: Client, settings: Settings) -> None:
    settings.PINS_PER_PHONE = "1/15m"
    ask_for_pin(english(client), MARIE.phone)
    PhoneVerification.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
    page = text(client.post(RESEND, follow=True))
    assert "We cannot send another SMS" in page
    assert "We are sending you another PIN" not in page
    assert len(pins_to(MARIE.phone)) == 1
    assert not client.get(PIN).context["can_resend"]


def test_after_five_wrong_pins_a_captcha_gives_a_new_start(client: Client) -> None:
    ask_for_pin(client, MARIE.phone)
    PhoneVerification.objects.update(wrong_tries=5)
    assert client.post(RESEND).status_code == 200
    client.post(RESEND, solved_captcha())
    assert client.post(PIN, {"pin": pins_to(MARIE.phone)[-1]}).headers["Location"] == FORM


def test_the_back_button_to_the_pin_leads_on(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    assert client.get(PIN).headers["Location"] == FORM


# --- step 3 -------------------------------------------------------------------------------------


def test_marie_registers(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    answer = client.post(FORM, MARIE.form(), follow=True)
    registration = Registration.objects.get()
    assert answer.redirect_chain == [(DONE, 302)]
    assert registration.number in re.sub(r"\s", "", text(answer))
    assert (registration.phone.as_e164, registration.language) == (MARIE.phone, "cs")


def test_an_empty_form_tells_every_field_and_the_summary_lists_them(client: Client, prove: Prove) -> None:
    answer = prove(client, MARIE.phone).post(FORM, {})
    required = {
        "first_name", "last_name", "insured_number", "insurer", "street", "city", "postcode", "consent",
    }  # fmt: skip
    assert set(answer.context["form"].errors) == required
    assert 'role="alert"' in text(answer)


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
    answer = prove(client, MARIE.phone).post(FORM, MARIE.form(**{field: typed}))
    assert set(answer.context["form"].errors) == {field}
    assert "Dvořáková" in text(answer) or field == "last_name"
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"region": "\x00"},
        {"region": "CZ064", "district": "\x00"},
        {"sites": ["\x00"]},
        {"reason": "\x00"},
        {"first_name": "Ma\x00rie"},
        {"insured_number": "9" * 5000},
        {"email": f"{'m' * 250}@seznam.cz"},
    ],
)
def test_nonsense_in_any_field_is_a_mistake_and_no_fault_of_ours(
    client: Client, prove: Prove, nonsense: dict[str, object]
) -> None:
    prove(client, MARIE.phone)
    for button in ({}, {"choose": "district"}):
        assert client.post(FORM, MARIE.form(**nonsense, **button)).status_code == 200
    assert client.get(FORM).status_code == 200
    assert not Registration.objects.exists()


def test_a_postcode_may_have_a_space_and_the_number_a_slash(client: Client, prove: Prove) -> None:
    prove(client, PETR.phone).post(FORM, PETR.form(postcode="110 00"))
    assert Registration.objects.get().person.postcode == "11000"


def test_a_mistyped_email_is_asked_about_once(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    asked = client.post(FORM, MARIE.form(email="marie@seznma.cz"))
    assert "marie@seznam.cz" in asked.context["form"].errors["email"][0]
    noticed = asked.context["form"]["email_noticed"].value()
    assert client.post(FORM, MARIE.form(email="marie@seznma.cz", email_noticed=noticed)).headers["Location"] == DONE
    assert Registration.objects.get().email == "marie@seznma.cz"


def test_a_rare_number_is_asked_about_once(client: Client, prove: Prove) -> None:
    digits = next(f"900112{n:03}0" for n in range(1000) if int(f"900112{n:03}") % 11 == 10)
    prove(client, PETR.phone)
    asked = client.post(FORM, PETR.form(insured_number=digits))
    assert asked.context["form"].errors["insured_number"]
    noticed = asked.context["form"]["number_noticed"].value()
    assert client.post(FORM, PETR.form(insured_number=digits, number_noticed=noticed)).headers["Location"] == DONE


def test_sites_are_chosen_by_region_and_district_without_javascript(
    client: Client, prove: Prove, site: VaccinationSite
) -> None:
    prove(client, MARIE.phone)
    page = client.post(FORM, MARIE.form(region="CZ064", choose="region"))
    assert "Brno-město" in text(page)
    assert site.name not in text(page)
    page = client.post(FORM, MARIE.form(region="CZ064", district="CZ0642", choose="district"))
    assert site.name in text(page)
    assert 'value="Dvořáková"' in text(page)
    assert not page.context["form"].errors
    client.post(FORM, MARIE.form(region="CZ064", district="CZ0642", sites=[str(site.pk)]))
    assert list(Registration.objects.get().preferred_sites.all()) == [site]


def test_a_chosen_site_stays_when_another_district_is_looked_at(
    client: Client, prove: Prove, site: VaccinationSite
) -> None:
    prove(client, MARIE.phone)
    page = client.post(FORM, MARIE.form(region="CZ071", choose="region", sites=[str(site.pk)]))
    assert re.search(rf'value="{site.pk}"[^>]*checked', text(page))


def test_praha_has_one_district_and_nobody_has_to_choose_it(client: Client, prove: Prove) -> None:
    site = make_site("O2 universum", "CZ0100")
    page = prove(client, MARIE.phone).post(FORM, MARIE.form(region="CZ010", choose="region"))
    assert site.name in text(page)


@pytest.mark.parametrize("sites", [["nonsense"], ["b94d27b9-934d-4e08-a52e-52d7da7dabfa"]])
def test_a_site_that_does_not_exist_is_refused_at_the_field(client: Client, prove: Prove, sites: list[str]) -> None:
    answer = prove(client, MARIE.phone).post(FORM, MARIE.form(sites=sites))
    assert set(answer.context["form"].errors) == {"sites"}


def test_a_child_is_refused_at_the_number(client: Client, prove: Prove) -> None:
    answer = prove(client, JANA.phone).post(FORM, ELISKA.form())
    assert "1221" in answer.context["form"].errors["insured_number"][0]


def test_a_double_click_on_register_makes_one_registration_and_shows_it(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    sent = MARIE.form(form_key=form_key(client.get(FORM)))
    assert client.post(FORM, sent).headers["Location"] == DONE
    assert client.post(FORM, sent).headers["Location"] == DONE
    assert Registration.objects.count() == 1
    assert len(texts_to(MARIE.phone, "registration/registered")) == 1


def test_an_old_page_sent_again_with_another_person_is_refused_in_words_and_kept(client: Client, prove: Prove) -> None:
    prove(english(client), MARIE.phone)
    key = form_key(client.get(FORM))
    client.post(FORM, MARIE.form(form_key=key))
    page = client.post(FORM, KAREL.form(form_key=key))
    assert "This page was already sent once with something else in it" in text(page)
    assert KAREL.details().last_name in text(page)
    assert client.post(FORM, KAREL.form(form_key=form_key(page))).headers["Location"] == DONE
    assert Registration.objects.count() == 2


def test_the_same_person_later_is_led_to_what_exists(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone).post(FORM, MARIE.form())
    answer = client.post(FORM, MARIE.form(city="Praha"), follow=True)
    assert answer.redirect_chain == [(EXISTING, 302)]
    assert MARIE.name in text(answer)
    assert Registration.objects.get().person.city == "Brno"


def test_two_tabs_register_two_persons_from_one_telephone(client: Client, prove: Prove) -> None:
    prove(client, JANA.phone)
    client.get(FORM), client.get(FORM)
    client.post(FORM, MARIE.form())
    client.post(FORM, KAREL.form())
    page = text(client.get(EXISTING))
    assert MARIE.name in page
    assert KAREL.name in page


def test_a_stranger_sees_the_same_pages_for_a_known_person(client: Client, prove: Prove) -> None:
    prove(Client(), MARIE.phone).post(FORM, MARIE.form())
    prove(client, JANA.phone)
    pages = [client.post(FORM, person.form(email=""), follow=True) for person in (MARIE, KAREL)]
    first, second = (re.sub(r"\d{3}\s\d{3}\s\d{3}|value=\"\w{64}\"", "", text(page)) for page in pages)
    assert first == second
    assert RegistrationClaim.objects.count() == 1


def test_over_its_limit_a_telephone_is_told_what_to_do_and_nothing_typed_is_lost(
    client: Client, prove: Prove, settings: Settings
) -> None:
    settings.REGISTRATIONS_PER_PHONE = 1
    prove(Client(), MARIE.phone).post(FORM, MARIE.form())
    prove(english(client), JANA.phone)
    client.post(FORM, JANA.form(postcode="6"))  # a mistake does not count
    for _click in range(2):
        assert client.post(FORM, JANA.form(form_key=KEY)).headers["Location"] == DONE
    pages = [client.post(FORM, person.form()) for person in (MARIE, KAREL)]
    for page, person in zip(pages, (MARIE, KAREL), strict=True):
        assert page.status_code == 200
        (said,) = page.context["form"].errors["__all__"]
        assert said.startswith("This person is not registered yet. One telephone can register at most 1 person in")
        assert "call the line 1221" in text(page)
        for typed in (person.first_name, person.insured_number, person.street, person.postcode):
            assert f'value="{typed}"' in text(page)
        assert re.search(r'name="consent"[^>]*checked', text(page))
    assert not RegistrationClaim.objects.exists()
    assert not texts_to(MARIE.phone, "registration/claimed")


def test_what_another_telephone_registered_is_not_shown(client: Client, prove: Prove) -> None:
    prove(Client(), MARIE.phone).post(FORM, MARIE.form())
    assert MARIE.name not in text(prove(client, JANA.phone).get(EXISTING))


# --- nothing typed is lost ------------------------------------------------------------------------


def test_the_back_button_finds_what_was_typed(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    client.post(FORM, MARIE.form(postcode="6"))
    assert 'value="Dvořáková"' in text(client.get(FORM))


def test_when_the_proof_runs_out_the_form_asks_again_and_keeps_everything(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=True):
        assert client.post(FORM, MARIE.form()).headers["Location"] == PHONE
        assert 'value="601 234 567"' in text(client.get(PHONE))
        prove(client, MARIE.phone)
        assert 'value="385512/123"' in text(client.get(FORM))
    assert not Registration.objects.exists()


def test_when_the_session_ends_in_the_middle_what_was_typed_waits_for_the_next_proof(
    client: Client, prove: Prove
) -> None:
    prove(client, MARIE.phone)
    client.session.flush()
    client.cookies.pop("crs_session")
    assert client.post(FORM, MARIE.form()).headers["Location"] == PHONE
    prove(client, MARIE.phone)
    assert 'value="Dvořáková"' in text(client.get(FORM))


def test_the_next_person_at_the_same_computer_does_not_see_what_was_typed(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    client.post(FORM, MARIE.form(postcode="6"))
    prove(client, KAREL.phone)
    assert "Dvořáková" not in text(client.get(FORM))


def test_what_was_typed_is_unreadable_in_the_session(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    client.post(FORM, MARIE.form(postcode="6"))
    kept = str(dict(client.session.items()))
    assert "385512" not in kept
    assert "Dvo" not in kept


def test_after_registering_the_form_is_empty_for_the_next_person(client: Client, prove: Prove) -> None:
    prove(client, JANA.phone).post(FORM, MARIE.form())
    assert "385512" not in text(client.get(FORM))


def test_finish_leaves_nothing_behind(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone).post(FORM, MARIE.form())
    client.post(FINISH)
    assert client.get(DONE, follow=True).redirect_chain[-1] == (PHONE, 302)


# --- every page -----------------------------------------------------------------------------------


def test_no_page_asks_the_database_more_than_12_times_however_much_there_is(
    client: Client, prove: Prove, site: VaccinationSite, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    prove(client, JANA.phone)
    for person in (MARIE, KAREL, PETR):
        client.post(FORM, person.form())
    for place in range(30):
        make_site(f"Site {place}", "CZ0642")
    for url in (PHONE, FORM, DONE, EXISTING):
        with django_assert_max_num_queries(12):
            client.get(url)
    with django_assert_max_num_queries(12):
        client.post(FORM, MARIE.form(region="CZ064", district="CZ0642", choose="district"))
    other = Client()
    ask_for_pin(other, JANA.phone)
    with django_assert_max_num_queries(12):
        other.get(PIN)


def test_a_get_does_not_send_or_finish(client: Client) -> None:
    assert client.get(RESEND).headers["Location"] == PIN
    assert not Message.objects.exists()
    assert client.get(FINISH).status_code == 405


def test_pages_about_a_person_are_not_kept_by_the_browser(client: Client, prove: Prove) -> None:
    assert "no-store" in prove(client, MARIE.phone).get(FORM).headers["Cache-Control"]


# --- the whole way ----------------------------------------------------------------------------------


def test_jana_registers_her_grandmother_and_herself_on_a_morning_when_sms_come_late(
    client: Client, site: VaccinationSite
) -> None:
    # Given that SMS take minutes and Jana asks twice
    english(client)
    client.post(PHONE, {"phone": "00420 603 456 789", **solved_captcha()})
    PhoneVerification.objects.update(asked_at=timezone.now() - timedelta(seconds=90))
    client.post(RESEND)
    first, second = pins_to(JANA.phone)
    # When the first one comes after all and she types it wrong before she types it right
    wrong = client.post(PIN, {"pin": other_than(first, second)})
    assert wrong.context["form"].errors["pin"]
    assert client.post(PIN, {"pin": f"{first[:3]} {first[3:]}"}).headers["Location"] == FORM
    # Then she fills in the form for Marie, mistypes the number and corrects only that
    page = client.post(FORM, MARIE.form(insured_number="385512/12", region="CZ064", choose="region"))
    page = client.post(FORM, MARIE.form(insured_number="385512/12", sites=[str(site.pk)]))
    assert set(page.context["form"].errors) == {"insured_number"}
    page = client.post(FORM, MARIE.form(sites=[str(site.pk)]), follow=True)
    marie = Registration.objects.get(person__last_name="Dvořáková")
    assert marie.number in re.sub(r"\s", "", text(page))
    assert list(marie.preferred_sites.all()) == [site]
    # And goes on with herself from the same telephone
    client.post(FORM, JANA.form())
    jana = Registration.objects.get(person__last_name="Svobodová")
    assert (marie.group.code, jana.group.code) == ("age-80", "age-40")
    assert len(texts_to(JANA.phone, "registration/registered")) == 2
    assert marie.number in texts_to("marie@seznam.cz", "registration/registered")[0]
    # And no address on the way carried anything about anybody
    for url in (PHONE, PIN, FORM, DONE, EXISTING):
        assert not re.search(r"\d", url)
