"""Sessions stand in the database, hold little, and end when they are ended."""

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crs.sessions import LONGEST, MOST_MESSAGES, SessionStore, SessionTooLong
from crs.tasks import forget_sessions
from registration.models import PhoneVerification
from registration.telephones import draft
from registration.telephones.session import PROVEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> SessionStore:
    """A session that holds something and is stored."""
    session = SessionStore()
    session["draft"] = "half-filled"
    session.save()
    return session


def _again(session: SessionStore) -> SessionStore:
    """The same session as the next request finds it."""
    return SessionStore(session.session_key)


def test_a_session_outlives_the_loss_of_everything_in_valkey(kept: SessionStore) -> None:
    cache.clear()
    assert _again(kept)["draft"] == "half-filled"


@pytest.mark.parametrize("end", [SessionStore.flush, SessionStore.delete, SessionStore.cycle_key])
def test_a_key_that_was_ended_opens_nothing(kept: SessionStore, end: Callable[[SessionStore], None]) -> None:
    key = kept.session_key
    end(_again(kept))
    assert not dict(SessionStore(key).items())


def test_a_session_moves_to_a_new_key_by_one_statement(kept: SessionStore) -> None:
    session = _again(kept)
    assert session["draft"] == "half-filled"
    with CaptureQueriesContext(connection) as asked:
        session.cycle_key()
    assert len(asked) == 1
    assert session.session_key != kept.session_key
    assert _again(session)["draft"] == "half-filled"
    assert Session.objects.count() == 1


def test_a_session_whose_row_is_gone_begins_anew_under_a_new_key(kept: SessionStore) -> None:
    slow = _again(kept)
    assert slow["draft"] == "half-filled"
    _again(kept).delete()
    slow.cycle_key()
    assert slow.session_key != kept.session_key
    assert _again(slow)["draft"] == "half-filled"


def test_a_request_that_was_overtaken_by_the_log_out_does_not_bring_the_session_back(kept: SessionStore) -> None:
    slow = _again(kept)
    slow["seen"] = 1
    _again(kept).flush()
    with pytest.raises(UpdateError):
        slow.save()
    assert not Session.objects.exists()


def test_an_error_of_the_database_is_not_taken_for_a_session_that_ended(kept: SessionStore) -> None:
    def away(*_: object) -> None:
        raise OperationalError("the connection is lost")

    changed = _again(kept)
    changed["seen"] = 1
    with connection.execute_wrapper(away):
        with pytest.raises(OperationalError):
            changed.save()
        with pytest.raises(OperationalError):
            _again(kept).load()


def test_a_session_that_would_be_too_long_is_refused_loudly_and_stays_as_it_was(kept: SessionStore) -> None:
    again = _again(kept)
    again["draft"] = "".join(map(str, range(LONGEST)))
    with pytest.raises(SessionTooLong, match="the most are"):
        again.save()
    assert _again(kept)["draft"] == "half-filled"


def test_a_form_full_of_rubbish_is_refused_and_not_kept(client: Client) -> None:
    session = client.session
    proof = PhoneVerification.objects.create(phone="+420601000001", verified_at=timezone.now())
    session[PROVEN] = str(proof.pk)
    session.save()
    typed: dict[str, object] = dict.fromkeys(draft.FIELDS, "ž" * 1_000)
    assert client.post("/registrace/formular/", {**typed, draft.LIST_FIELD: ["ž" * 1_000] * 50}).status_code == 400
    assert draft.KEY not in client.session


def test_messages_that_nobody_looks_at_do_not_gather(rf: RequestFactory, kept: SessionStore) -> None:
    for number in range(MOST_MESSAGES * 3):
        request = rf.get("/")
        request.session = kept
        request._messages = default_storage(request)  # type: ignore[attr-defined]
        messages.info(request, f"message {number}")
        request._messages.update(None)  # type: ignore[attr-defined]
    found = [str(message) for message in default_storage(request)]
    assert found == [f"message {number}" for number in range(MOST_MESSAGES * 2, MOST_MESSAGES * 3)]


def test_ended_sessions_are_deleted_and_living_ones_are_not(kept: SessionStore) -> None:
    ended = SessionStore()
    ended.create()
    Session.objects.filter(session_key=ended.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    forget_sessions()
    assert [row.session_key for row in Session.objects.all()] == [kept.session_key]


def test_somebody_who_only_looks_has_no_session(client: Client) -> None:
    for page in ("/", "/rezervace/", "/ockovaci-mista/"):
        assert client.get(page).status_code == 200
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not Session.objects.exists()


def test_two_hundred_strangers_who_ask_for_a_page_behind_the_log_in_leave_nothing() -> None:
    for _ in range(200):
        answer = Client().get("/rezervace/misto/", {"x": secrets.token_urlsafe(45_000)})
        assert answer.headers["Location"] == "/rezervace/"
    assert not Session.objects.exists()


def test_a_browser_that_was_here_before_leaves_no_more_than_the_page_it_wanted(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for _ in range(50):
        assert client.get("/rezervace/misto/", {"x": secrets.token_urlsafe(45_000), "kraj": "CZ010"}).status_code == 302
    assert sum(len(row.session_data) for row in Session.objects.all()) < 2_000


@pytest.mark.django_db
def test_pages_that_only_lead_elsewhere_leave_no_session_and_still_say_why() -> None:
    for path in ("/registrace/pin/", "/registrace/formular/", "/moje/registrace/", "/rezervace/potvrdit/"):
        for _visit in range(3):
            assert Client().get(path).status_code == 302
    assert not Session.objects.exists()
    english = Client(headers={"accept": "text/html"})
    english.cookies["crs_language"] = "en"
    page = english.get("/registrace/formular/", follow=True)
    assert "Please begin here, with your telephone number." in page.content.decode()
    assert "Please begin here" not in english.get("/registrace/").content.decode()
    assert not Session.objects.exists()
