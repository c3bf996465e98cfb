"""A forgotten password of staff: a code by e-mail, and nothing told to who is not its owner."""

import re
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from celery import Celery
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crs import queueing
from crs.accounts import password_reset
from crs.accounts.models import PasswordReset
from crs.accounts.tasks import forget_old, send_reset_codes
from crs.celery import app as celery
from crs.messaging.models import Message
from crs.models import Tries
from crs.tasks import forget_tries
from tests.factories import PASSWORD, make_account, totp
from tests.pages import CODE, HOME, LOG_IN, SET_UP, Page, browser, code_now, log_in, words
from tests.race import race
from tests.stack import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ASK, TYPE, CHOOSE = (f"/personal/zapomenute-heslo/{page}" for page in ("", "kod/", "nove/"))
EMAIL, FRESH = "sklad@example.cz", "ctyri-uplne-nova-slova"
WRONG, NONE = "This code is not right.", "No code works for this e-mail"


@pytest.fixture
def keeper() -> User:
    user = make_account("sklad")
    totp(user)
    return user


def main_of(page: Page) -> str:
    """What is read in the main part of the page."""
    return words(page.content.decode().partition("<main")[2])


def code_sent() -> str:
    """The code in the last e-mail."""
    found = re.search(r": ([A-Z2-9]{5} [A-Z2-9]{5})\s", Message.objects.latest("pk").text or "")
    assert found
    return found[1]


def asked(client: Client, email: str = EMAIL) -> str:
    """The code that came after asking for one."""
    assert client.post(ASK, {"email": email}).headers["Location"] == TYPE
    password_reset.send_codes(now=timezone.now())
    return code_sent()


def type_code(client: Client, code: str, email: str = EMAIL) -> Any:
    return client.post(TYPE, {"email": email, "code": code})


def choose(client: Client, password: str = FRESH) -> Any:
    return client.post(CHOOSE, {"password": password, "again": password})


def test_the_story_of_a_forgotten_password(client: Client, keeper: User) -> None:
    # Given a stock keeper who is logged in elsewhere and locked out here,
    elsewhere = browser()
    log_in(elsewhere, keeper)
    for name in ("sklad", EMAIL):
        for _ in range(5):
            client.post(LOG_IN, {"name": name, "password": "x"})
    assert ASK in client.get(LOG_IN).content.decode()
    # when he asks for a code and types it,
    code = asked(client, "Sklad@Example.cz")
    letter = Message.objects.get()
    assert (letter.recipient, letter.is_secret) == (EMAIL, True)
    assert TYPE in (letter.text or "")
    assert f'value="{EMAIL}"' in client.get(TYPE).content.decode()
    assert type_code(client, code.lower()).headers["Location"] == CHOOSE
    assert "Account: sklad." in main_of(client.get(CHOOSE))
    # then weak passwords are refused, and a good one leads to the second factor,
    assert "too short" in main_of(choose(client, "heslo"))
    assert "The passwords differ." in main_of(client.post(CHOOSE, {"password": FRESH, "again": "x"}))
    assert choose(client).headers["Location"] == CODE
    assert client.get(HOME).status_code == 302
    client.post(CODE, {"code": code_now(keeper)})
    assert client.get(HOME).status_code == 200
    # the other session is over, the old password too, and nobody is locked out.
    assert elsewhere.get(HOME).status_code == 302
    for name in ("sklad", EMAIL):
        assert browser().post(LOG_IN, {"name": name, "password": PASSWORD}).status_code == 200
        assert browser().post(LOG_IN, {"name": name, "password": FRESH}).headers["Location"] == CODE


