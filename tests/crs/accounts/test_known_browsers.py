"""Where an account logged in with both factors, visitors of the same network cannot use up its tries."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from crs.accounts import known_browsers
from tests.factories import PASSWORD, make_account, totp
from tests.pages import HOME, code_now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def nurse() -> User:
    return with_app("sestra")


@pytest.fixture
def at_work(nurse: User) -> Client:
    """The browser in which the nurse logged in and out again. All browsers here have one address."""
    client = Client()
    log_in_and_out(client, nurse)
    return client


def with_app(name: str) -> User:
    user = make_account(name)
    totp(user)
    return user


def log_in_and_out(client: Client, user: User) -> None:
    assert gets_to_the_code(client, user.username)
    assert client.post(reverse("accounts:code"), {"code": code_now(user)}).status_code == 302
    client.post(reverse("accounts:log_out"))


def gets_to_the_code(client: Client, name: str, password: str = PASSWORD) -> bool:
    """Whether name and password were taken; the second factor is asked next."""
    return client.post(reverse("accounts:log_in"), {"name": name, "password": password}).status_code == 302


def test_a_visitor_who_guesses_does_not_keep_the_nurse_out(at_work: Client) -> None:
    visitor = Client()
    assert not any(gets_to_the_code(visitor, "sestra", "x") for _ in range(20))
    assert not gets_to_the_code(visitor, "sestra")
    assert gets_to_the_code(at_work, "sestra")


def test_nor_does_one_who_uses_up_every_limit_of_the_network(at_work: Client, settings: Settings) -> None:
    settings.LOGINS_PER_ADDRESS = "40/h"
    visitor = Client()
    assert not any(gets_to_the_code(visitor, f"jmeno{number}", "x") for number in range(45))
    assert gets_to_the_code(at_work, "sestra")


def test_who_guesses_in_her_browser_has_five_tries_too(at_work: Client) -> None:
    assert not any(gets_to_the_code(at_work, "sestra", "x") for _ in range(5))
    assert not gets_to_the_code(at_work, "sestra")


def test_the_note_is_good_for_its_accounts_only_and_a_computer_of_several_keeps_them_all(
    nurse: User, at_work: Client
) -> None:
    doctor = with_app("lekar")
    log_in_and_out(at_work, doctor)
    with_app("jina")
    visitor = Client()
    for name in ("sestra", "lekar", "jina"):
        for _ in range(5):
            gets_to_the_code(visitor, name, "x")
    assert [gets_to_the_code(at_work, name) for name in ("sestra", "lekar", "jina")] == [True, True, False]


def test_the_note_ends_after_90_days_and_whoever_forges_it_is_a_stranger(
    at_work: Client, clock: time_machine.Traveller
) -> None:
    forger = Client()
    forger.cookies[known_browsers.COOKIE] = at_work.cookies[known_browsers.COOKIE].value[:-1] + "~"
    assert not any(gets_to_the_code(Client(), "sestra", "x") for _ in range(5))
    assert not gets_to_the_code(forger, "sestra")
    clock.shift(timedelta(days=91))
    assert not any(gets_to_the_code(Client(), "sestra", "x") for _ in range(5))
    assert not gets_to_the_code(at_work, "sestra")


def test_the_password_alone_leaves_no_note_and_the_note_opens_nothing_and_names_nobody(
    nurse: User, at_work: Client
) -> None:
    half_way = Client()
    assert gets_to_the_code(half_way, "sestra")
    assert known_browsers.COOKIE not in half_way.cookies
    cookie = at_work.cookies[known_browsers.COOKIE]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/personal/", "Lax")
    assert bool(cookie["secure"]) == configured.SESSION_COOKIE_SECURE
    assert "sestra" not in cookie.value
    only_the_note = Client()
    only_the_note.cookies[known_browsers.COOKIE] = cookie.value
    assert only_the_note.get(HOME).status_code == 302


@pytest.mark.parametrize("page", ["accounts:log_in", "accounts:new_password", "logistics:accept"])
def test_the_note_is_sent_to_each_page_that_counts_by_the_browser(at_work: Client, page: str) -> None:
    assert reverse(page).startswith(at_work.cookies[known_browsers.COOKIE]["path"])


def test_a_computer_of_a_whole_hospital_keeps_the_latest_and_a_small_cookie(at_work: Client) -> None:
    for number in range(known_browsers.MOST_ACCOUNTS):
        log_in_and_out(at_work, with_app(f"sestra{number}"))
    assert len(at_work.cookies[known_browsers.COOKIE].value) < 512
    for _ in range(5):
        gets_to_the_code(Client(), "sestra", "x")
    assert not gets_to_the_code(at_work, "sestra")
