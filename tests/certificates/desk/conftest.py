"""What the tests of the desk share: a site, a person whose series is complete, and browsers of staff."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client

from logistics.models import Role, VaccinationSite
from registration.models import Registration
from tests.factories import (
    make_dose_elsewhere,
    make_registration,
    make_signing_key,
    make_site,
    make_sitting,
    make_staff,
)
from tests.pages import browser, log_in
from vaccination.models import Dose


@dataclass
class Desk:
    """A site, where it has its pages, and who works there."""

    site: VaccinationSite
    registrar: Client
    manager: Client

    def at(self, path: str) -> str:
        """The address of a page of the site."""
        return f"/certifikaty/{self.site.pk}/{path}"


@pytest.fixture
def desk(db: None, clock: None) -> Desk:
    """A site with a registrar and a manager, and a key that signs."""
    make_signing_key()
    site = make_site()
    registrar, manager = (log_in(browser(), make_staff(role, site=site)) for role in (Role.REGISTRAR, Role.MANAGER))
    return Desk(site, registrar, manager)


@pytest.fixture
def complete(desk: Desk) -> Callable[..., Dose]:
    """Give somebody the second dose of two at `NOW`, as rows; the first one was given elsewhere."""

    def give(registration: Registration | None = None, site: VaccinationSite | None = None) -> Dose:
        whose = registration or make_registration()
        make_dose_elsewhere(whose)
        return make_sitting(site or desk.site, registration=whose)

    return give
