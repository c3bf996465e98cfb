"""The demonstration data: enough of it, everywhere, on working days, and topped up each day."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max, Min

from logistics.models import Region, VaccinationSite
from reservation import demo
from reservation.free_seats import availability, folding
from reservation.models import Slot
from tests import open_data

# 23 November 2026 is a Monday; Christmas and New Year's Day are within 60 days.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Prague"))
TODAY = NOW.date()

pytestmark = pytest.mark.django_db


def test_about_thirty_places_cover_all_regions_and_the_days_ahead(settings: Any) -> None:
    loaded = demo.load(now=NOW)
    assert loaded.is_administrator_new
    assert loaded.sites == VaccinationSite.objects.count() == 34
    assert loaded.slots == Slot.objects.count()
    regions = VaccinationSite.objects.values_list("district__region", flat=True)
    assert set(regions) == set(Region.objects.values_list("pk", flat=True))
    ends = Slot.objects.aggregate(first=Min("day"), last=Max("day"))
    assert ends == {"first": TODAY + timedelta(days=1), "last": TODAY + timedelta(days=settings.CALENDAR_DAYS_AHEAD)}


def test_no_site_works_on_public_holidays_and_only_large_ones_at_weekends() -> None:
    demo.load(now=NOW)
    days = set(Slot.objects.values_list("day", flat=True))
    assert days.isdisjoint({date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)})
    at_weekends = {kind for kind, day in Slot.objects.values_list("site__kind", "day") if day.weekday() >= 5}
    assert at_weekends == {VaccinationSite.Kind.LARGE}


def test_people_can_reserve_in_every_region_and_one_site_is_full() -> None:
    demo.load(now=NOW)
    folding.fold(now=NOW)
    offers = availability.sites(now=NOW)
    assert [offer.site.name for offer in offers if not offer.free] == ["Všeobecná fakultní nemocnice v Praze"]
    assert {offer.site.lies_in.pk for offer in offers if offer.free} == set(Region.objects.values_list("pk", flat=True))
    fewest = sorted(offer.free for offer in offers if offer.free)
    assert fewest[1] < 150 < fewest[2]


@pytest.fixture
def few_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten days instead of sixty and one store instead of three where the number is of no matter."""
    monkeypatch.setattr(demo, "DAYS_AHEAD", 10)
    monkeypatch.setattr(demo, "SITES_WITH_STOCK", 1)


def test_a_second_run_changes_nothing_and_one_on_a_later_day_adds_the_missing_days(few_days: None) -> None:
    demo.load(now=NOW)
    before = list(Slot.objects.order_by("pk").values())
    assert demo.load(now=NOW) == demo.Loaded(sites=0, slots=0, is_administrator_new=False)
    later = demo.load(now=NOW + timedelta(days=7))
    assert later.slots > 0
    assert list(Slot.objects.filter(day__lte=TODAY + timedelta(days=10)).order_by("pk").values()) == before
    assert Slot.objects.latest("day").day == TODAY + timedelta(days=17)


def test_what_staff_changed_stays(few_days: None) -> None:
    demo.load(now=NOW)
    site = VaccinationSite.objects.order_by("name")[0]
    VaccinationSite.objects.filter(pk=site.pk).update(name="Jinak", state="CLOSED")
    Slot.objects.filter(site=site).update(capacity=1)
    demo.load(now=NOW + timedelta(days=1))
    site.refresh_from_db()
    assert (site.name, site.state) == ("Jinak", "CLOSED")
    assert set(Slot.objects.filter(site=site).values_list("capacity", flat=True)) == {1}


def test_it_keeps_away_from_a_database_that_is_not_local(settings: Any) -> None:
    settings.IS_LOCAL = False
    with pytest.raises(CommandError):
        call_command("load_demo")
    assert not VaccinationSite.objects.exists()


def test_identifiers_are_the_demos_own() -> None:
    demo_ids = {one.site.pk for one in demo.read_sites()}
    assert len(demo_ids) == 34
    if open_data.FOLDER.is_dir():
        assert demo_ids.isdisjoint(UUID(row["ockovaci_misto_id"]) for row in open_data.rows("vaccination-sites.csv"))


@open_data.needs_open_data
def test_demo_sites_stand_in_their_districts() -> None:
    for site in (one.site for one in demo.read_sites()):
        if site.latitude is not None and site.longitude is not None:
            assert site.district_id in open_data.districts_at(float(site.latitude), float(site.longitude)), site.name
