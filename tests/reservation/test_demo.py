"""The demonstration data: enough of it, everywhere, on working days, and topped up each day."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import Max, Min

from logistics.models import Region, VaccinationSite
from reservation import demo
from reservation.coverage.supply import coverage_of
from reservation.free_seats import availability
from reservation.free_seats.need import Need
from reservation.models import Slot
from reservation.opening import rules
from reservation.slots import capacity
from tests import open_data

# 23 November 2026 is a Monday; Christmas and New Year's Day are within 60 days.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Prague"))
TODAY = NOW.date()

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_days(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty days instead of ninety and one store instead of three: their number is of no matter."""
    settings.CALENDAR_DAYS_AHEAD = 30
    monkeypatch.setattr(demo, "SITES_WITH_STOCK", 1)


@pytest.fixture
def few_sites(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sites and ten days."""
    settings.CALENDAR_DAYS_AHEAD = 10
    first = demo.read_sites()[:2]
    monkeypatch.setattr(demo, "read_sites", lambda: first)


def test_people_can_reserve_in_every_region_on_open_days() -> None:
    loaded = demo.load(now=NOW)
    assert loaded.is_administrator_new
    assert loaded.sites == VaccinationSite.objects.count() == 34
    assert loaded.slots == Slot.objects.count()
    regions = set(Region.objects.values_list("pk", flat=True))
    assert set(VaccinationSite.objects.values_list("district__region", flat=True)) == regions
    ends = Slot.objects.aggregate(first=Min("day"), last=Max("day"))
    assert ends == {"first": TODAY + timedelta(days=1), "last": TODAY + timedelta(days=30)}

    at_weekends = {kind for kind, day in Slot.objects.values_list("site__kind", "day") if day.weekday() >= 5}
    assert at_weekends == {VaccinationSite.Kind.LARGE}

    offers = availability.sites(need=Need(date(1950, 1, 1)), now=NOW)
    assert [offer.site.name for offer in offers if not offer.free] == ["Všeobecná fakultní nemocnice v Praze"]
    assert {offer.site.lies_in.pk for offer in offers if offer.free} == regions
    fewest = sorted(offer.free for offer in offers if offer.free)
    assert fewest[1] < 50 < fewest[2]


def test_the_first_site_has_two_vaccines_an_afternoon_for_children_and_a_closure(few_sites: None) -> None:
    demo.load(now=NOW)
    slots = Slot.objects.filter(site=demo.first_site())
    assert set(slots.values_list("vaccine", flat=True)) == {"comirnaty", "spikevax"}
    for_children = slots.filter(oldest_age=17)
    assert {day.weekday() for day in for_children.values_list("day", flat=True)} == {2}
    closed = slots.filter(is_closed=True)
    assert closed.exists()
    assert not closed.exclude(capacity=0).exists()
    coverage = {one.vaccine_id: one for one in coverage_of([demo.first_site().pk], now=NOW)[demo.first_site().pk]}
    assert coverage["comirnaty"].uncovered_free > 0
    assert coverage["comirnaty"].coming >= demo.ANNOUNCED_DOSES
    assert coverage["spikevax"].uncovered_free == 0


def test_no_site_opens_on_public_holidays(few_sites: None) -> None:
    demo.load(now=datetime(2026, 12, 21, 9, 0, tzinfo=NOW.tzinfo))
    days = set(Slot.objects.values_list("day", flat=True))
    assert days.isdisjoint({date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26)})
    assert date(2026, 12, 27) in days


def test_a_second_run_changes_nothing_and_one_on_a_later_day_adds_the_missing_days(
    few_sites: None, django_assert_max_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as started:
        demo.load(now=NOW)
    # No task compares all slots once more.
    assert not [one for one in started if rules.TASK in getattr(one, "args", ())]
    before = list(Slot.objects.order_by("pk").values())
    with django_assert_max_num_queries(25):
        assert demo.load(now=NOW) == demo.Loaded(sites=0, slots=0, is_administrator_new=False)
    later = demo.load(now=NOW + timedelta(days=7))
    assert later.slots > 0
    # What is tied to vaccine opens with the delivery.
    kept = Slot.objects.filter(day__lte=TODAY + timedelta(days=10), vaccine="comirnaty").order_by("pk").values()
    assert list(kept) == [slot for slot in before if slot["vaccine_id"] == "comirnaty"]
    assert Slot.objects.latest("day").day == TODAY + timedelta(days=17)


def test_what_staff_changed_stays(few_sites: None) -> None:
    demo.load(now=NOW)
    changed, closed = demo.first_site(), demo.read_sites()[1].site
    slot = Slot.objects.filter(site=changed, is_closed=False)[0]
    with time_machine.travel(NOW):
        capacity.set_capacity(slot_id=slot.pk, capacity=77)
    VaccinationSite.objects.filter(pk=closed.pk).update(name="Jinak", state="CLOSED")
    last = Slot.objects.filter(site=closed.pk).latest("day").day
    demo.load(now=NOW + timedelta(days=1))
    slot.refresh_from_db()
    assert slot.capacity == 77
    assert VaccinationSite.objects.get(pk=closed.pk).name == "Jinak"
    assert Slot.objects.filter(site=closed.pk).latest("day").day == last


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
