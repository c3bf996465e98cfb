"""What the tests of logging in stand on: a stopped clock, a stock keeper, and an English browser."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from tests.factories import make_account
from tests.pages import browser

NOW = datetime(2026, 11, 23, 9, 0, 5, tzinfo=ZoneInfo("Europe/Prague"))


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def keeper() -> User:
    return make_account("sklad")


@pytest.fixture
def client() -> Client:
    return browser()
