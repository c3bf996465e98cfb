"""A session of staff ends when idle, and what is changed in it bears its owner's name, whatever the page."""

from datetime import timedelta
from typing import Any

import pghistory
import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from crs.accounts.middleware import authorship
from crs.sessions import SessionStore
from logistics.models import Role, StaffRole
from tests.factories import make_account
from tests.pages import CODES, HOME, LOG_IN, browser, english, log_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_twenty_idle_minutes_end_the_session_and_the_page_says_so_and_leads_back(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    log_in(client, keeper)
    client.get(HOME)
    for _ in range(3):
        clock.shift(timedelta(minutes=19))
        assert client.get(HOME).status_code == 200
    clock.shift(timedelta(minutes=20))
    asked = client.get(CODES)
    assert asked.headers["Location"] == f"{LOG_IN}?next=%2Fpersonal%2Fzalozni-kody%2F"
    page = client.get(asked.headers["Location"])
    assert "You were logged out because nothing happened for 20 minutes." in text_of(page)
    assert "logged out because" not in text_of(client.get(LOG_IN))


def test_the_session_is_written_once_a_minute_at_most(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    log_in(client, keeper)
    seen = []
    for _ in range(5):
        client.get(HOME)
        seen.append(client.session["staff_seen"])
        clock.shift(timedelta(seconds=25))
    assert [moment - seen[0] for moment in seen] == [0, 0, 0, 75, 75]


def test_a_citizens_page_asks_nothing_about_staff(client: Client, keeper: User) -> None:
    def asked(visitor: Client) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get("/registrace/").status_code == 200
        return len(queries)

    log_in(client, keeper)
    assert asked(client) == asked(browser()) + 1, "the session itself"
    assert "staff_seen" not in client.session


# --- under whose name something is changed ------------------------------------------------------


def author_of_change(session: SessionBase, path: str = "/a/page/that/nobody/listed/", method: str = "POST") -> Any:
    """User and address that the history has for a change by a view; None where it has neither."""
    request = RequestFactory().generic(method, path)
    request.session = session
    made: list[StaffRole] = []
    # The context lasts for a transaction, and the test is one.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")

    def view(_request: HttpRequest) -> HttpResponse:
        made.append(StaffRole.objects.create(user=make_account(f"new-{User.objects.count()}"), role=Role.MINISTRY))
        return HttpResponse()

    authorship(view)(request)
    events: Any = pghistory.models.Events.objects
    context = events.tracks(made[0]).get().pgh_context
    return context and (context["user"], context["url"])


def test_whatever_the_page_a_change_in_a_session_of_staff_bears_its_owner(client: Client, keeper: User) -> None:
    log_in(client, keeper)
    assert author_of_change(client.session) == (keeper.pk, "/a/page/that/nobody/listed/")
    assert author_of_change(client.session, "/registrace/") == (keeper.pk, "/registrace/")
    assert author_of_change(client.session, method="GET") is None


def test_nobody_signs_without_both_factors_nor_in_a_session_that_idled(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    client.force_login(keeper)
    assert author_of_change(client.session) is None
    log_in(client, keeper)
    client.get(HOME)
    clock.shift(timedelta(minutes=19, seconds=59))
    assert author_of_change(client.session) is not None
    clock.shift(timedelta(seconds=1))
    assert author_of_change(client.session) is None
    assert client.session["_auth_user_id"] == str(keeper.pk), "a citizen's page does not end it"


def test_whose_session_it_is_costs_no_query_beside_the_session_and_a_stranger_none(
    client: Client, keeper: User, django_assert_num_queries: Any
) -> None:
    log_in(client, keeper)
    key = client.session.session_key
    for session, queries in ((SessionStore(key), 1), (SessionStore(), 0)):
        request = RequestFactory().post("/")
        request.session = session
        with django_assert_num_queries(queries):
            authorship(lambda _request: HttpResponse())(request)


def test_a_form_after_the_end_of_the_session_says_that_it_is_lost_and_leads_back_to_its_page(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    log_in(client, keeper)
    client.get(HOME)
    clock.shift(timedelta(minutes=20))
    sent = client.post(CODES, headers={"Referer": f"http://testserver{HOME}?x=1"})
    assert sent.headers["Location"] == f"{LOG_IN}?next=%2Fpersonal%2F%3Fx%3D1&nezapsano=1"
    page = text_of(client.get(sent.headers["Location"]))
    assert "What you just sent was not recorded." in page
    assert "logged out because" not in page
    for elsewhere in ("", "https://evil.example/", "http://testserver//evil.example/"):
        sent = client.post(CODES, headers={"Referer": elsewhere})
        assert sent.headers["Location"] == f"{LOG_IN}?next=%2Fpersonal%2Fzalozni-kody%2F&nezapsano=1", elsewhere


def test_a_form_without_its_cookie_tells_staff_in_their_words_and_citizens_in_theirs() -> None:
    careful = english(Client(enforce_csrf_checks=True))
    for path in (CODES, LOG_IN, "/ockovani/3c9f6b3e-8c40-4c8a-9d7e-1b6d4bb1f6a1/hledani/"):
        page = careful.post(path)
        assert page.status_code == 403
        assert f'href="{path}"' in page.content.decode()
        assert "If you are asked to log in, do" in text_of(page)
    assert "Go one step back and send it again." in text_of(careful.post("/registrace/"))
