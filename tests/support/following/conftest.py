"""What the tests of a site's tickets share: the site, two of its staff, and somebody of another site."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.test import Client

from logistics.models import Role, VaccinationSite
from tests.factories import make_site, make_staff
from tests.pages import browser, log_in


@dataclass
class Place:
    """A site, where it has its tickets, and who works there."""

    site: VaccinationSite
    worker: User
    colleague: User
    stranger: User

    def at(self, path: str = "") -> str:
        """The address of a page about the tickets of the site."""
        return f"/podpora/mista/{self.site.pk}/{path}"

    def browser_of(self, user: User) -> Client:
        """A browser in which the user gave both factors."""
        client = browser()
        log_in(client, user)
        return client


@pytest.fixture
def place(db: None, clock: None) -> Place:
    """A site with a vaccinator and a stock keeper, and the manager of another site."""
    site = make_site()
    worker, colleague = (make_staff(role, site=site) for role in (Role.VACCINATOR, Role.STOCK_KEEPER))
    return Place(site, worker, colleague, make_staff(Role.MANAGER, site=make_site("Jinde", "CZ0642")))
