"""A site with a manager who reads English."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from logistics.models import Role, VaccinationSite
from tests.factories import NOW, make_staff
from tests.pages import browser, log_in

TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)


def address(site: VaccinationSite, page: date | str = "") -> str:
    """The calendar of the site, or a page below it."""
    return f"/personal/kalendar/{site.pk}/{f'{page}/' if isinstance(page, date) else page}"


@pytest.fixture
def manager(site: VaccinationSite) -> User:
    return make_staff(Role.MANAGER, site=site)


@pytest.fixture
def staff(manager: User) -> Client:
    return log_in(browser(), manager)
