"""Personal links: found as they are typed, opened by whoever has them, forgotten once they ran out."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from registration.models import Registration
from reservation.links import links
from reservation.models import Invitation, PersonalLink
from reservation.walk.views.links import PAGES
from tests.factories import NOW, make_invitation, make_registration
from tests.pages import browser, text_of
from tests.reservation.conftest import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

CANNOT_COME = PersonalLink.Purpose.CANNOT_COME


def issued(registration: Registration, expires_at: datetime = NOW + timedelta(days=1)) -> str:
    """The token of a link."""
    address = links.issue(registration=registration, purpose=CANNOT_COME, about=1, now=NOW, expires_at=expires_at)
    return address.split("/")[-2]


def opened(client: Client, token: str) -> str:
    """Where the link leads."""
    return str(client.get(f"/o/{token}/").headers["Location"])


def test_a_link_is_found_as_it_is_typed_and_kept_as_a_hash_alone() -> None:
    token = issued(make_registration())
    assert links.find(f" {token[:4].lower()}-{token[4:]} ") == PersonalLink.objects.get()
    assert links.find("") is None
    assert token not in str(PersonalLink.objects.values().get())


def test_a_link_that_ran_out_says_so_and_is_forgotten_a_month_later() -> None:
    registration = make_registration()
    token = issued(registration, NOW - timedelta(minutes=1))
    assert "This link does not work any more" in text_of(browser().get(f"/o/{token}/", follow=True))
    issued(registration)
    assert links.forget_old(now=NOW + timedelta(days=15)) == 0
    assert links.forget_old(now=NOW + links.KEPT_FOR) == 1


def test_each_purpose_has_a_page_that_opens_with_its_own_link_alone() -> None:
    assert set(PAGES) == set(PersonalLink.Purpose)
    client = browser()
    assert opened(client, issued(make_registration())) == "/rezervace/nemohu-prijit/"
    assert client.get("/rezervace/nemohu-prijit/").status_code == 200
    assert client.get("/rezervace/nabidka/").headers["Location"] == "/rezervace/"
    # What opens in a session ends when the link does.
    PersonalLink.objects.update(expires_at=NOW)
    assert client.get("/rezervace/nemohu-prijit/").headers["Location"] == "/rezervace/"


def test_a_get_and_a_head_change_no_row() -> None:
    token = issued(make_registration())
    before = list(PersonalLink.objects.values())
    for client in (browser(), browser()):
        client.head(f"/o/{token}/")
        assert opened(client, token) == "/rezervace/nemohu-prijit/"
    assert list(PersonalLink.objects.values()) == before


def test_a_link_logs_another_person_out_and_leaves_its_own_person_in(marie: Invitation) -> None:
    client = browser()
    log_in(client)
    opened(client, issued(marie.registration))
    assert client.session["registration_id"] == marie.registration_id
    opened(client, issued(make_invitation().registration))
    assert "registration_id" not in client.session


def test_a_whole_network_opens_right_links_and_few_wrong_ones(settings: Settings) -> None:
    settings.LOGINS_PER_ADDRESS, settings.RATELIMIT_ENABLE = "2/h", True
    registration, client = make_registration(), browser()
    for _ in range(4):
        assert opened(client, issued(registration)) == "/rezervace/nemohu-prijit/"
    for _ in range(3):
        page = client.get("/o/ABCDEFGHJKLMNPQR/", follow=True)
    assert "Too many links were opened from your network" in text_of(page)
    # Nor does whoever guesses keep their neighbours out.
    assert opened(client, issued(registration)) == "/rezervace/nemohu-prijit/"
