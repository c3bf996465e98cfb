"""Logging in as staff: two factors, no guessing, nothing told to strangers."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY

from crs.accounts import log_in_advice
from tests.factories import PASSWORD, totp
from tests.pages import (
    CODE,
    CODES,
    HOME,
    LOG_IN,
    SET_UP,
    WRONG_PASSWORD,
    browser,
    code_now,
    log_in,
    text_of,
    type_code,
    type_password,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ADVISED = ("logistics:invitation", "accounts:forgotten_password", "reservation:log_in")


def test_people_who_cannot_log_in_find_advice_of_three_rooms_in_its_order(client: Client) -> None:
    page = client.get(LOG_IN).content.decode()
    places = [page.index(f'href="{reverse(name)}"') for name in ADVISED]
    assert places == sorted(places)
    with pytest.raises(ValueError, match="at 10 already"):
        log_in_advice.add(10, "x.html")


def test_password_and_code_open_what_was_asked_for_under_a_new_session_key(client: Client, keeper: User) -> None:
    totp(keeper)
    asked = client.get(CODES)
    assert asked.headers["Location"] == f"{LOG_IN}?next=%2Fpersonal%2Fzalozni-kody%2F"
    page = client.get(asked.headers["Location"])
    assert 'name="next" value="/personal/zalozni-kody/"' in page.content.decode()
    assert type_password(client, next=CODES).headers["Location"] == CODE
    key_between = client.session.session_key
    assert client.get(HOME).status_code == 302  # the password alone opens nothing
    answer = type_code(client, code_now(keeper))
    assert answer.headers["Location"] == CODES
    assert client.session.session_key != key_between
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize("name", ["sklad", "sklad@example.cz", "Sklad@Example.cz ", "Sklad <sklad@example.cz>"])
def test_the_name_may_be_the_e_mail_however_it_is_typed(client: Client, keeper: User, name: str) -> None:
    totp(keeper)
    assert type_password(client, name).headers["Location"] == CODE


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "word"])
def test_nobody_is_led_elsewhere_after_logging_in(client: Client, keeper: User, page: str) -> None:
    totp(keeper)
    type_password(client, next=page)
    assert type_code(client, code_now(keeper)).headers["Location"] == HOME


def test_a_wrong_password_an_unknown_name_and_a_lock_look_the_same_for_who_exists_and_who_does_not(
    keeper: User,
) -> None:
    User.objects.create_user("obcan", "", PASSWORD)  # an account that is not staff's
    pages: dict[str, list[str]] = {}
    for name, password in (("sklad", "x"), ("nikdo", "x"), ("obcan", "x"), ("nikdo@example.cz", "x")):
        client = browser()
        answers = [type_password(client, name, password) for _ in range(6)]
        assert {answer.status_code for answer in answers} == {200}
        pages[name] = [text_of(answer) for answer in answers]
    assert len({tuple(shown) for shown in pages.values()}) == 1
    shown = pages["sklad"]
    assert all(WRONG_PASSWORD in page for page in shown[:4])
    locked = "Too many wrong passwords. For safety nobody can log in with this name until 9:15."
    assert all(locked in page for page in shown[4:])


def test_an_account_that_is_not_staffs_is_answered_like_a_wrong_password(client: Client) -> None:
    User.objects.create_user("obcan", "", PASSWORD)
    assert WRONG_PASSWORD in text_of(type_password(client, "obcan"))


def test_the_lock_holds_for_the_right_password_too_ends_in_a_quarter_and_leaves_other_addresses_alone(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    totp(keeper)
    for _ in range(5):
        type_password(client, password="x")
    assert "until 9:15" in text_of(type_password(client))
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert type_password(elsewhere).status_code == 302


def test_four_wrong_passwords_are_forgotten_after_a_log_in(client: Client, keeper: User) -> None:
    totp(keeper)
    for _ in range(4):
        type_password(client, "sklad@example.cz", "x")
    type_password(client, "sklad@example.cz")
    type_code(client, code_now(keeper))
    stranger = browser()
    assert WRONG_PASSWORD in text_of(type_password(stranger, "sklad@example.cz", "x"))


def test_many_tries_from_one_network_are_stopped(client: Client, keeper: User, settings: Any) -> None:
    settings.LOGINS_PER_ADDRESS = "2/h"
    for name in ("a", "b"):
        assert type_password(client, name).status_code == 200
    assert type_password(client).status_code == 429


def test_the_code_page_is_for_who_typed_the_password_just_now(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    totp(keeper)
    for page in (CODE, SET_UP):
        assert client.get(page).headers["Location"] == LOG_IN
    type_password(client)
    assert client.get(CODE).status_code == 200
    clock.shift(timedelta(minutes=21))
    assert client.get(CODE).headers["Location"] == LOG_IN


def test_a_changed_password_ends_a_log_in_that_was_half_way(client: Client, keeper: User) -> None:
    totp(keeper)
    type_password(client)
    keeper.set_password("jine-tri-slova-tady")
    keeper.save()
    assert type_code(client, code_now(keeper)).headers["Location"] == LOG_IN


def test_a_code_works_once_and_its_thief_reads_why(client: Client, keeper: User, clock: time_machine.Traveller) -> None:
    code = code_now(keeper)
    type_password(client)
    assert type_code(client, code).headers["Location"] == HOME
    thief = browser()
    type_password(thief)
    assert "This code has been used already." in text_of(type_code(thief, code))
    clock.shift(timedelta(seconds=30))
    assert type_code(thief, code_now(keeper)).status_code == 302


def test_wrong_codes_bring_pauses_that_grow(client: Client, keeper: User, clock: time_machine.Traveller) -> None:
    totp(keeper)
    type_password(client)
    assert "This code is not right." in text_of(type_code(client, "000 000"))
    assert "Please try again at 9:00:06." in text_of(type_code(client, code_now(keeper)))
    clock.shift(timedelta(seconds=2))
    type_code(client, "000000")
    assert "Please try again at 9:00:09." in text_of(type_code(client, code_now(keeper)))
    clock.shift(timedelta(seconds=3))
    assert type_code(client, code_now(keeper)).status_code == 302


def test_a_changed_password_logs_other_browsers_out(client: Client, keeper: User) -> None:
    other = browser()
    log_in(client, keeper)
    log_in(other, keeper)
    fresh = "ctyri-uplne-nova-slova"
    sent = {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    assert client.post("/personal/heslo/", {**sent, "old_password": "x"}).status_code == 200
    assert client.post("/personal/heslo/", sent).headers["Location"] == HOME
    assert client.get(HOME).status_code == 200
    assert other.get(HOME).status_code == 302


def test_a_session_of_before_the_second_factor_is_worth_nothing(client: Client, keeper: User) -> None:
    client.force_login(keeper)
    assert DEVICE_ID_SESSION_KEY not in client.session
    assert client.get(HOME).status_code == 302
    assert client.get(LOG_IN).status_code == 200


def test_logging_out_ends_it(client: Client, keeper: User) -> None:
    log_in(client, keeper)
    assert client.get("/personal/odhlaseni/").status_code == 405
    assert client.post("/personal/odhlaseni/").headers["Location"] == LOG_IN
    assert client.get(HOME).status_code == 302
