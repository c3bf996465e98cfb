"""Step 1: a telephone and a captcha, and the PIN is on its way."""

import re
from uuid import uuid4

import pytest
from captcha.models import CaptchaStore
from django.test import Client
from pytest_django import Settings

from crs.messaging.models import Message
from tests.cast import JANA, KAREL, MARIE
from tests.pages import english, solved_captcha
from tests.registration.conftest import ask_for_pin, pins_to
from tests.registration.steps import FORM, PHONE, PIN, Prove, html_of, send

pytestmark = pytest.mark.django_db


def test_the_first_step_asks_for_a_telephone_and_a_captcha(client: Client) -> None:
    page = html_of(client.get(PHONE))
    assert 'name="phone"' in page
    assert 'name="captcha_0"' in page


def test_the_answer_is_the_same_for_a_known_number_and_an_unknown_one(client: Client, prove: Prove) -> None:
    send(prove(Client(), MARIE.phone), MARIE.form())
    answers = []
    for phone in (MARIE.phone, JANA.phone):
        browser = english(Client())
        answer = ask_for_pin(browser, phone)
        page = html_of(browser.get(PIN))
        answers.append((answer.status_code, answer.headers["Location"], _without_what_differs(page)))
    assert answers[0] == answers[1]


def test_over_a_limit_the_page_says_when_to_try_again_and_whom_to_call(client: Client, settings: Settings) -> None:
    settings.PINS_PER_PHONE = "1/15m"
    ask_for_pin(Client(), JANA.phone)
    answer = ask_for_pin(english(client), JANA.phone)
    assert answer.headers["Location"] == PIN
    page = html_of(client.get(PIN))
    assert re.search(
        r"We cannot send another SMS to the number [\d\u00a0]+ now. Please ask again to\w+ at \d+:\d\d", page
    )
    assert "You can ask for another PIN in" not in page
    assert "1221" in page
    assert "We are sending an SMS" not in page
    (pin,) = pins_to(JANA.phone)
    assert client.post(PIN, {"pin": pin}).headers["Location"] == FORM


def _without_what_differs(page: str) -> str:
    page = re.sub(r"60\d\s\d{3}\s\d{3}|(csrfmiddlewaretoken|form_key)\" value=\"[\w-]+\"", "", page)
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
    assert f'value="{typed}"' in html_of(answer) or not typed
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
    assert 'value="601 234 567"' in html_of(answer)
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
    assert 'value="601 234 567"' in html_of(answer)
    assert not answer.context["form"].errors
    asked = CaptchaStore.objects.latest("pk")
    CaptchaStore.objects.filter(pk=asked.pk).update(response="number:7")
    sent = {"phone": "601 234 567", "captcha_shown": "words", "captcha_0": asked.hashkey, "captcha_1": "7"}
    assert client.post(PHONE, sent).headers["Location"] == PIN
