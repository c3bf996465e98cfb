"""The time of observation: that of all sites from the migration, and a site's own."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import translation

from logistics.models import Role, VaccinationSite
from tests import pages
from tests.factories import NOW, context, make_site, make_staff
from tests.pages import log_in, text_of
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


def test_the_longer_of_the_sites_time_and_that_of_all_sites_holds(site: VaccinationSite) -> None:
    times, later = ObservationTime.objects, TODAY + timedelta(days=1)
    observation_times.set_time(site=site, minutes=20, valid_from=TODAY, context=context())
    assert times.minutes_on(TODAY, site) == 20
    times.create(site=None, valid_from=later, minutes=30)
    assert [times.minutes_on(day, site) for day in (TODAY, later)] == [20, 30]
    times.create(site=site, valid_from=later, minutes=45)
    assert times.minutes_on(later, site) == 45
    assert times.minutes_on(later, make_site("Hala")) == 30
    assert times.minutes_on(date(2020, 12, 1), site) == 15, "the EU's minimum"


def test_a_site_may_not_let_people_go_before_all_sites_do(site: VaccinationSite) -> None:
    ObservationTime.objects.create(site=None, valid_from=TODAY, minutes=30)
    with translation.override("en"), pytest.raises(errors.ShorterThanElsewhere, match="at least 30 minutes"):
        observation_times.set_time(site=site, minutes=20, valid_from=TODAY, context=context())
    observation_times.set_time(site=site, minutes=30, valid_from=TODAY, context=context())


def test_the_ministry_sets_the_time_of_all_sites_from_today_on() -> None:
    ministry = pages.english(log_in(Client(), make_staff(Role.MINISTRY)))
    add = "/admin/vaccination/observationtime/add/"
    past = ministry.post(add, {"valid_from": "2027-01-10", "minutes": "30"})
    assert "The day must be today or later" in text_of(past)
    short = ministry.post(add, {"valid_from": "2027-02-01", "minutes": "10"})
    assert "Write between 15 and 120 minutes." in text_of(short)
    for answer in ("30", "45"):
        page = ministry.post(add, {"valid_from": "2027-02-01", "minutes": answer})
    assert "There is a time from this day on already." in text_of(page)
    row = ObservationTime.objects.get(site=None, valid_from=date(2027, 2, 1))
    change = "/admin/vaccination/observationtime/{}/change/".format
    assert ministry.post(change(row.pk), {"valid_from": "2027-02-01", "minutes": "40"}).status_code == 302
    begun = ObservationTime.objects.get(site=None, valid_from=date(2021, 5, 1))
    assert ministry.post(change(begun.pk), {"valid_from": "2027-02-02", "minutes": "60"}).status_code == 403


def test_a_sites_own_time_is_not_on_the_ministrys_screen(site: VaccinationSite) -> None:
    ministry = log_in(Client(), make_staff(Role.MINISTRY))
    own = ObservationTime.objects.create(site=site, valid_from=TODAY, minutes=50)
    assert ministry.get(f"/admin/vaccination/observationtime/{own.pk}/change/").status_code == 302


@pytest.mark.parametrize("minutes", [0, 14, 121])
def test_less_than_a_quarter_of_an_hour_is_refused(site: VaccinationSite, minutes: int) -> None:
    with pytest.raises(errors.WrongObservationTime):
        observation_times.set_time(site=site, minutes=minutes, valid_from=TODAY, context=context())


def test_what_was_valid_yesterday_is_not_changed(site: VaccinationSite) -> None:
    with pytest.raises(errors.PastDay):
        observation_times.set_time(site=site, minutes=30, valid_from=TODAY - timedelta(days=1), context=context())
