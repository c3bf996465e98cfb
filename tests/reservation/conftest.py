"""What the tests of reserving are made of: sites with slots, and people whose turn has come."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client

from logistics.models import VaccinationSite, Vaccine
from registration.models import PriorityGroup, Registration
from reservation.models import Invitation, Slot
from tests import factories, pages
from tests.cast import MARIE
from tests.factories import NOW
from tests.pages import Page

# What the fixtures below give a test to call.
Make = Callable[..., Slot]
MakePair = Callable[..., tuple[Slot, Slot]]
Invite = Callable[..., Invitation]
Register = Callable[..., Registration]

PHONE = MARIE.phone
LOG_IN = "/rezervace/"


def log_in(client: Client, phone: str = "601 234 567", pin2: str = "1234 5678") -> Page:
    return client.post(LOG_IN, {"phone": phone, "pin2": pin2})


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday morning, and the clock stands."""
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def english(client: Client) -> Client:
    return pages.english(client)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def vaccine(db: None) -> Vaccine:
    """Comirnaty with the rule of 21 (at most 42) days."""
    return Vaccine.objects.get(pk="comirnaty")


@pytest.fixture
def one_dose_vaccine(db: None) -> Vaccine:
    return Vaccine.objects.get(pk="janssen")


@pytest.fixture
def site(db: None) -> VaccinationSite:
    return factories.make_site("Nemocnice Motol", "CZ0100")


@pytest.fixture
def make_slot(site: VaccinationSite, vaccine: Vaccine) -> Callable[..., Slot]:
    """A slot at `site` unless told otherwise; day 1 is tomorrow, day 22 is 21 days later."""
    return partial(factories.make_slot, site=site, vaccine=vaccine)


@pytest.fixture
def make_pair(make_slot: Callable[..., Slot]) -> Callable[..., tuple[Slot, Slot]]:
    """A first-dose slot and the second-dose slot that belongs to it."""

    def make(day: int = 1, clock: str = "09:00", capacity: int = 1, second: int | None = None) -> tuple[Slot, Slot]:
        return (
            make_slot(day, clock, "FIRST", capacity),
            make_slot(day + 21, clock, "SECOND", capacity if second is None else second),
        )

    return make


@pytest.fixture
def group(db: None) -> PriorityGroup:
    return factories.make_group()


@pytest.fixture
def make_registration(db: None) -> Callable[..., Registration]:
    return factories.make_registration


@pytest.fixture
def make_invitation(make_registration: Callable[..., Registration]) -> Callable[..., Invitation]:
    """A person whose PIN2 is `PIN2`."""

    def make(registration: Registration | None = None, **fields: Any) -> Invitation:
        return factories.make_invitation(registration or make_registration(), **fields)

    return make


@pytest.fixture
def make_people(make_invitation: Callable[..., Invitation]) -> Callable[[int], list[Invitation]]:
    def make(number: int) -> list[Invitation]:
        return [make_invitation() for _ in range(number)]

    return make


@pytest.fixture
def marie(make_registration: Callable[..., Registration], make_invitation: Callable[..., Invitation]) -> Invitation:
    return make_invitation(make_registration(phone=PHONE))
