"""Which slots later doses get."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logistics.models import DoseInterval, VaccinationSite, Vaccine
from reservation.models import Slot
from tests.factories import NOW, PRAGUE, at, make_site
from tests.reservation.conftest import Make

pytestmark = pytest.mark.django_db


BORN = date(1940, 5, 1)


def second_of(first: Slot, moment: datetime = NOW) -> tuple[int, str] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM reservation_later_dose_slot(%s, 2, 2, %s, %s)", [first.pk, moment, BORN])
        row: tuple[int, str] = cursor.fetchone()
        return row if row[0] else None


def test_the_ideal_day_at_the_same_time_comes_first(make_slot: Make) -> None:
    first = make_slot(1, "09:00")
    for day, clock in ((22, "08:45"), (22, "09:15"), (21 + 2, "09:00"), (43, "09:00")):
        make_slot(day, clock, "SECOND")
    exact = make_slot(22, "09:00", "SECOND")
    assert second_of(first) == (exact.pk, "EXACT")


def test_a_slot_only_for_second_doses_is_taken_before_one_for_both(make_slot: Make) -> None:
    first = make_slot(1, "09:00")
    make_slot(22, "09:00", "ANY")
    own = make_slot(22, "09:00", "SECOND")
    assert second_of(first) == (own.pk, "EXACT")


def test_else_the_nearest_time_of_that_day(make_slot: Make) -> None:
    first = make_slot(1, "09:00")
    make_slot(22, "09:00", "SECOND", capacity=0)
    make_slot(22, "09:00", "FIRST")
    make_slot(22, "08:00", "ANY")
    nearest = make_slot(22, "09:45", "ANY")
    make_slot(23, "09:00", "SECOND")
    assert second_of(first) == (nearest.pk, "SAME_DAY")


def test_else_the_nearest_day_within_the_interval(make_slot: Make) -> None:
    first = make_slot(1, "09:00")
    make_slot(21, "09:00", "SECOND")  # 20 days: too early
    make_slot(44, "09:00", "SECOND")  # 43 days: too late
    assert second_of(first) is None
    last = make_slot(43, "16:00", "SECOND")
    assert second_of(first) == (last.pk, "OTHER_DAY")
    make_slot(30, "07:00", "SECOND")
    nearer = make_slot(30, "10:00", "SECOND")
    assert second_of(first) == (nearer.pk, "OTHER_DAY")


def test_days_before_the_ideal_one_count_where_the_rule_allows_them(make_slot: Make, vaccine: Vaccine) -> None:
    DoseInterval.objects.create(vaccine=vaccine, valid_from=NOW.date(), min_days=34, ideal_days=38, max_days=42)
    first = make_slot(1, "09:00")
    make_slot(22, "09:00", "SECOND")
    later = make_slot(42, "09:00", "SECOND")  # 41 days, three too many
    assert second_of(first) == (later.pk, "OTHER_DAY")
    earlier = make_slot(37, "15:00", "SECOND")  # 36 days, two too few
    assert second_of(first) == (earlier.pk, "OTHER_DAY")


def test_the_rule_of_the_day_of_reserving_counts_not_a_future_one(make_slot: Make, vaccine: Vaccine) -> None:
    tomorrow = NOW.date() + timedelta(days=1)
    DoseInterval.objects.create(vaccine=vaccine, valid_from=tomorrow, min_days=38, ideal_days=42, max_days=42)
    first, early, late = make_slot(1), make_slot(22, for_doses="SECOND"), make_slot(43, for_doses="SECOND")
    assert second_of(first) == (early.pk, "EXACT")
    # It is tomorrow in Prague an hour before it is in UTC.
    assert second_of(first, datetime.combine(tomorrow, time(0, 30), PRAGUE)) == (late.pk, "EXACT")


def test_another_site_or_vaccine_is_no_second_dose(make_slot: Make, one_dose_vaccine: Vaccine) -> None:
    first = make_slot(1)
    make_slot(22, for_doses="SECOND", site=make_site("Jinde"))
    make_slot(22, for_doses="SECOND", vaccine=one_dose_vaccine)
    assert second_of(first) is None


@pytest.mark.parametrize(
    ("day", "is_winter", "is_winter_then"),
    [(date(2027, 3, 15), True, False), (date(2027, 10, 25), False, True), (date(2027, 6, 1), False, False)],
)
def test_the_same_time_is_the_same_on_the_wall_across_a_change_of_time(
    make_slot: Make, day: date, is_winter: bool, is_winter_then: bool
) -> None:
    first = make_slot(starts_at=at(day, "09:15"))
    wall = make_slot(starts_at=at(day + timedelta(days=21), "09:15"), for_doses="SECOND")
    assert second_of(first) == (wall.pk, "EXACT")
    hours = 21 * 24 + is_winter_then - is_winter
    assert wall.starts_at.astimezone() - first.starts_at.astimezone() == timedelta(hours=hours)


@given(
    day=st.dates(date(2027, 1, 1), date(2028, 12, 31)),
    clock=st.times(time(4), time(23, 59)).map(lambda moment: moment.replace(second=0, microsecond=0)),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_on_any_day_the_exact_pair_shows_the_same_clock(
    make_slot: Make, site: VaccinationSite, day: date, clock: time
) -> None:
    moment = datetime.combine(day, clock, PRAGUE)
    with transaction.atomic():
        first = make_slot(starts_at=moment)
        second = make_slot(starts_at=datetime.combine(day + timedelta(days=21), clock, PRAGUE), for_doses="SECOND")
        make_slot(starts_at=first.starts_at.astimezone(PRAGUE) + timedelta(days=22), for_doses="SECOND")
        found = second_of(first)
        transaction.set_rollback(True)
    assert found == (second.pk, "EXACT")
