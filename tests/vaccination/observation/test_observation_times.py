"""The time of observation: that of all sites from the migration, and a site's own."""

from datetime import date, timedelta

import pytest

from logistics.models import VaccinationSite
from tests.factories import NOW, context
from vaccination.models import ObservationTime
from vaccination.observation import errors, observation_times

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("day", "minutes"),
    [(date(2020, 12, 26), None), (date(2020, 12, 27), 30), (date(2021, 4, 30), 30), (date(2021, 5, 1), 15)],
)
def test_people_sat_30_minutes_and_from_may_2021_a_quarter_of_an_hour(
    site: VaccinationSite, day: date, minutes: int | None
) -> None:
    rule = ObservationTime.objects.valid_on(day, site)
    assert (rule and rule.minutes) == minutes


def test_a_site_sets_a_time_of_its_own_from_a_day_on(site: VaccinationSite) -> None:
    observation_times.set_time(site=site, minutes=45, valid_from=TODAY + timedelta(days=1), context=context())
    observation_times.set_time(site=site, minutes=30, valid_from=TODAY + timedelta(days=1), context=context())
    valid = [ObservationTime.objects.valid_on(TODAY + timedelta(days=days), site) for days in (0, 1, 9)]
    assert [rule.minutes for rule in valid if rule] == [15, 30, 30]


@pytest.mark.parametrize("minutes", [0, 14, 121])
def test_less_than_a_quarter_of_an_hour_is_refused(site: VaccinationSite, minutes: int) -> None:
    with pytest.raises(errors.WrongObservationTime):
        observation_times.set_time(site=site, minutes=minutes, valid_from=TODAY, context=context())


def test_what_was_valid_yesterday_is_not_changed(site: VaccinationSite) -> None:
    with pytest.raises(errors.PastDay):
        observation_times.set_time(site=site, minutes=30, valid_from=TODAY - timedelta(days=1), context=context())
