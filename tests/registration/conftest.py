"""What the tests of registration share."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from captcha.models import CaptchaStore
from django.test import Client
from django.urls import reverse

from crs.captcha.challenges import Answer
from crs.messaging.models import Message
from logistics.models import District, VaccinationSite
from registration.models import PhoneVerification


def texts_to(recipient: str, template: str) -> list[str]:
    """What was queued for a telephone or an address, the oldest first."""
    queued = Message.objects.filter(recipient=recipient, template=template).order_by("pk")
    return [message.text for message in queued]


def pins_to(phone: str) -> list[str]:
    """The PINs that were sent to a telephone, the oldest first."""
    return [re.findall(r"\b[0-9]{6}\b", text)[0] for text in texts_to(phone, "registration/pin")]


def other_than(*pins: str) -> str:
    """A PIN that was not sent."""
    return next(pin for pin in ("000001", "000002", "000003", "000004") if pin not in pins)


def begin(*, phone: str, now: datetime) -> PhoneVerification:
    """A verification without a PIN of its own."""
    return PhoneVerification.objects.create(phone=phone, created_at=now, asked_at=now)


def solved_challenge() -> Answer:
    """The right answer to a captcha of its own."""
    return Answer(CaptchaStore.objects.create(challenge="ABC", response="abc").hashkey, "abc")


def solved_captcha() -> dict[str, str]:
    """A captcha as the page of step 1 offers it, with the right answer."""
    answer = solved_challenge()
    return {"captcha_0": answer.key, "captcha_1": answer.text}


def ask_for_pin(client: Client, phone: str) -> Any:
    """Step 1."""
    return client.post(reverse("registration:phone"), {"phone": phone, **solved_captcha()})


@pytest.fixture
def prove() -> Callable[[Client, str], Client]:
    """Steps 1 and 2."""

    def go(client: Client, phone: str) -> Client:
        assert ask_for_pin(client, phone).status_code == 302
        answer = client.post(reverse("registration:pin"), {"pin": pins_to(phone)[-1]})
        assert answer.headers["Location"] == reverse("registration:form")
        return client

    return go


@pytest.fixture
def site(db: None) -> VaccinationSite:
    """An open site in Brno."""
    brno = District.objects.get(code="CZ0642")
    return VaccinationSite.objects.create(name="Výstaviště Brno", district=brno, address="Křížkovského 1, Brno")
