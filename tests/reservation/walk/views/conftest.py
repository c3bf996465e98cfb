"""What the tests of reservation's pages share: their addresses, a browser that is logged in, and the clicks."""

import re
from typing import Any
from uuid import UUID

import pytest
from captcha.models import CaptchaStore
from django.test import Client

from reservation.models import Invitation, Reservation, Slot
from reservation.reserving import booking
from tests.factories import NOW
from tests.pages import Page, answer_to
from tests.reservation.conftest import Invite, log_in

SITE = "/rezervace/misto/"
HOLD = "/rezervace/drzet/"
CONFIRM = "/rezervace/potvrdit/"
CONFIRMED = "/rezervace/hotovo/"
PDF = "/rezervace/potvrzeni.pdf"
ICS = "/rezervace/terminy.ics"


@pytest.fixture
def inside(english: Client, marie: Invitation) -> Client:
    """Marie's browser after logging in."""
    assert log_in(english).status_code == 302
    return english


def hold(client: Client, slot: Slot) -> Page:
    return client.post(HOLD, {"slot": slot.pk})


def answered(page: Page, **changes: Any) -> dict[str, Any]:
    """What the browser sends from the page of step 7 when the captcha is solved."""
    text = page.content.decode()
    key = re.search(r'name="captcha_0" value="(\w+)"', text)
    reservation = re.search(r'name="reservation" value="([0-9a-f-]+)"', text)
    form_key = re.search(r'name="form_key" value="([0-9a-f-]+)"', text)
    assert key
    assert form_key
    assert reservation
    answer = answer_to(CaptchaStore.objects.get(hashkey=key[1]).response)
    shown = {"captcha_shown": "picture", "captcha_0": key[1], "captcha_1": answer, "reservation": reservation[1]}
    return {**shown, "form_key": form_key[1], **changes}


def confirm(client: Client) -> Page:
    return client.post(CONFIRM, answered(client.get(CONFIRM)))


def reservation_of(invitation: Invitation) -> Reservation:
    return Reservation.objects.holding_seats().get(registration=invitation.registration_id)


def held_by_somebody_else(make_invitation: Invite, slot: Slot) -> UUID:
    return booking.hold(invitation_id=make_invitation().pk, slot_id=slot.pk, now=NOW).reservation_id
