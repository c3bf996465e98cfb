"""With each reservation it is kept how many came before the person and still waited."""

from datetime import date, timedelta

import pytest

from logistics.models import VaccinationSite
from reservation.inviting import ranks, waiting_summary
from reservation.models import Reservation, ReservationGrounds
from tests.factories import NOW, make_invitation, make_registration, make_reservation, make_rule, make_site

pytestmark = pytest.mark.django_db
JUST_NOW = NOW - timedelta(minutes=5)


def count() -> int:
    waiting_summary.refresh(now=NOW)
    return ranks.add(now=NOW)


def rank_of(reservation: Reservation) -> tuple[int | None, int | None]:
    kept = ReservationGrounds.objects.get(reservation=reservation)
    return kept.ahead, kept.waiting


def test_those_who_are_higher_in_the_order_and_can_go_to_the_region_are_counted(site: VaccinationSite) -> None:
    brno = make_site("Brno", "CZ0642")
    mine = make_registration(birth_date=date(1940, 6, 1))
    made = make_reservation(mine, site=site, confirmed_at=JUST_NOW)
    by_claim = make_registration(birth_date=date(1995, 1, 1), claims={"care-home-clients": "PROVEN"})
    first_of_all = make_reservation(by_claim, site=site, confirmed_at=JUST_NOW)
    make_registration(birth_date=date(1940, 5, 31), sites=(site,))  # a day older
    make_registration(birth_date=date(1930, 1, 1))  # can go anywhere
    make_registration(birth_date=date(1930, 1, 1), sites=(site, brno))
    make_registration(birth_date=date(1930, 1, 1), sites=(brno,))  # elsewhere
    make_registration(birth_date=date(1940, 6, 1), sites=(site,))  # of the same day: nobody knows who registered first
    make_registration(birth_date=date(1990, 1, 1), sites=(site,), claims={"carers": "PENDING"})
    make_registration(birth_date=date(1930, 1, 1), sites=(site,), is_immobile=True)
    make_invitation(make_registration(birth_date=date(1930, 1, 1), sites=(site,)))  # has PIN2
    make_rule("carers", valid_from=NOW - timedelta(days=1), invites_from=None)
    make_rule("age-16", valid_from=NOW - timedelta(days=1), invites_from=None)
    assert count() == 2
    ahead, waiting = rank_of(made)
    assert ahead == 3
    assert waiting is not None
    assert waiting >= 4
    assert rank_of(first_of_all) == (0, waiting)
    # What is counted once stays as it was.
    make_registration(birth_date=date(1920, 1, 1), sites=(site,))
    assert count() == 0
    assert rank_of(made) == (ahead, waiting)


def test_whom_no_rule_invited_or_who_reserved_long_ago_has_no_rank(site: VaccinationSite) -> None:
    child = make_reservation(make_registration(birth_date=date(2025, 1, 1)), site=site, confirmed_at=JUST_NOW)
    old = make_reservation(site=site, confirmed_at=NOW - timedelta(days=2))
    assert count() == 0
    assert [rank_of(child), rank_of(old)] == [(None, None)] * 2
