"""The log-in page: whom it lets in and where they go on, the captcha after several wrong tries, double clicks."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from captcha.models import CaptchaStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from crs.models import Tries
from reservation.models import Invitation
from reservation.walk.logging_in import FREE_TRIES, WRONG_PIN2S
from tests.pages import Page, answer_to, text_of
from tests.reservation.conftest import LOG_IN, PHONE, Invite, MakePair, log_in
from tests.reservation.walk.views.conftest import (
    CONFIRM,
    CONFIRMED,
    PDF,
    SITE,
    confirm,
    held_by_somebody_else,
    hold,
    reservation_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


MOST_TRIES = WRONG_PIN2S.most

WRONG = "8765 4321"
ASKED = "Several wrong tries were made for this number. Please also answer the check question."
NOT_THE_ANSWER = "This answer does not fit or has expired"


def wrong_tries(times: int, phone: str = "601 234 567") -> Page:
    """What the last of so many wrong tries is answered, by a browser of somebody else."""
    stranger = Client(headers={"cookie": "crs_language=en"})
    page = log_in(stranger, phone=phone, pin2=WRONG)
    for _time in range(times - 1):
        page = stranger.post(LOG_IN, {**sent(page), "phone": phone, "pin2": WRONG})
    return page


def sent(page: Page, **changes: str) -> dict[str, str]:
    """What the browser sends from `page`: all that stands in its fields, and the captcha solved where there is one."""
    text = page.content.decode()
    fields = dict(re.findall(r'<input[^>]* name="(phone|pin2|captcha_0|captcha_shown|form_key)" value="([^"]*)"', text))
    if "captcha_0" in fields:
        store = CaptchaStore.objects.get(hashkey=fields["captcha_0"])
        fields["captcha_1"] = answer_to(store.response)
    return {**fields, **changes}


def is_captcha_asked(page: Page) -> bool:
    return 'name="captcha_0"' in page.content.decode()


def errors_of(page: Page) -> list[str]:
    """The names of the fields at which something is said."""
    return list(page.context["form"].errors)


def counted() -> int:
    return Tries.objects.get().count


def test_the_fifth_wrong_try_brings_the_captcha_and_says_why(marie: Invitation) -> None:
    assert not is_captcha_asked(wrong_tries(FREE_TRIES - 1))
    page = wrong_tries(1)
    assert is_captcha_asked(page)
    assert errors_of(page) == ["captcha", "pin2"]
    assert ASKED in text_of(page)
    assert "You have 15 more tries before the log-in closes for 15 minutes." in text_of(page)
    assert sent(page)["phone"] == "601 234 567"
    assert sent(page)["pin2"] == WRONG


def test_the_owner_is_asked_the_question_and_let_in(english: Client, marie: Invitation) -> None:
    wrong_tries(FREE_TRIES)
    asked = log_in(english)
    assert asked.status_code == 200
    assert errors_of(asked) == ["captcha"]
    assert ASKED in text_of(asked)
    assert counted() == FREE_TRIES
    # Everything is still there; only the question is to be answered.
    assert sent(asked)["pin2"] == "1234 5678"
    assert english.post(LOG_IN, sent(asked)).headers["Location"] == SITE
    assert english.get(SITE).status_code == 200
    assert not Tries.objects.exists()


def test_a_known_and_an_unknown_number_see_the_same_page_all_the_way_to_the_lock(marie: Invitation) -> None:
    def looks(page: Page) -> str:
        return re.sub(r"60\d 234 567|\w{40,}", "", text_of(page))

    for already in (0, FREE_TRIES - 1, FREE_TRIES, MOST_TRIES - 2, MOST_TRIES - 1, MOST_TRIES):
        Tries.objects.update(count=already)
        known, unknown = (wrong_tries(2, phone=phone) for phone in ("601 234 567", "602 234 567"))
        assert looks(known) == looks(unknown)
        # While the number is locked no answer helps, so none is asked for.
        assert is_captcha_asked(known) == (FREE_TRIES - 1 <= already < MOST_TRIES - 1)
    assert "PIN2 was typed wrong too many times" in looks(known)


def test_leaving_the_captcha_out_is_asked_again_and_is_no_try(english: Client, marie: Invitation) -> None:
    wrong_tries(FREE_TRIES)
    for nothing in ({}, {"captcha_shown": "picture"}, {"captcha_shown": "picture", "captcha_0": "", "captcha_1": ""}):
        page = english.post(LOG_IN, {"phone": PHONE, "pin2": "1234 5678", **nothing})
        assert errors_of(page) == ["captcha"]
        assert ASKED in text_of(page)
    assert counted() == FREE_TRIES


@pytest.mark.parametrize("pin2", ["1234 5678", WRONG])
def test_a_wrong_answer_is_no_try_and_brings_another_picture(english: Client, marie: Invitation, pin2: str) -> None:
    wrong_tries(FREE_TRIES)
    asked = sent(log_in(english, pin2=pin2))
    page = english.post(LOG_IN, {**asked, "captcha_1": "wrong"})
    assert errors_of(page) == ["captcha"]
    again = sent(page)
    assert again["captcha_0"] != asked["captcha_0"]
    assert (again["phone"], again["pin2"]) == ("601 234 567", pin2)
    assert counted() == FREE_TRIES


def test_a_wrong_pin2_with_the_right_answer_is_a_try_and_brings_another_picture(
    english: Client, marie: Invitation
) -> None:
    wrong_tries(FREE_TRIES)
    asked = sent(log_in(english, pin2=WRONG))
    page = english.post(LOG_IN, asked)
    assert errors_of(page) == ["pin2"]
    assert "You have 14 more tries before the log-in closes" in text_of(page)
    assert sent(page)["captcha_0"] != asked["captcha_0"]
    assert counted() == FREE_TRIES + 1
    assert english.post(LOG_IN, sent(page, pin2="12345678")).headers["Location"] == SITE


@pytest.mark.parametrize("pin2", ["", "123456", "12 34"])
def test_a_mistake_in_typing_does_not_use_the_answer_up(english: Client, marie: Invitation, pin2: str) -> None:
    wrong_tries(FREE_TRIES)
    asked = sent(log_in(english), pin2=pin2)
    page = english.post(LOG_IN, asked)
    assert errors_of(page) == ["pin2"]
    assert sent(page)["captcha_0"] == asked["captcha_0"]
    assert english.post(LOG_IN, {**asked, "pin2": "12345678"}).headers["Location"] == SITE


def test_an_answer_serves_one_pin2_only(english: Client, marie: Invitation) -> None:
    wrong_tries(FREE_TRIES)
    asked = sent(log_in(english), pin2=WRONG)
    english.post(LOG_IN, asked)
    page = english.post(LOG_IN, {**asked, "pin2": "12345678", "form_key": str(uuid4())})
    assert NOT_THE_ANSWER in text_of(page)
    assert counted() == FREE_TRIES + 1


def test_the_question_in_words_keeps_what_was_typed_and_lets_in(english: Client, marie: Invitation) -> None:
    wrong_tries(FREE_TRIES)
    page = english.post(LOG_IN, sent(log_in(english), captcha_kind="words"))
    assert not errors_of(page)
    asked = sent(page)
    assert (asked["phone"], asked["pin2"], asked["captcha_shown"]) == ("601 234 567", "1234 5678", "words")
    again = sent(english.post(LOG_IN, {**asked, "pin2": WRONG}))
    assert again["captcha_shown"] == "words"
    assert english.post(LOG_IN, {**again, "pin2": "12345678"}).headers["Location"] == SITE


def test_a_pin2_that_ran_out_is_told_so_and_asks_nothing_more(english: Client, marie: Invitation) -> None:
    wrong_tries(FREE_TRIES)
    Invitation.objects.update(expires_at=timezone.now())
    asked = sent(log_in(english))
    for _click in range(2):
        page = english.post(LOG_IN, asked)
        assert "This PIN2 is no longer valid. You keep your place" in text_of(page)
        assert not is_captcha_asked(page)


def test_after_twenty_wrong_tries_the_right_pin2_has_to_wait_too(english: Client, marie: Invitation) -> None:
    wrong_tries(MOST_TRIES)
    page = log_in(english)
    assert not is_captcha_asked(page)
    assert "Please try again in 15 minutes, or call 1221" in text_of(page)


# --- double clicks ------------------------------------------------------------------------------


def second_browser(client: Client) -> Client:
    """The same browser before the answer to its first click has come, with its cookies of then."""
    twin = Client()
    twin.cookies = client.cookies.__class__(client.cookies.output(header="", sep=";"))
    return twin


def test_a_double_click_ends_where_the_first_click_led(english: Client, marie: Invitation) -> None:
    wanted = f"{SITE}?kraj=CZ010"
    wrong_tries(FREE_TRIES)
    english.get(wanted)
    asked = sent(log_in(english))
    second = second_browser(english)
    for click in (english, second):
        assert click.post(LOG_IN, asked).headers["Location"] == wanted
        assert click.get(wanted).status_code == 200


def test_a_double_click_with_a_wrong_pin2_is_one_try_and_one_answer(english: Client, marie: Invitation) -> None:
    wrong_tries(FREE_TRIES)
    asked = sent(log_in(english, pin2=WRONG))
    first, second = (english.post(LOG_IN, asked) for _click in range(2))
    assert errors_of(first) == errors_of(second) == ["pin2"]
    for page in (first, second):
        assert "You have 14 more tries before the log-in closes" in text_of(page)
    assert counted() == FREE_TRIES + 1


def test_the_key_of_a_form_opens_nothing_without_what_was_typed(english: Client, marie: Invitation) -> None:
    wrong_tries(FREE_TRIES)
    asked = sent(log_in(english))
    english.post(LOG_IN, asked)
    for change in ({"pin2": WRONG}, {"phone": "602 234 567"}, {"captcha_1": "wrong"}):
        stranger = Client(headers={"cookie": "crs_language=en"})
        assert "Please check the telephone number and PIN2" in text_of(stranger.post(LOG_IN, {**asked, **change}))
        assert stranger.get(SITE).headers["Location"] == LOG_IN


def test_a_first_click_that_a_limit_stopped_uses_nothing_up(english: Client, marie: Invitation, settings: Any) -> None:
    wrong_tries(FREE_TRIES)
    asked = sent(log_in(english))
    settings.LOGINS_PER_ADDRESS = "0/h"
    assert english.post(LOG_IN, asked).status_code == 429
    settings.LOGINS_PER_ADDRESS = "9/h"
    assert english.post(LOG_IN, asked).headers["Location"] == SITE


# --- who is let in, and where they go on ----------------------------------------------------------


def test_a_wrong_pin2_and_an_unknown_number_get_the_same_answer(english: Client, marie: Invitation) -> None:
    wrong = log_in(english, pin2="87654321")
    unknown = log_in(english, phone="602 234 567", pin2="87654321")
    assert wrong.status_code == unknown.status_code == 200
    assert "do not belong together. You have 4 more tries before we also ask you a check question." in text_of(wrong)
    assert text_of(wrong) == text_of(unknown)


@pytest.mark.parametrize(
    ("pin2", "says"),
    [
        ("", "Fill in PIN2"),
        ("123456", "This is the first PIN, with six digits"),
        ("12 34", "PIN2 has eight digits"),
        ("abcd efgh", "PIN2 has eight digits"),
    ],
)
def test_what_is_not_a_pin2_is_explained_and_nothing_typed_is_lost(
    english: Client, marie: Invitation, pin2: str, says: str
) -> None:
    page = log_in(english, pin2=pin2)
    assert says in text_of(page)
    assert 'value="601 234 567"' in page.content.decode()


@pytest.mark.parametrize("phone", ["", "letters", "123"])
def test_what_is_not_a_telephone_is_refused(english: Client, phone: str) -> None:
    page = log_in(english, phone=phone)
    assert page.status_code == 200
    assert 'href="#id_phone"' in page.content.decode()


def test_logging_in_is_limited_per_address(english: Client, settings: Any) -> None:
    settings.LOGINS_PER_ADDRESS = "2/h"
    assert [log_in(english, phone=f"60{n} 234 567").status_code for n in (2, 3, 4)] == [200, 200, 429]


def test_the_session_gets_a_new_key_at_log_in(english: Client, marie: Invitation) -> None:
    english.get(SITE)
    before = english.session.session_key
    log_in(english)
    assert english.session.session_key != before
    assert dict(english.session.items()).keys() >= {"invitation_id", "registration_id"}


def test_logging_out_ends_everything(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    assert inside.post("/rezervace/odhlasit/").status_code == 302
    assert inside.get(PDF).headers["Location"] == LOG_IN
    assert inside.get("/rezervace/odhlasit/").status_code == 405


def test_who_is_logged_in_goes_on(inside: Client) -> None:
    assert inside.get(LOG_IN).headers["Location"] == SITE


def test_coming_back_with_pin2_shows_the_reservation(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    inside.post("/rezervace/odhlasit/")
    assert log_in(inside).headers["Location"] == CONFIRMED
    assert marie.registration.number in text_of(inside.get(CONFIRMED)).replace(" ", "")


def test_coming_back_after_pin2_ran_out_still_shows_the_reservation(
    inside: Client, clock: time_machine.Traveller, make_pair: MakePair
) -> None:
    hold(inside, make_pair(day=20)[0])
    confirm(inside)
    clock.shift(timedelta(days=15))
    cache.clear()
    assert log_in(inside).headers["Location"] == CONFIRMED
    assert inside.get(CONFIRMED).status_code == 200


def test_who_holds_a_time_is_led_to_confirm_it(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    inside.post("/rezervace/odhlasit/")
    assert log_in(inside).headers["Location"] == CONFIRM


def test_after_logging_in_again_the_person_is_where_they_were(english: Client, marie: Invitation) -> None:
    wanted = f"{SITE}?kraj=CZ010"
    assert english.get(wanted).headers["Location"] == LOG_IN
    assert log_in(english).headers["Location"] == wanted


def test_the_time_chosen_when_the_session_ended_is_held_after_logging_in(
    inside: Client, marie: Invitation, make_pair: MakePair
) -> None:
    first, _ = make_pair()
    Session.objects.all().delete()
    assert hold(inside, first).headers["Location"] == LOG_IN
    assert log_in(inside).headers["Location"] == CONFIRM
    assert reservation_of(marie).appointments.get(dose_number=1).slot_id == first.pk


def test_the_time_that_went_while_logging_in_again_is_answered_kindly(
    inside: Client, make_invitation: Invite, make_pair: MakePair
) -> None:
    first, _ = make_pair()
    Session.objects.all().delete()
    hold(inside, first)
    held_by_somebody_else(make_invitation, first)
    page = log_in(inside)
    assert page.status_code == 409
    assert "Somebody else has just taken this time" in text_of(page)
