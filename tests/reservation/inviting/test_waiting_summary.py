"""People who wait are counted once for the preview of rules and for the place in the order."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from logistics.models import VaccinationSite
from registration.groups import order, preview
from registration.groups.preview import Waiting
from registration.models import GroupRule
from reservation.free_seats import folding
from reservation.inviting import waiting_summary
from reservation.models import WaitingSummary
from tests.factories import NOW, make_invitation, make_registration, make_reservation, make_rule, make_site
from tests.reservation.conftest import MakePair

pytestmark = pytest.mark.django_db


def test_those_who_wait_are_counted_and_nobody_else(make_pair: MakePair, site: VaccinationSite) -> None:
    make_pair(capacity=2)
    brno = make_site("Brno", "CZ0642")
    for _ in range(2):
        make_registration(birth_date=date(1950, 1, 1), sites=(site, brno), claims={"carers": "PENDING"})
    make_registration(birth_date=date(1950, 1, 2))
    make_registration(birth_date=date(1950, 1, 3), claims={"carers": "REFUSED"})
    make_registration(is_immobile=True)
    make_registration(phone="")
    make_registration(doses_received=1)
    make_registration(state="CANCELLED")
    make_invitation()
    make_reservation(site=brno)
    folding.fold(now=NOW)
    assert waiting_summary.refresh(now=NOW)
    found = waiting_summary.figures([date(1950, 1, 2)], NOW)
    assert (found.computed_at, found.free_pairs) == (NOW, {"CZ010": 1})
    carers = frozenset({("carers", "PENDING")})
    assert set(found.waiting) == {
        Waiting(date(1950, 1, 1), carers, "CZ010", 2),
        Waiting(date(1950, 1, 2), frozenset(), "", 2),
    }


def test_before_the_first_count_the_preview_counts_and_no_place_is_told() -> None:
    registration = make_registration()
    assert order.estimate(registration, NOW) is None
    assert sum(row.people for row in waiting_summary.figures([], NOW).waiting) == 1
    assert WaitingSummary.objects.get().computed_at == NOW


def test_the_place_is_a_range_in_the_region_where_the_turn_comes_first(site: VaccinationSite) -> None:
    brno = make_site("Brno", "CZ0642")
    mine = make_registration(birth_date=date(1950, 6, 15), sites=(site, brno))
    for _ in range(3):
        make_registration(birth_date=date(1949, 1, 1), sites=(site,))
    make_registration(birth_date=date(1949, 1, 1), sites=(brno,))
    make_registration(birth_date=date(1949, 1, 1), sites=(site, brno))
    make_registration(birth_date=date(1950, 6, 15), sites=(brno,))
    make_registration(birth_date=date(1930, 1, 1))
    make_registration(birth_date=date(1950, 6, 16), sites=(brno,))
    make_registration(birth_date=date(1990, 1, 1), sites=(brno,))
    waiting_summary.refresh(now=NOW)
    found = order.estimate(mine, NOW + timedelta(minutes=5))
    assert found == order.Estimate(1, 5, NOW)


def test_a_group_that_is_invited_later_makes_the_range_wider(site: VaccinationSite) -> None:
    mine = make_registration(birth_date=date(1990, 6, 15), sites=(site,))
    make_registration(birth_date=date(1992, 1, 1), sites=(site,), claims={"care-home-clients": "PENDING"})
    later = {"registers_from": NOW, "invites_from": NOW + timedelta(days=9)}
    GroupRule.objects.filter(group__in=["age-16", "age-12"]).update(registers_from=None, invites_from=None)
    make_rule("care-home-clients", valid_from=NOW, **later)
    waiting_summary.refresh(now=NOW)
    assert order.estimate(mine, NOW) == order.Estimate(0, 1, NOW)


def test_whoever_does_not_wait_has_no_place(site: VaccinationSite) -> None:
    waiting_summary.refresh(now=NOW)
    reserved = make_reservation(site=site).registration
    for one in (make_invitation().registration, reserved, make_registration(doses_received=1)):
        assert order.estimate(one, NOW) is None


def test_the_preview_asks_no_more_with_more_people() -> None:
    def queries() -> int:
        waiting_summary.refresh(now=NOW)
        with CaptureQueriesContext(connection) as captured:
            rule = GroupRule(group_id="age-5", valid_from=NOW + timedelta(days=1), score=1, min_age=5)
            assert preview.of_change(adds=rule, removes=None, now=NOW).computed_at == NOW
        return len(captured)

    few = queries()
    for year in range(1930, 2015, 5):
        make_registration(birth_date=date(year, 1, 1))
    assert queries() == few
