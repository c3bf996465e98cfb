"""The demonstration's day at night, and at a site that is closed."""

import pytest

from logistics.models import VaccinationSite
from tests.vaccination.demo.conftest import NOON, load, make_demo_site, standings
from vaccination.models import Dose
from vaccination.visits.day_list import Standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> VaccinationSite:
    """The site before its day."""
    return make_demo_site()


@pytest.mark.parametrize("clock", ["00:04", "23:57"])
def test_at_night_the_day_is_as_full(site: VaccinationSite, clock: str) -> None:
    hour, minute = map(int, clock.split(":"))
    now = NOON.replace(hour=hour, minute=minute)
    assert load(site, now) == 36
    found = standings(site, now)
    assert (found[Standing.ARRIVED], found[Standing.GONE] + found[Standing.OBSERVED]) == (4, 13)
    given = Dose.objects.filter(given_on=now.date())
    assert all(dose.given_at <= now for dose in given)
    assert given.count() == 13


def test_a_closed_site_gets_no_day(site: VaccinationSite) -> None:
    VaccinationSite.objects.filter(pk=site.pk).update(state="CLOSED")
    assert load(site) == 0