def test_an_e_mail_that_nobody_of_staff_has_sees_the_same_pages(keeper: User) -> None:
    User.objects.create_user("obcan", "obcan@example.cz", PASSWORD)
    gone = make_account("byvaly")
    gone.is_active = False
    gone.save()
    seen = []
    for email in (EMAIL, "nikdo@example.cz", "obcan@example.cz", "byvaly@example.cz"):
        client = browser()
        pages = [client.post(ASK, {"email": email}, follow=True)]
        password_reset.send_codes(now=timezone.now())
        pages += [type_code(client, "ABCDE 23456", email) for _ in range(6)]
        pages += [client.post(ASK, {"email": email}, follow=True) for _ in range(5)]
        seen.append([(page.status_code, main_of(page).replace(email, "")) for page in pages])
    assert all(pages == seen[0] for pages in seen)
    words = [page for _status, page in seen[0]]
    assert "If a member of staff has the e-mail" in words[0]
    assert all(WRONG in page for page in words[1:6])
    assert NONE in words[6]
    assert "too often" in words[-1]
    assert set(Message.objects.values_list("recipient", flat=True)) == {EMAIL}


def test_a_code_works_once(client: Client, keeper: User) -> None:
    code = asked(client)
    assert type_code(client, code).status_code == 302
    assert NONE in main_of(type_code(browser(), code))
    assert choose(client).status_code == 302
    assert client.get(CHOOSE).headers["Location"] == ASK


def test_a_forgotten_password_asked_for_twice_is_one_letter_and_its_code_works(client: Client) -> None:
    user = make_account("eva")
    sent = {"email": user.email, "form_key": str(uuid4())}
    client.post(ASK, sent)
    send_reset_codes()
    code = PasswordReset.objects.get().code_hash
    client.post(ASK, sent)
    send_reset_codes()
    assert PasswordReset.objects.get().code_hash == code
    assert Message.objects.filter(template="accounts/password_reset").count() == 1


def test_a_code_runs_out_after_half_an_hour(client: Client, keeper: User, clock: time_machine.Traveller) -> None:
    code = asked(client)
    clock.shift(timedelta(minutes=31))
    assert NONE in main_of(type_code(client, code))


def test_five_wrong_codes_end_the_right_one_too(client: Client, keeper: User) -> None:
    code = asked(client)
    for _ in range(5):
        assert WRONG in main_of(type_code(client, "ABCDE 23456"))
    assert NONE in main_of(type_code(client, code))
    assert type_code(client, asked(client)).status_code == 302


def test_a_newer_code_ends_the_older_and_nobody_elses_works(client: Client, keeper: User) -> None:
    older, newer = asked(client), asked(client)
    assert WRONG in main_of(type_code(client, older))
    make_account("jiny")
    asked(browser(), "jiny@example.cz")
    assert WRONG in main_of(type_code(client, newer, "jiny@example.cz"))
    assert type_code(client, newer).status_code == 302


