"""Banners: on every page of those whom a problem concerns, in their language, without a query, whatever is away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from crs.banners import Audience
from logistics.models import Role
from support.incidents import banner
from tests.factories import NOW, make_incident, make_staff
from tests.pages import browser, log_in, text_of
from tests.support.incidents.away import valkey_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_a_problem_stands_on_pages_of_citizens_in_both_languages_without_a_query(
    django_assert_num_queries: Callable[..., Any],
) -> None:
    make_incident("SMS přicházejí pozdě")
    banner.refresh()
    Client().get("/")  # Who may register is kept for a minute.
    with django_assert_num_queries(0):
        czech, english = Client().get("/"), browser().get("/")
    assert "SMS přicházejí pozdě" in text_of(czech)
    assert "SMS with a PIN come late" in text_of(english)
    assert "/stav/#problem-" in czech.content.decode()


def test_what_is_for_staff_stands_on_their_pages_and_in_the_administration_only() -> None:
    make_incident("Tisk štítků nejde", is_for_citizens=False)
    banner.refresh()
    staff = Client()
    log_in(staff, make_staff(Role.MINISTRY))
    assert "Tisk štítků nejde" not in text_of(Client().get("/"))
    assert "Tisk štítků nejde" not in text_of(Client().get("/stav/"))
    for page in ("/personal/", "/admin/"):
        assert "Tisk štítků nejde" in text_of(staff.get(page)), page


def test_the_worst_and_latest_come_first_and_no_more_than_three() -> None:
    for hours, severity in enumerate(("NOTICE", "OUTAGE", "DEGRADED", "NOTICE")):
        make_incident(f"Problém {hours}", severity=severity, began_at=NOW - timedelta(hours=hours))
    banner.refresh()
    shown = [(one.kind, one.text) for one in banner.current(Audience.CITIZENS)]
    assert shown == [("error", "Problém 1"), ("warning", "Problém 2"), ("info", "Problém 0")]


def test_a_title_is_shown_as_it_was_written() -> None:
    make_incident("<script>alert(1)</script> & dál")
    banner.refresh()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; dál" in Client().get("/").content.decode()


def test_without_the_cache_or_with_nonsense_in_it_the_page_comes_without_a_banner(
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_incident("SMS přicházejí pozdě")
    with valkey_away(banner):
        banner.refresh()
        assert Client().get("/").status_code == 200
    for nonsense in ("x", [{"is_for_citizens": True}], 7):
        cache.set("support:open-incidents", nonsense)
        page = Client().get("/")
        assert (page.status_code, "SMS přicházejí" in text_of(page)) == (200, False)
    assert "cannot be read" in caplog.text
