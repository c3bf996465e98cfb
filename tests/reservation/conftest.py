"""What the tests of reserving are made of: sites with slots, and people whose turn has come."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from crs.captcha import questions
from logistics.models import District, DoseInterval, Region, VaccinationSite, Vaccine
from registration.models import Person, PriorityGroup, Registration
from reservation.models import Invitation, Slot
from reservation.pin2 import pin2_hash

PRAGUE = ZoneInfo("Europe/Prague")
NOW = datetime(2027, 1, 11, 9, 0, tzinfo=PRAGUE)  # a Monday
PIN2 = "12345678"
PHONE = "+420601234567"
LOG_IN = "/rezervace/"

# The test client's answer, which has more than an HttpResponse.
Page = Any

_numbers = count(1)


def at(day: date, clock: str) -> datetime:
    """A wall-clock time in Prague, such as '09:15'."""
    return datetime.combine(day, time.fromisoformat(clock), PRAGUE)


def log_in(client: Client, phone: str = "601 234 567", pin2: str = "1234 5678") -> Page:
    return client.post(LOG_IN, {"phone": phone, "pin2": pin2})


def answer_to(response: str) -> str:
    """What a person writes to a picture ("abcde") or to a question in words ("number:7", "word:d2")."""
    kind, _, what = response.rpartition(":")
    if kind != "word":
        return what
    return next(str(words[int(what[1:])]) for of, words in questions.WORDS.items() if of[0] == what[0])


def text_of(response: Page) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday morning, and the clock stands."""
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def english(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def vaccine(db: None) -> Vaccine:
    """Comirnaty with the rule of 21 (at most 42) days, also where a test emptied the tables."""
    found, _ = Vaccine.objects.get_or_create(code="comirnaty", defaults={"name": "Comirnaty", "doses": 2})
    DoseInterval.objects.get_or_create(
        vaccine=found, valid_from=date(2021, 7, 15), defaults={"min_days": 21, "ideal_days": 21, "max_days": 42}
    )
    return found


@pytest.fixture
def one_dose_vaccine(db: None) -> Vaccine:
    found, _ = Vaccine.objects.get_or_create(code="janssen", defaults={"name": "Janssen", "doses": 1})
    return found


@pytest.fixture
def make_site(db: None) -> Callable[..., VaccinationSite]:
    def make(name: str = "Nemocnice Motol", region: str = "CZ010", **fields: Any) -> VaccinationSite:
        place, _ = Region.objects.get_or_create(code=region, defaults={"name": region})
        district, _ = District.objects.get_or_create(code=f"{region}0", defaults={"name": region, "region": place})
        return VaccinationSite.objects.create(name=name, district=district, address="V Úvalu 84, Praha 5", **fields)

    return make


@pytest.fixture
def site(make_site: Callable[..., VaccinationSite]) -> VaccinationSite:
    return make_site()


@pytest.fixture
def make_slot(site: VaccinationSite, vaccine: Vaccine) -> Callable[..., Slot]:
    """A slot at `site` unless told otherwise; day 1 is tomorrow, day 22 is 21 days later."""

    def make(day: int = 1, clock: str = "09:00", for_doses: str = "FIRST", capacity: int = 1, **fields: Any) -> Slot:
        starts_at = at(NOW.date() + timedelta(days=day), clock)
        values = {
            "site": site,
            "vaccine": vaccine,
            "for_doses": for_doses,
            "starts_at": starts_at,
            "capacity": capacity,
        }
        slot: Slot = Slot.objects.create(**(values | fields))
        return slot

    return make


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
    found, _ = PriorityGroup.objects.update_or_create(
        code="age-80",
        defaults={
            "name_cs": "80 let a více",
            "name_en": "80 and over",
            "basis": "AGE",
            "score": 14,
            "min_age": 80,
            "is_open": True,
        },
    )
    return found


@pytest.fixture
def make_registration(group: PriorityGroup) -> Callable[..., Registration]:
    def make(
        *, birth_date: date = date(1940, 5, 1), sites: tuple[VaccinationSite, ...] = (), **fields: Any
    ) -> Registration:
        number = next(_numbers)
        person = Person.objects.create(
            first_name="Jana",
            last_name="Nováková",
            insured_number=f"{number:010}",
            insured_number_hash=f"{number:064}",
            birth_date=birth_date,
            insurer="111",
            street="Dlouhá 1",
            city="Praha",
            postcode="11000",
        )
        values = {
            "number": f"{number:09}",
            "person": person,
            "phone": f"+4207{number:08}",
            "group": group,
            "consented_at": NOW,
            "created_at": NOW + timedelta(seconds=number),
        }
        registration: Registration = Registration.objects.create(**(values | fields))
        registration.preferred_sites.set(sites)
        return registration

    return make


@pytest.fixture
def make_invitation(make_registration: Callable[..., Registration]) -> Callable[..., Invitation]:
    """A person whose PIN2 is `PIN2`."""

    def make(registration: Registration | None = None, **fields: Any) -> Invitation:
        whose = registration or make_registration()
        values = {
            "registration": whose,
            "pin_hash": pin2_hash(whose.pk, PIN2),
            "issued_at": NOW,
            "expires_at": NOW + timedelta(days=14),
        }
        invitation: Invitation = Invitation.objects.create(**(values | fields))
        return invitation

    return make


@pytest.fixture
def make_people(make_invitation: Callable[..., Invitation]) -> Callable[[int], list[Invitation]]:
    def make(number: int) -> list[Invitation]:
        return [make_invitation() for _ in range(number)]

    return make


@pytest.fixture
def marie(make_registration: Callable[..., Registration], make_invitation: Callable[..., Invitation]) -> Invitation:
    return make_invitation(make_registration(phone=PHONE))
