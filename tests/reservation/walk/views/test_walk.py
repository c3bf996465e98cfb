"""From PIN2 to two reserved doses, through all the pages; and what is true of every one of them."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from crs.no_break import breakable
from reservation.free_seats import folding
from reservation.models import Invitation, Reservation, Slot
from reservation.reserving import booking
from tests.factories import NOW, make_site
from tests.pages import text_of
from tests.reservation.conftest import LOG_IN, Invite, Make, MakePair, log_in
from tests.reservation.walk.views.conftest import (
    CONFIRM,
    CONFIRMED,
    HOLD,
    ICS,
    PDF,
    SITE,
    answered,
    confirm,
    hold,
    reservation_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


QUERIES = 12


def test_from_pin2_to_two_reserved_doses(english: Client, marie: Invitation, make_pair: MakePair) -> None:
    first, second = make_pair(capacity=3)
    folding.fold(now=NOW)
    assert log_in(english).headers["Location"] == SITE
    sites = english.get(SITE)
    assert "Nemocnice Motol" in text_of(sites)
    assert "3 free places" in text_of(sites)
    day_url = reverse("reservation:day", args=[first.site_id])
    assert day_url in sites.content.decode()
    days = english.get(day_url)
    time_url = reverse("reservation:time", args=[first.site_id, first.starts_at.date()])
    assert days.content.decode().count(f'href="{time_url}"') == 2  # in the list and in the calendar
    assert "Tuesday 12 January, 3 free places" in breakable(days.content.decode())
    times = english.get(time_url)
    assert f'name="slot" value="{first.pk}"' in times.content.decode()
    assert hold(english, first).headers["Location"] == CONFIRM
    page = english.get(CONFIRM)
    assert "Tuesday 12 January 2027, 9:00" in text_of(page)
    assert "Tuesday 2 February 2027, 9:00" in text_of(page)
    assert "exactly 21 days after the dose before" in text_of(page)
    assert "until 9:10" in text_of(page)
    assert english.post(CONFIRM, answered(page)).headers["Location"] == CONFIRMED
    done = english.get(CONFIRMED)
    assert marie.registration.number in text_of(done).replace(" ", "")
    assert "Tuesday 2 February 2027, 9:00" in text_of(done)
    assert reservation_of(marie).state == Reservation.State.CONFIRMED
    assert Slot.objects.get(pk=second.pk).booked == 1


@pytest.mark.parametrize("page", [SITE, CONFIRM])
def test_who_has_a_reservation_does_not_choose_again(inside: Client, make_pair: MakePair, page: str) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    assert inside.get(page).headers["Location"] == CONFIRMED


def test_a_question_for_the_head_is_answered_as_the_page(inside: Client, make_pair: MakePair) -> None:
    first, _ = make_pair()
    day = reverse("reservation:day", args=[first.site_id])
    pages = [SITE, day, f"{day}2027-01-12/"]
    assert [inside.head(page).status_code for page in pages] == [200, 200, 200]
    hold(inside, first)
    assert inside.head(CONFIRM).status_code == 200
    confirm(inside)
    assert [inside.head(page).status_code for page in (CONFIRMED, ICS, PDF)] == [200, 200, 200]
    assert [inside.head(page).headers["Location"] for page in (LOG_IN, HOLD)] == [SITE, SITE]


def test_nothing_is_shown_without_logging_in(english: Client, make_pair: MakePair) -> None:
    first, _ = make_pair()
    day = reverse("reservation:day", args=[first.site_id])
    for page in (SITE, day, f"{day}2027-01-12/", CONFIRM, CONFIRMED, PDF, ICS):
        assert english.get(page).headers["Location"] == LOG_IN
    for page in (HOLD, CONFIRM):
        assert english.post(page, {"slot": first.pk, "reservation": str(uuid4())}).headers["Location"] == LOG_IN
    assert Slot.objects.get(pk=first.pk).booked == 0


def test_somebody_elses_reservation_is_neither_seen_nor_downloaded(
    inside: Client, make_invitation: Invite, make_pair: MakePair
) -> None:
    other = make_invitation()
    theirs = booking.hold(invitation_id=other.pk, slot_id=make_pair()[0].pk, now=NOW)
    booking.confirm(reservation_id=theirs.reservation_id, registration_id=other.registration_id, now=NOW)
    assert inside.get(CONFIRMED).headers["Location"] == SITE
    assert inside.get(PDF).status_code == inside.get(ICS).status_code == 404


def test_a_revoked_pin2_ends_the_session(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    first, _ = make_pair()
    Invitation.objects.update(revoked_at=NOW)
    assert inside.get(SITE).headers["Location"] == LOG_IN
    assert inside.get(SITE).headers["Location"] == LOG_IN
    assert hold(inside, first).headers["Location"] == LOG_IN
    assert Slot.objects.get(pk=first.pk).booked == 0


@pytest.mark.parametrize("page", [SITE, CONFIRM, CONFIRMED, PDF, LOG_IN])
def test_nothing_personal_is_kept_by_the_browser(inside: Client, make_pair: MakePair, page: str) -> None:
    hold(inside, make_pair()[0])
    if page != PDF:
        assert {"no-store", "private"} <= set(inside.get(page).headers["Cache-Control"].split(", "))
    confirm(inside)
    assert {"no-store", "private"} <= set(inside.get(page).headers["Cache-Control"].split(", "))


def test_pages_speak_the_chosen_language(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    inside.cookies[settings.LANGUAGE_COOKIE_NAME] = "cs"
    page = inside.get(CONFIRM)
    assert 'lang="cs"' in page.content.decode()
    assert "úterý 12. ledna 2027, 9:00" in text_of(page)


@pytest.mark.parametrize("number", [1, 30])
def test_no_page_asks_more_with_more_data(
    inside: Client,
    marie: Invitation,
    number: int,
    make_slot: Make,
    django_assert_max_num_queries: Any,
) -> None:
    sites = [make_site(f"Site {n}") for n in range(number)]
    marie.registration.preferred_sites.set(sites)
    for n, site in enumerate(sites):
        for for_doses, day in (("FIRST", 1), ("SECOND", 22)):
            make_slot(day, f"{8 + n // 4:02}:{n % 4 * 15:02}", for_doses, site=sites[0])
            if n:
                make_slot(day + 1, "09:00", for_doses, site=site)
    calendar = reverse("reservation:day", args=[sites[0].pk])
    for address in (SITE, calendar, f"{calendar}2027-01-12/"):
        with django_assert_max_num_queries(QUERIES):
            assert inside.get(address).status_code == 200
    with django_assert_max_num_queries(5):  # the session, the call with its transaction, the way on
        hold(inside, Slot.objects.order_by("pk")[0])
    with django_assert_max_num_queries(QUERIES):
        page = inside.get(CONFIRM)
    form = answered(page)
    with django_assert_max_num_queries(18):  # a write with its history and its messages
        assert inside.post(CONFIRM, form).headers["Location"] == CONFIRMED
    for last in (CONFIRMED, PDF, ICS):
        with django_assert_max_num_queries(QUERIES):
            assert inside.get(last).status_code == 200
