"""/stav/ and /stav.json: from the cache as a rule, from the database without it, and in words where both are away."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from crs.messaging import delay
from crs.messaging.models import Message
from support.incidents import state
from support.models import IncidentUpdate
from tests.factories import NOW, make_incident
from tests.pages import browser, text_of
from tests.support.incidents.away import database_away, fresh_breaker, valkey_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    with fresh_breaker():
        yield


def test_everything_works_and_it_takes_no_query(django_assert_num_queries: Callable[..., Any]) -> None:
    state.refresh()
    with django_assert_num_queries(0):
        page, answer = browser().get("/stav/"), Client().get("/stav.json")
    assert "Everything works." in text_of(page)
    assert (page.status_code, answer.json()["state"], answer.json()["is_current"]) == (200, "ok", True)
    assert not answer.cookies


def test_programs_read_every_field() -> None:
    lasting = make_incident(severity="OUTAGE")
    IncidentUpdate.objects.create(
        incident=lasting, text_cs="Opravujeme.", text_en="We mend it.", by=lasting.declared_by, at=NOW
    )
    make_incident("Starší", declared_by=lasting.declared_by, ended_at=NOW - timedelta(minutes=5))
    make_incident(
        "Dávné", declared_by=lasting.declared_by, began_at=NOW - timedelta(days=99), ended_at=NOW - timedelta(days=91)
    )
    make_incident("Jen pro personál", declared_by=lasting.declared_by, is_for_citizens=False)
    answer = Client().get("/stav.json").json()
    assert answer.keys() == {
        *("version", "state", "measured_at", "is_current", "delays", "open", "history", "history_days")
    }
    assert answer["state"] == "outage"
    (problem,) = answer["open"]
    assert problem == {
        "id": lasting.pk,
        "severity": "outage",
        "title": {"cs": lasting.title_cs, "en": lasting.title_en},
        "text": {"cs": lasting.text_cs, "en": lasting.text_en},
        "began_at": "2027-01-11T07:00:00Z",
        "ended_at": None,
        "updates": [{"at": "2027-01-11T08:00:00Z", "text": {"cs": "Opravujeme.", "en": "We mend it."}}],
    }
    assert [one["title"]["cs"] for one in answer["history"]] == ["Starší"]
    page = text_of(browser().get("/stav/"))
    for words in ("A part of the system does not work.", "We mend it.", "An operator has an outage."):
        assert words in page
    assert "personál" not in page


def test_anybody_s_page_may_read_it_and_a_short_while_keep_it() -> None:
    state.refresh()
    first = Client().get("/stav.json")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Cache-Control"] == "public, max-age=15"
    again = Client().get("/stav.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    head = Client().head("/stav.json")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert Client().options("/stav.json").status_code == 204
    assert Client().post("/stav.json").status_code == 405
    assert (Client().head("/stav/").status_code, Client().post("/stav/").status_code) == (200, 405)


def test_delays_are_measured_and_a_long_one_is_no_normal_state() -> None:
    now = timezone.now()
    values: dict[str, Any] = {"template": "x/y", "language": "cs", "text": "x", "state": "SENT", "sent_at": now}
    Message.objects.create(
        channel="SMS", lane=Message.Lane.PIN, recipient="+420601234567", created_at=now - timedelta(seconds=4), **values
    )
    Message.objects.create(channel="EMAIL", recipient="a@b.example", created_at=now - timedelta(minutes=7), **values)
    Message.objects.create(
        channel="EMAIL", lane=Message.Lane.BULK, recipient="a@b.example", created_at=now - timedelta(hours=7), **values
    )
    answer = Client().get("/stav.json").json()
    assert answer["delays"] == {"sms": {"seconds": 4}, "email": {"seconds": 420}}
    assert answer["state"] == "degraded"
    page = text_of(browser().get("/stav/"))
    assert "messages come late" in page
    assert "within 4 seconds" in page
    assert "within 7 minutes" in page


def test_what_goes_out_within_the_second_goes_out_at_once() -> None:
    now = timezone.now()
    Message.objects.create(
        channel="EMAIL",
        template="x/y",
        language="cs",
        text="x",
        state="SENT",
        recipient="a@b.example",
        created_at=now,
        sent_at=now,
    )
    assert "E-mail at once" in text_of(browser().get("/stav/"))


def test_without_the_cache_it_is_measured() -> None:
    make_incident()
    with valkey_away(state, delay):
        answer = Client().get("/stav.json")
    assert (answer.status_code, answer.json()["state"], answer.json()["is_current"]) == (200, "degraded", True)


def test_without_the_database_the_last_known_state_is_shown_with_its_age() -> None:
    make_incident("SMS přicházejí pozdě")
    state.refresh()
    with time_machine.travel(NOW + timedelta(minutes=20)), database_away():
        page, answer = browser().get("/stav/"), Client().get("/stav.json")
    assert (page.status_code, answer.status_code, answer.json()["is_current"]) == (200, 200, False)
    assert "20 minutes ago" in text_of(page)
    assert "SMS with a PIN come late" in text_of(page)


def test_without_both_it_says_that_nothing_is_known() -> None:
    with valkey_away(state, delay), database_away():
        page, answer = browser().get("/stav/"), Client().get("/stav.json")
    assert (page.status_code, answer.status_code) == (503, 503)
    assert "We do not know now how the system works." in text_of(page)
    assert (answer.json()["state"], answer.headers["Retry-After"]) == ("unknown", "5")
    assert answer.headers["Cache-Control"] == page.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.content).keys() == Client().get("/stav.json").json().keys()


def test_nonsense_in_the_cache_is_measured_anew() -> None:
    for nonsense in ("x", {"version": 1}, {"version": 1, "measured_at": "včera"}, {"version": 99}, 7):
        cache.set("support:state", nonsense)
        assert Client().get("/stav.json").json()["state"] == "ok"
