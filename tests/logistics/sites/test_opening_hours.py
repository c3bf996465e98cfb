"""The hours of a site's week."""

from datetime import time

import pytest

from logistics.models import VaccinationSite
from logistics.sites import opening_hours
from logistics.sites.opening_hours import Hours
from tests.factories import make_site

pytestmark = pytest.mark.django_db


def test_a_weekday_has_its_own_hours_or_the_usual_ones_or_none() -> None:
    site = make_site(opens_at=time(7), closes_at=time(19))
    site.weekday_hours.create(weekday=0, opens_at=time(6), closes_at=time(12, 30))
    site.weekday_hours.create(weekday=6)
    usual = Hours(time(7), time(19))
    assert opening_hours.week_of(site) == (Hours(time(6), time(12, 30)), *[usual] * 5, None)


def test_the_weeks_of_many_sites_cost_one_query_more(django_assert_num_queries: pytest.FixtureRequest) -> None:
    for number in range(3):
        make_site(name=f"Místo {number}").weekday_hours.create(weekday=6)
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = list(VaccinationSite.objects.prefetch_related("weekday_hours"))
        assert all(opening_hours.week_of(site)[6] is None for site in found)
