"""What the tests of observation share."""

import pytest
from django.test import Client

from logistics.models import Role, VaccinationSite
from tests.factories import make_site, make_sitting, make_staff
from tests.pages import browser, log_in
from vaccination.models import Dose


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def dose(site: VaccinationSite) -> Dose:
    """A dose of this morning at nine, whose person sits until a quarter past."""
    return make_sitting(site)


@pytest.fixture
def nurse(site: VaccinationSite) -> Client:
    return log_in(browser(), make_staff(Role.VACCINATOR, site=site, name="sestra"))


@pytest.fixture
def registrar(site: VaccinationSite) -> Client:
    return log_in(browser(), make_staff(Role.REGISTRAR, site=site, name="recepce"))


@pytest.fixture
def manager(site: VaccinationSite) -> Client:
    return log_in(browser(), make_staff(Role.MANAGER, site=site, name="vedouci"))


@pytest.fixture
def nurse_elsewhere() -> Client:
    return log_in(browser(), make_staff(Role.VACCINATOR, site=make_site("Jinde", "CZ0642"), name="jinde"))
