"""What is offered: only seats that a person may have, with seats for all doses after them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from logistics.models import DoseInterval, DoseRule, VaccinationSite, Vaccine
from reservation.free_seats import availability, folding
from reservation.free_seats.need import Need
from reservation.models import Invitation, SeatChange, Slot
from reservation.reserving import booking
from tests.factories import make_site
from tests.reservation.conftest import Make, MakePair

pytestmark = pytest.mark.django_db


TOMORROW = date(2027, 1, 12)


def test_a_site_is_listed_with_its_seats_and_next_day(
    make_pair: MakePair, site: VaccinationSite, now: datetime
) -> None:
    make_pair(3, capacity=4)
    make_pair(1, capacity=2)
    make_pair(1, "10:00", capacity=3)
    folding.fold(now=now)
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
        folding.fold(now=now)
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


def test_a_day_starts_and_ends_in_prague(make_slot: Make, site: VaccinationSite, now: datetime) -> None:
    make_slot(1, "00:30")
    make_slot(22, "00:30", "SECOND")
    assert availability.days(site_id=site.pk, now=now) == {now.date() + timedelta(days=1): 1}


def test_a_list_is_as_old_as_the_last_fold_and_a_site_shows_what_is_true_now(
    make_pair: MakePair, make_invitation: Callable[..., Invitation], site: VaccinationSite, now: datetime
) -> None:
    first, _ = make_pair(capacity=2)
    folding.fold(now=now)
    booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=now)
    assert [offer.free for offer in availability.sites(now=now)] == [2]
    assert availability.days(site_id=site.pk, now=now) == {TOMORROW: 1}
    folding.fold(now=now)
    assert not SeatChange.objects.exists()
    assert [offer.free for offer in availability.sites(now=now)] == [1]
    assert availability.days(site_id=site.pk, now=now) == {TOMORROW: 1}


def test_nothing_is_offered_at_a_closed_site(make_pair: MakePair, site: VaccinationSite, now: datetime) -> None:
    first, _ = make_pair()
    VaccinationSite.objects.update(state="CLOSED")
    assert availability.days(site_id=site.pk, now=now) == {}
    assert availability.times(site_id=site.pk, day=TOMORROW, now=now) == []
    assert availability.nearest(slot_id=first.pk, now=now) == []


def born(age: int, day: date = TOMORROW, days: int = 0) -> Need:
    """Somebody who on a day has been of an age for `days` days."""
    return Need(birth_date=day.replace(year=day.year - age) - timedelta(days=days))


def test_people_see_the_seats_for_their_age_on_that_day(make_slot: Make, site: VaccinationSite, now: datetime) -> None:
    DoseRule.objects.filter(vaccine="comirnaty", dose_number=1).update(youngest_age=5)
    for day, for_doses in ((1, "FIRST"), (22, "SECOND")):
        make_slot(day, for_doses=for_doses, capacity=3, youngest_age=5, oldest_age=11)
        make_slot(day, "10:00", for_doses, capacity=4, youngest_age=12)
    folding.fold(now=now)
    for need, free in (
        (born(4, days=364), 0),
        (born(5), 3),
        (born(11, days=300), 3),
        (born(12), 4),
        (born(80), 4),
        (Need(), 7),
    ):
        assert sum(availability.days(site_id=site.pk, need=need, now=now).values()) == free
        times = availability.times(site_id=site.pk, day=TOMORROW, need=need, now=now)
        assert sum(offer.free for offer in times) == free
    assert [availability.sites(need=born(age, days=9), now=now)[0].free for age in (8, 12, 80)] == [3, 4, 4]
    # Twelve before the second dose, which is then one of the older ones.
    Slot.objects.filter(for_doses="SECOND", youngest_age=5).delete()
    assert availability.days(site_id=site.pk, need=born(11, days=300), now=now) == {}
    assert availability.days(site_id=site.pk, need=born(11, days=355), now=now) == {TOMORROW: 3}
    VaccinationSite.objects.update(youngest_age=18)
    assert availability.days(site_id=site.pk, need=born(17), now=now) == {}
    assert availability.sites(need=born(17), now=now)[0].free == 0


def test_a_vaccine_is_offered_from_its_age_on_and_from_the_day_of_its_rule(
    make_pair: MakePair, site: VaccinationSite, now: datetime
) -> None:
    make_pair(1)
    make_pair(5)
    DoseRule.objects.create(
        vaccine_id="comirnaty", dose_number=1, valid_from=TOMORROW + timedelta(days=2), youngest_age=5
    )
    folding.fold(now=now)
    assert list(availability.days(site_id=site.pk, need=born(8), now=now)) == [TOMORROW + timedelta(days=4)]
    assert [offer.free for offer in availability.sites(need=born(8), now=now)] == [1]
    assert [offer.free for offer in availability.sites(need=born(40), now=now)] == [2]


def test_whoever_needs_a_later_dose_sees_seats_for_it(
    make_pair: MakePair, make_slot: Make, site: VaccinationSite, one_dose_vaccine: Vaccine, now: datetime
) -> None:
    make_pair(1, capacity=2)
    make_slot(3, vaccine=one_dose_vaccine, for_doses="ANY", capacity=5)
    make_slot(4, for_doses="SUBSTITUTE", capacity=9)
    folding.fold(now=now)
    third, second_day = Need(first_dose=3), TOMORROW + timedelta(days=21)
    assert availability.days(site_id=site.pk, need=third, now=now) == {
        TOMORROW + timedelta(days=2): 5,
        second_day: 2,
    }
    (offer,) = availability.sites(need=third, now=now)
    assert (offer.free, offer.next_day) == (7, TOMORROW + timedelta(days=2))
    mrna = Need(first_dose=3, vaccines={"comirnaty": TOMORROW}, not_before=TOMORROW + timedelta(days=5))
    assert availability.days(site_id=site.pk, need=mrna, now=now) == {second_day: 2}
    (offer,) = availability.sites(need=mrna, now=now)
    assert (offer.free, offer.next_day) == (2, second_day)
    assert len(availability.times(site_id=site.pk, day=second_day, need=mrna, now=now)) == 1


def test_a_series_of_three_doses_is_offered_only_with_all_of_them(
    make_pair: MakePair, make_slot: Make, site: VaccinationSite, vaccine: Vaccine, now: datetime
) -> None:
    Vaccine.objects.filter(pk=vaccine.pk).update(doses=3)
    make_pair(1, capacity=2)
    assert availability.days(site_id=site.pk, now=now) == {}
    DoseInterval.objects.update_or_create(
        vaccine=vaccine,
        dose_number=3,
        valid_from=TOMORROW.replace(year=2020),
        defaults={"min_days": 28, "ideal_days": 30, "max_days": 40},
    )
    DoseInterval.objects.filter(vaccine=vaccine, dose_number=3).exclude(valid_from__year=2020).delete()
    make_slot(49, for_doses="ANY")
    assert availability.days(site_id=site.pk, now=now) == {}
    make_slot(50, for_doses="ANY")
    assert availability.days(site_id=site.pk, now=now) == {TOMORROW: 1}
    folding.fold(now=now)
    assert [offer.free for offer in availability.sites(now=now)] == [1]
