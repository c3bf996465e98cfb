"""What is offered: only seats with a possible second dose, from a cache that many share."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from logistics.models import VaccinationSite, Vaccine
from reservation.free_seats import availability
from reservation.models import Invitation, Slot
from reservation.reserving import booking
from tests.factories import make_site
from tests.race import race
from tests.reservation.conftest import Make, MakePair

pytestmark = pytest.mark.django_db


TOMORROW = date(2027, 1, 12)


def test_a_site_is_listed_with_its_seats_and_next_day(
    make_pair: MakePair, site: VaccinationSite, now: datetime
) -> None:
    make_pair(3, capacity=4)
    make_pair(1, capacity=2)
    make_pair(1, "10:00", capacity=3)
    (offer,) = availability.sites(now=now, region_code="CZ010")
    assert (offer.site, offer.free, offer.next_day) == (site, 9, TOMORROW)
    assert availability.days(site_id=site.pk, now=now) == {TOMORROW: 5, date(2027, 1, 14): 4}


def test_sites_are_found_by_region_and_district_and_closed_ones_are_not(now: datetime) -> None:
    motol, brno = make_site("Motol", "CZ0100"), make_site("Brno", district="CZ0642")
    make_site("Zavřeno", "CZ0100", state="CLOSED")
    names = [offer.site for offer in availability.sites(now=now)]
    assert names == [brno, motol]
    assert [offer.site for offer in availability.sites(now=now, region_code="CZ064")] == [brno]
    assert [offer.site for offer in availability.sites(now=now, district_code="CZ0100")] == [motol]
    assert availability.sites(now=now, region_code="CZ031") == []


def test_a_first_seat_without_a_possible_second_is_not_offered(
    make_slot: Make, site: VaccinationSite, now: datetime
) -> None:
    lonely = make_slot(1)
    make_slot(20, for_doses="SECOND")
    make_slot(44, for_doses="SECOND")
    make_slot(23, for_doses="SECOND", capacity=0)
    assert availability.days(site_id=site.pk, now=now) == {}
    assert availability.times(site_id=site.pk, day=TOMORROW, now=now) == []
    make_slot(43, for_doses="ANY")
    assert [offer.slot_id for offer in availability.times(site_id=site.pk, day=TOMORROW, now=now)] == [lonely.pk]


def test_no_more_seats_are_promised_than_there_are_second_ones(
    make_pair: MakePair, site: VaccinationSite, now: datetime
) -> None:
    make_pair(1, capacity=10, second=3)
    assert availability.days(site_id=site.pk, now=now) == {TOMORROW: 3}


def test_one_dose_is_offered_without_a_second(
    make_slot: Make, site: VaccinationSite, one_dose_vaccine: Vaccine, now: datetime
) -> None:
    slot = make_slot(1, vaccine=one_dose_vaccine, capacity=7)
    assert availability.days(site_id=site.pk, now=now) == {TOMORROW: 7}
    (offer,) = availability.times(site_id=site.pk, day=TOMORROW, now=now)
    assert (offer.slot_id, offer.free, offer.vaccine) == (slot.pk, 7, "janssen")


def test_what_has_begun_or_is_full_is_not_offered(
    make_pair: MakePair, make_invitation: Callable[..., Invitation], site: VaccinationSite, now: datetime
) -> None:
    make_pair(0, "08:00")
    make_pair(0, "09:00")
    later, _ = make_pair(0, "09:15")
    taken, _ = make_pair(0, "10:00")
    booking.hold(invitation_id=make_invitation().pk, slot_id=taken.pk, now=now)
    offers = availability.times(site_id=site.pk, day=now.date(), now=now)
    assert [offer.slot_id for offer in offers] == [later.pk]
    assert availability.days(site_id=site.pk, now=now) == {now.date(): 1}


def test_everything_offered_can_be_held(
    make_slot: Make, make_invitation: Callable[..., Invitation], site: VaccinationSite, now: datetime
) -> None:
    for day in range(0, 50, 3):
        make_slot(day, f"{8 + day % 7:02}:00", ("FIRST", "SECOND", "ANY")[day % 4 % 3])
    offered = availability.days(site_id=site.pk, now=now)
    assert offered
    for offered_day in offered:
        for offer in availability.times(site_id=site.pk, day=offered_day, now=now):
            invitation = make_invitation()
            held = booking.hold(invitation_id=invitation.pk, slot_id=offer.slot_id, now=now)
            booking.release(reservation_id=held.reservation_id, registration_id=invitation.registration_id)


def test_the_nearest_times_of_the_same_site_stand_in_order(make_pair: MakePair, now: datetime) -> None:
    lost, _ = make_pair(2, "10:00")
    near = [make_pair(2, clock)[0] for clock in ("09:45", "10:15", "11:00")]
    make_pair(5)
    offers = availability.nearest(slot_id=lost.pk, now=now, count=3)
    assert [offer.slot_id for offer in offers] == [slot.pk for slot in near]


def test_the_list_of_sites_does_not_grow_in_queries(make_slot: Make, now: datetime) -> None:
    def queries() -> int:
        cache.delete_many(f"availability:{pk}" for pk in VaccinationSite.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as captured:
            for offer in availability.sites(now=now, region_code="CZ010"):
                assert offer.site.lies_in.name
        return len(captured)

    make_site("1", "CZ0100")
    few = queries()
    for number in range(12):
        place = make_site(f"{number}", "CZ0100")
        make_slot(1, site=place)
        make_slot(22, site=place, for_doses="SECOND")
    assert queries() == few == 2


def test_a_list_is_computed_once_in_twelve_seconds(
    make_pair: MakePair, site: VaccinationSite, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pair()
    before = availability.days(site_id=site.pk, now=now)
    Slot.objects.all().delete()
    assert availability.days(site_id=site.pk, now=now) == before
    monkeypatch.setattr(availability, "FRESH_SECONDS", 0.0)
    assert availability.days(site_id=site.pk, now=now) == {}


def test_while_one_computes_the_others_get_the_old_list(
    make_pair: MakePair, site: VaccinationSite, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pair()
    before = availability.days(site_id=site.pk, now=now)
    Slot.objects.all().delete()
    monkeypatch.setattr(availability, "FRESH_SECONDS", 0.0)
    cache.add(f"availability:lock:{site.pk}", 1, 5)
    assert availability.days(site_id=site.pk, now=now) == before


@pytest.mark.django_db(transaction=True)
def test_many_who_find_the_cache_empty_compute_once(
    make_pair: MakePair, site: VaccinationSite, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pair(capacity=5)
    computed = []
    compute = availability._computed_days

    def counted(*arguments: object) -> object:
        computed.append(arguments)
        return compute(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(availability, "_computed_days", counted)
    outcomes = race(*[partial(availability.days, site_id=site.pk, now=now)] * 21)
    assert outcomes == [{TOMORROW: 5}] * 21
    assert len(computed) == 1


def test_a_lock_left_by_a_crash_delays_but_does_not_block(
    make_pair: MakePair, site: VaccinationSite, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pair()
    monkeypatch.setattr(availability, "WAIT_SECONDS", 0.1)
    cache.add(f"availability:lock:{site.pk}", 1, 5)
    assert availability.days(site_id=site.pk, now=now) == {TOMORROW: 1}


def test_a_day_starts_and_ends_in_prague(make_slot: Make, site: VaccinationSite, now: datetime) -> None:
    make_slot(1, "00:30")
    make_slot(22, "00:30", "SECOND")
    assert availability.days(site_id=site.pk, now=now) == {now.date() + timedelta(days=1): 1}
