"""Step 2: the PIN proves the telephone, as often as it has to be asked for."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from registration.models import PhonePin, PhoneVerification, Registration
from tests.cast import JANA, MARIE
from tests.pages import english, form_key, solved_captcha
from tests.registration.conftest import ask_for_pin, other_than, pins_to
from tests.registration.steps import DONE, EXISTING, FINISH, FORM, KEY, PHONE, PIN, RESEND, Prove, html_of, send

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", [PIN, FORM])
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
    page = html_of(client.get(PIN))
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert "601\u00a0234\u00a0567" in page
    assert re.search(r'data-countdown-seconds="[1-9]\d?"', page)


@pytest.mark.parametrize(
    "shape",
    [
        *("{0}{1}{2}{3}{4}{5}", " {0}{1}{2} {3}{4}{5} ", "{0}{1}{2}-{3}{4}{5}", "\u200b{0}{1}{2}{3}{4}{5}"),
        "PIN: {0}{1}{2}{3}{4}{5}",
    ],
)
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
    assert "We are sending you another PIN" in html_of(client.post(RESEND, sent, follow=True))
    assert "We are sending you another PIN" not in html_of(client.post(RESEND, sent, follow=True))
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
    send(client, MARIE.form(postcode=""))
    assert MARIE.phone[4:] not in str(dict(client.session.items()))


def test_a_telephone_asked_for_after_another_was_proven_has_its_own_pin_page(client: Client, prove: Prove) -> None:
    prove(client, MARIE.phone)
    assert 'value="601 234 567"' in html_of(client.get(PHONE))
    ask_for_pin(client, JANA.phone)
    assert client.get(PIN).status_code == 200


def test_the_third_pin_more_asks_the_check_question_and_keeps_the_pin_field(client: Client) -> None:
    ask_for_pin(english(client), MARIE.phone)
    for _resend in range(2):
        PhoneVerification.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
        assert "captcha_0" not in html_of(client.get(PIN))
        client.post(RESEND, {"form_key": form_key(client.get(PIN))})
    PhoneVerification.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
    page = client.get(PIN)
    assert "captcha_0" in html_of(page)
    assert html_of(client.post(RESEND, {})).count("Please answer the check question.") == 2  # summary and field
    words = client.post(RESEND, {"captcha_kind": "words"})
    assert 'name="captcha_shown" value="words"' in html_of(words)
    wrong = client.post(RESEND, {**solved_captcha(), "captcha_1": "wrong"})
    assert "This answer does not fit" in html_of(wrong)
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
    assert "This page was already sent once" in html_of(page)


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
    page = html_of(client.post(RESEND, follow=True))
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
