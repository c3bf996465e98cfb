"""Who gets in, and what happens to the session."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from crs.sessions import SessionStore
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation.models import Invitation, Reservation
from reservation.reserving import booking
from reservation.walk import session
from tests.factories import ENDED, NOW, make_reservation
from tests.reservation.conftest import Invite, MakePair

pytestmark = pytest.mark.django_db

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@session.invited
def invited_page(request: session.InvitedRequest) -> HttpResponse:
    return HttpResponse(str(request.registration.person))


@session.logged_in
def cheap_page(request: session.LoggedInRequest) -> HttpResponse:
    return HttpResponse(f"{request.invitation_id} {request.registration_id}")


def a_request(invitation: Invitation | None = None, /, **kept: Any) -> HttpRequest:
    request = RequestFactory().get(f"/rezervace/misto/?kraj=CZ010&strana=&nase=ne&mesic={'1' * 60_000}")
    request.COOKIES["csrftoken"] = "of a form filled in here"
    request.session = SessionStore()
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    if invitation is not None:
        session.let_in(request, invitation)
    request.session.update(kept)
    return request


def test_whoever_goes_from_page_to_page_stays_logged_in_and_few_pages_write(
    make_invitation: Invite, clock: time_machine.Traveller
) -> None:
    first = a_request(make_invitation())
    first.session.save()

    def is_written(minutes: int) -> bool:
        clock.move_to(NOW + timedelta(minutes=minutes))
        request = a_request()
        request.session = SessionStore(first.session.session_key)
        assert invited_page(request).status_code == 200
        if request.session.modified:
            request.session.save()
        return request.session.modified

    assert [is_written(minutes) for minutes in (1, 10, 11, 21, 22, 140)] == [False, False, True, False, True, True]
    clock.move_to(NOW + timedelta(minutes=261))
    assert session.INVITATION not in SessionStore(first.session.session_key)


def test_an_invited_person_gets_in_with_one_query(make_invitation: Invite, django_assert_num_queries: Any) -> None:
    request = a_request(make_invitation())
    with django_assert_num_queries(1):
        assert invited_page(request).content == "Jana Nováková".encode()


def test_the_cheap_door_asks_the_database_nothing(make_invitation: Invite, django_assert_num_queries: Any) -> None:
    invitation = make_invitation()
    request = a_request(invitation)
    with django_assert_num_queries(0):
        assert cheap_page(request).content.decode() == f"{invitation.pk} {invitation.registration_id}"


@pytest.mark.parametrize("page", [invited_page, cheap_page])
def test_a_stranger_is_asked_to_log_in(page: Callable[[HttpRequest], HttpResponse]) -> None:
    request = a_request()
    answer = page(request)
    assert answer.headers["Location"] == "/rezervace/"
    assert {"no-store", "private"} <= set(answer.headers["Cache-Control"].split(", "))
    assert session.interrupted_page(request) == "/rezervace/misto/?kraj=CZ010"
    session.forget_interrupted_page(request)
    assert session.interrupted_page(request) is None


def test_for_a_browser_that_was_never_here_nothing_is_kept() -> None:
    request = a_request()
    request.COOKIES.clear()
    assert invited_page(request).headers["Location"] == "/rezervace/"
    assert request.session.is_empty()


@pytest.mark.parametrize("change", [{"revoked_at": NOW}, {"expires_at": NOW}])
def test_a_pin2_that_does_not_hold_any_more_ends_the_session(make_invitation: Invite, change: dict[str, Any]) -> None:
    request = a_request(make_invitation(**change))
    assert invited_page(request).headers["Location"] == "/rezervace/"
    assert not session.is_logged_in(request)


def test_a_cancelled_registration_ends_the_session(make_invitation: Invite) -> None:
    invitation = make_invitation()
    Registration.objects.update(**ENDED)
    assert invited_page(a_request(invitation)).status_code == 302


def test_an_invitation_of_somebody_else_opens_nothing(make_invitation: Invite) -> None:
    mine, theirs = make_invitation(), make_invitation()
    request = a_request(mine, invitation_id=theirs.pk)
    assert invited_page(request).status_code == 302


def test_an_old_pin2_opens_the_door_to_a_confirmed_reservation(
    make_invitation: Invite, make_pair: Callable[..., Any]
) -> None:
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=make_pair()[0].pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    Invitation.objects.update(expires_at=NOW - timedelta(days=1))
    assert invited_page(a_request(invitation)).status_code == 200


def test_of_a_reservation_that_was_finished_an_old_pin2_opens_nothing(
    make_invitation: Invite, site: VaccinationSite
) -> None:
    invitation = make_invitation(expires_at=NOW)
    reservation = make_reservation(invitation.registration, site=site, day=-60)
    assert invited_page(a_request(invitation)).status_code == 200
    Reservation.objects.filter(pk=reservation.pk).update(is_finished=True)
    assert invited_page(a_request(invitation)).status_code == 302


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(page: str) -> None:
    assert session.interrupted_page(a_request(**{session.RESUME_PAGE: page})) is None


def test_logging_out_forgets_everything(make_invitation: Invite) -> None:
    request = a_request(make_invitation(), other="thing")
    session.let_out(request)
    assert not dict(request.session.items())


@pytest.mark.parametrize(
    ("session", "said"),
    [
        ({}, "You were logged out for safety"),
        ({"verification_id": "b94d27b9"}, "Please log in first"),
    ],
)
def test_only_whose_session_ended_is_told_so(client: Client, session: dict[str, str], said: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    if session:  # of somebody who has just registered and was never logged in
        browser = client.session
        browser.update(session)
        browser.save()
    else:
        client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert said in client.get("/rezervace/misto/", follow=True).content.decode()


def test_who_has_had_all_doses_sees_a_reservation_and_with_a_valid_pin2_may_choose_a_booster(
    make_invitation: Invite, make_pair: MakePair
) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    Registration.objects.update(state=Registration.State.COMPLETED)
    assert invited_page(a_request(invitation)).status_code == 200
    again, never = make_invitation(), make_invitation(expires_at=NOW)
    Registration.objects.update(state=Registration.State.COMPLETED)
    assert invited_page(a_request(again)).status_code == 200
    assert invited_page(a_request(never)).status_code == 302
