"""What the tests of one's own registration share."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registration.mine import entries
from registration.mine.entries import Entry
from registration.models import PhoneVerification, Registration, RegistrationClaim
from registration.telephones.session import PROVEN, VERIFICATION
from tests.pages import browser

Open = Callable[[str], Client]


def entry_of(registration: Registration | RegistrationClaim) -> Entry:
    """The registration as its telephone sees it."""
    phone = str(type(registration).objects.get(pk=registration.pk).phone)
    return next(one for one in entries.of_phone(phone) if one.registration.number == registration.number)


def page(name: str, registration: Registration | RegistrationClaim, *more: Any) -> str:
    """The address of a page about the registration."""
    return reverse(f"registration:{name}", args=[entry_of(registration).key, *more])


@pytest.fixture
def open_with(db: None) -> Open:
    """A browser that has proved a telephone; steps 1 and 2 have tests of their own."""

    def go(phone: str) -> Client:
        client, now = browser(), timezone.now()
        proof = PhoneVerification.objects.create(phone=phone, created_at=now, asked_at=now, verified_at=now)
        session = client.session
        session[VERIFICATION] = session[PROVEN] = str(proof.pk)
        session.save()
        return client

    return go