def test_a_new_password_is_chosen_only_after_a_code_and_not_for_long(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    assert client.get(CHOOSE).headers["Location"] == ASK
    assert choose(client).headers["Location"] == ASK
    type_code(client, asked(client))
    clock.shift(timedelta(minutes=21))
    assert choose(client).headers["Location"] == ASK
    keeper.refresh_from_db()
    assert keeper.check_password(PASSWORD)


def test_two_browsers_with_a_code_each_change_the_password_once(keeper: User) -> None:
    first, second = browser(), browser()
    for client in (first, second):
        type_code(client, asked(client))
    assert choose(first).headers["Location"] == CODE
    assert choose(second, "jina-uplne-nova-slova").headers["Location"] == ASK
    keeper.refresh_from_db()
    assert keeper.check_password(FRESH)


def test_who_has_no_app_yet_sets_one_up(client: Client, keeper: User) -> None:
    totp(keeper).delete()
    type_code(client, asked(client))
    assert choose(client).headers["Location"] == SET_UP


def test_many_tries_from_one_network_are_stopped(client: Client, settings: Any) -> None:
    settings.FORGOTTEN_PASSWORDS_PER_ADDRESS = "2/h"
    assert [client.post(ASK, {"email": f"{name}@example.cz"}).status_code for name in "abc"] == [302, 302, 429]
    assert [type_code(client, "ABCDE 23456").status_code for _ in range(3)] == [200, 200, 429]


def test_no_code_and_no_e_mail_is_kept_in_plain_text(client: Client, keeper: User) -> None:
    code = asked(client)
    kept = str([*PasswordReset.objects.values(), *Tries.objects.values()])
    assert PasswordReset.objects.get().code_hash in kept
    for secret in (code, code.replace(" ", ""), EMAIL):
        assert secret not in kept


def test_an_emptied_cache_neither_ends_a_code_nor_gives_more_tries(client: Client, keeper: User) -> None:
    code = asked(client)
    for _ in range(5):
        type_code(client, "ABCDE 23456")
        cache.clear()
        client = browser()
    assert NONE in main_of(type_code(client, code))
    code = asked(client)
    cache.clear()
    assert type_code(browser(), code).status_code == 302


# --- who asks learns nothing, by the clock either ------------------------------------------------


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Any:
    """Counts what an act does: statements by their text, calls of the cache, tasks that it starts."""
    calls: list[str] = []
    for name in ("add", "get", "set", "incr", "delete", "touch"):
        method = getattr(cache, name)

        def noted(*args: Any, name: str = name, method: Any = method, **more: Any) -> Any:
            calls.append(name)
            return method(*args, **more)

        monkeypatch.setattr(cache, name, noted)
    monkeypatch.setattr(celery, "send_task", lambda task, **_: calls.append(task))

    def of(act: Any) -> list[str]:
        calls.clear()
        with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks(execute=True):
            act()
        return [re.sub(r"'[^']*'|[0-9]+", "?", query["sql"]) for query in queries] + calls

    return of


def test_asking_for_a_code_is_as_much_work_for_a_stranger_as_for_staff(keeper: User, work: Any) -> None:
    clients = [browser() for _ in range(3)]
    for client in clients:
        client.get(ASK)
    done = [
        work(lambda client=client, email=email: client.post(ASK, {"email": email}))
        for client, email in zip(clients, (EMAIL, "nikdo@example.cz", "SKLAD@example.cz"), strict=True)
    ]
    assert done[0] == done[1]
    assert "accounts.send_reset_codes" in done[0]
    written = [table[1] for one in done[0] if (table := re.match(r'\s*INSERT INTO "?(\w+)', one))]
    assert written == ["crs_tries", "crs_tries", "accounts_passwordreset", "django_session"]
    assert not Message.objects.exists()


def test_a_wrong_code_is_as_much_work_for_a_stranger_as_for_staff(keeper: User, work: Any) -> None:
    asked(browser())
    asked(browser(), "nikdo@example.cz")
    done = [
        work(lambda email=email: type_code(browser(), "ABCDE 23456", email)) for email in (EMAIL, "nikdo@example.cz")
    ]
    assert done[0] == done[1]


def test_while_the_queue_is_away_one_request_asks_it_and_the_next_round_of_beat_sends_the_codes(
    client: Client, keeper: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[str] = []

    def away(task: str, **_: Any) -> None:
        asked.append(task)
        raise ConnectionError

    queue = Celery("away", broker=f"redis://127.0.0.1:{free_port()}/0", set_as_current=False)
    monkeypatch.setattr(queue, "send_task", away)
    monkeypatch.setattr(queueing, "app", queue)
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(ASK, {"email": EMAIL}).headers["Location"] == TYPE
    assert asked == ["accounts.send_reset_codes"]
    assert not Message.objects.exists()
    send_reset_codes()
    assert type_code(client, code_sent()).status_code == 302
    assert password_reset.send_codes(now=timezone.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_code(client: Client, keeper: User) -> None:
    client.post(ASK, {"email": EMAIL})
    outcomes = race(*[partial(password_reset.send_codes, now=timezone.now())] * 4)
    assert sum(outcomes) == 1
    assert Message.objects.count() == 1


def test_what_was_asked_for_long_ago_is_forgotten(client: Client, keeper: User, clock: time_machine.Traveller) -> None:
    client.post(ASK, {"email": EMAIL})
    clock.shift(timedelta(hours=2, minutes=1))
    assert password_reset.send_codes(now=timezone.now()) == 0
    forget_old()
    forget_tries()
    assert not PasswordReset.objects.exists()
    assert not Tries.objects.exists()
