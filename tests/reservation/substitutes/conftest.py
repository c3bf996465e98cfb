"""Doses that are left at a site, and people who agreed to come for them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User

from logistics.models import Role, VaccinationSite
from registration.models import Registration
from reservation.models import Substitute, SubstituteCall
from reservation.substitutes import calling
from tests import factories
from tests.factories import NOW

# What the fixtures give a test to call.
Agree = Callable[..., Registration]
Call = Callable[..., SubstituteCall]


@pytest.fixture
def nurse(site: VaccinationSite) -> User:
    return factories.make_staff(Role.VACCINATOR, site=site)


@pytest.fixture
def make_substitute(site: VaccinationSite) -> Agree:
    """A new person, unless one is given, who agreed to come to the site within `minutes`."""

    def make(registration: Registration | None = None, *, minutes: int = 20, **fields: Any) -> Registration:
        person = registration or factories.make_registration(**fields)
        agreed_at: datetime = NOW - timedelta(days=3)
        Substitute.objects.create(registration=person, site=site, minutes=minutes, agreed_at=agreed_at)
        return person

    return make


@pytest.fixture
def call(site: VaccinationSite, nurse: User, vaccine: Any) -> Call:
    """'2 doses, 45 minutes', unless told otherwise."""
    return partial(_start, site=site, vaccine=vaccine, by=nurse)


def _start(*, doses: int = 2, minutes: int = 45, now: datetime = NOW, **fields: Any) -> SubstituteCall:
    return calling.start(doses=doses, minutes=minutes, now=now, **fields)
