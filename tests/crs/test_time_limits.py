"""No process waits longer for the database than its kind may, and what ends the wait is an outage, not a fault."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from crs import outages, sent_forms, time_limits
from crs.embedded.paths import DATABASE_USER, socket_dir
from crs.sent_forms import Sending
from crs.time_limits import COMMAND, WEB, WORKER, PatientConnection, TimeLimits


@pytest.fixture
def another() -> Iterator[Any]:
    """A connection of Django's beside the test's own."""
    other = connection.copy()
    yield other
    other.close()


def _connect(**options: Any) -> PatientConnection:
    return PatientConnection.connect(
        host=str(socket_dir()), user=DATABASE_USER, dbname="postgres", autocommit=True, **options
    )


def test_each_kind_of_process_has_its_own_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limits, "_of_this_process", None)
    assert time_limits.of_this_process() == COMMAND
    time_limits.begin(WEB)
    time_limits.begin(WORKER)  # crs/celery.py, which the web server imports too
    assert time_limits.of_this_process() == WEB


def test_postgresql_learns_the_limits_when_a_connection_is_made() -> None:
    with _connect(options=WEB.database_options()) as made:
        row = made.execute(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), "
            "current_setting('idle_in_transaction_session_timeout')"
        ).fetchone()
    assert row == ("5s", "1s", "10s")


def test_a_limit_of_nought_is_left_to_the_server() -> None:
    limits = TimeLimits(statement=0, lock=0.5, idle_in_transaction=0, connection=1, queue=1)
    assert limits.database_options() == "-c lock_timeout=500"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limit", "statement"),
    [("statement_timeout", "SELECT pg_sleep(10)"), ("lock_timeout", "SELECT pg_advisory_xact_lock(77)")],
)
def test_a_statement_and_a_lock_that_take_too_long_are_an_outage(another: Any, limit: str, statement: str) -> None:
    with another.cursor() as holder, transaction.atomic(), connection.cursor() as cursor:
        holder.execute("SELECT pg_advisory_lock(77)")
        cursor.execute(f"SET LOCAL {limit} = 50")
        with pytest.raises(DatabaseError) as raised, transaction.atomic():
            cursor.execute(statement)
        holder.execute("SELECT pg_advisory_unlock(77)")
    assert outages.is_outage(raised.value)


@pytest.mark.django_db
def test_the_second_of_two_clicks_waits_longer_for_the_first_than_a_page_waits_for_a_lock() -> None:
    def patience() -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return {"is": cursor.fetchone()[0]}

    assert sent_forms.once(Sending(uuid4(), "typed"), patience) == {"is": sent_forms.PATIENCE}


@pytest.mark.django_db
def test_a_transaction_in_which_nothing_was_asked_is_an_outage(another: Any) -> None:
    with another.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 50")
        cursor.execute("BEGIN")
        time.sleep(0.3)
        with pytest.raises(DatabaseError) as raised:
            cursor.execute("SELECT 1")
    assert outages.is_outage(raised.value)


@pytest.mark.django_db
def test_a_fault_of_ours_is_no_outage() -> None:
    with pytest.raises(DatabaseError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing")
    assert not outages.is_outage(raised.value)
    assert not outages.is_outage(ValueError())


def test_a_server_that_stands_still_is_given_up_after_a_while(settings: Settings) -> None:
    settings.DATABASE_SILENCE = 0.5
    made = _connect()
    pid = made.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(psycopg.OperationalError, match="silent"):
            made.execute("SELECT 1")
        assert 0.4 < time.monotonic() - started < 3
    finally:
        os.kill(pid, signal.SIGCONT)
    assert made.closed


def test_the_page_of_an_outage_asks_no_server_and_speaks_the_language_of_the_person(rf: RequestFactory) -> None:
    request = rf.get("/rezervace/misto/")
    request.LANGUAGE_CODE = "en"
    answer = outages.answer(request, psycopg.OperationalError("away"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The system is very busy at this moment" in answer.content.decode()
    assert not answer.cookies
