"""Guessing of staff's passwords is stopped by account, by network and everywhere, and nobody is kept out by others."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crs.accounts import passwords
from crs.accounts.backend import find_account
from crs.accounts.errors import NetworkLocked, PasswordLocked, PasswordRefused, WrongPassword
from crs.accounts.models import KnownNetwork
from crs.models import Tries
from tests.crs.accounts.conftest import NOW
from tests.factories import PASSWORD, make_account
from tests.race import race, tally

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def kraj() -> User:
    return make_account("kraj")


def try_password(name: str = "kraj", password: str = "x", address: str = HOME) -> str:  # noqa: S107
    """How the log-in went: "in", or the name of the refusal."""
    request = RequestFactory().post("/", REMOTE_ADDR=address)
    try:
        passwords.check(request, name=name, password=password, now=timezone.now())
    except PasswordRefused as refusal:
        return type(refusal).__name__
    return "in"


WRONG, LOCKED, NETWORK = (error.__name__ for error in (WrongPassword, PasswordLocked, NetworkLocked))


def test_all_spellings_of_an_account_are_counted_together(kraj: User) -> None:
    spellings = ["kraj", "KRAJ", " kraj@example.cz", "Kraj@Example.CZ", "\N{FULLWIDTH LATIN SMALL LETTER K}raj"]
    assert {find_account(name) for name in spellings} == {kraj}
    assert [try_password(name) for name in spellings] == [WRONG] * 4 + [LOCKED]
    assert try_password("kraj", PASSWORD) == LOCKED
    # Of a name that nobody has, too.
    assert [try_password(name) for name in ("Nikdo", "nikdo ", "NIKDO", "nikdo", "nikdO")] == [WRONG] * 4 + [LOCKED]


def test_two_accounts_that_differ_in_capitals_or_share_an_e_mail_are_not_mistaken() -> None:
    small, large = (User.objects.create_user(name, "spolecny@example.cz") for name in ("eva", "EVA"))
    names = ("eva", "EVA", "Eva", "spolecny@example.cz", "")
    assert [find_account(name) for name in names] == [small, large, None, None, None]


def test_a_network_is_the_whole_64_of_ipv6(kraj: User) -> None:
    addresses = [f"2001:db8::{number:x}" for number in range(5)]
    assert [try_password(address=address) for address in addresses] == [WRONG] * 4 + [LOCKED]
    assert try_password(password=PASSWORD, address="2001:db8::ffff") == LOCKED
    assert try_password(password=PASSWORD, address="2001:db8:0:1::") == "in"


def test_forty_names_from_one_network_are_not_all_looked_at(caplog: pytest.LogCaptureFixture) -> None:
    outcomes = [try_password(f"jmeno{number}", address=f"2001:db8::{number:x}") for number in range(40)]
    assert outcomes == [WRONG] * 30 + [NETWORK] * 10
    assert try_password("jmeno50", address=ELSEWHERE) == WRONG
    assert caplog.messages == ["Wrong passwords: the last of 30 tries was used up (passwords of a network)"]


def test_an_account_is_not_guessed_from_everywhere(kraj: User, clock: time_machine.Traveller) -> None:
    outcomes = [try_password(address=f"203.0.113.{number}") for number in range(60)]
    assert outcomes == [WRONG] * 50 + [LOCKED] * 10
    assert try_password(password=PASSWORD, address=ELSEWHERE) == LOCKED
    clock.shift(timedelta(hours=1))
    assert try_password(password=PASSWORD, address=ELSEWHERE) == "in"


def test_where_the_owner_logged_in_lately_others_do_not_keep_them_out(
    kraj: User, clock: time_machine.Traveller
) -> None:
    passwords.remember_network(RequestFactory().get("/", REMOTE_ADDR=HOME), user=kraj, now=timezone.now())
    for number in range(51):
        try_password(address=f"203.0.113.{number}")
    for number in range(31):
        try_password(f"jmeno{number}", address=HOME)
    assert try_password("jmeno99", address=HOME) == NETWORK
    assert try_password(password=PASSWORD, address=HOME) == "in"
    assert try_password(password=PASSWORD, address=ELSEWHERE) == LOCKED
    # Their own five tries hold there as everywhere.
    assert [try_password(address=HOME) for _ in range(6)] == [WRONG] * 4 + [LOCKED] * 2
    clock.shift(timedelta(days=91))
    assert passwords.forget_old_networks(now=timezone.now()) == 1


def test_right_passwords_are_not_counted(kraj: User) -> None:
    assert {try_password(password=PASSWORD) for _ in range(60)} == {"in"}
    assert [try_password() for _ in range(4)] == [WRONG] * 4
    assert try_password(password=PASSWORD) == "in"
    assert [try_password() for _ in range(4)] == [WRONG] * 4


def test_the_pause_begins_with_the_last_try_and_ends(kraj: User, clock: time_machine.Traveller) -> None:
    for _ in range(4):
        try_password()
    clock.shift(timedelta(minutes=14))
    assert try_password() == LOCKED
    clock.shift(timedelta(minutes=14))
    assert try_password(password=PASSWORD) == LOCKED  # asking in between does not make it longer
    clock.shift(timedelta(minutes=1))
    assert try_password(password=PASSWORD) == "in"


def test_a_cache_that_lost_everything_frees_nobody(kraj: User) -> None:
    for _ in range(5):
        try_password()
        cache.clear()
    assert try_password(password=PASSWORD) == LOCKED


def test_a_wrong_password_is_as_much_work_whoever_it_is_for(kraj: User) -> None:
    seen = []
    for name in ("kraj", "kraj@example.cz", "nikdo", "nikdo@example.cz"):
        with CaptureQueriesContext(connection) as queries:
            try_password(name)
        seen.append(len(queries))
    assert len(set(seen)) == 1


def test_neither_names_nor_addresses_are_kept(kraj: User) -> None:
    try_password("nikdo@example.cz")
    passwords.remember_network(RequestFactory().get("/", REMOTE_ADDR=HOME), user=kraj, now=NOW)
    kept = str([*Tries.objects.values(), *KnownNetwork.objects.values()])
    assert not any(name in kept for name in ("kraj", "nikdo", HOME))


@pytest.mark.django_db(transaction=True)
def test_many_wrong_passwords_at_once_are_not_more_than_many_one_by_one() -> None:
    outcomes = race(*[try_password] * 30)
    assert tally(outcomes) == {"str": 30}
    assert [outcomes.count(WRONG), outcomes.count(LOCKED)] == [4, 26]
