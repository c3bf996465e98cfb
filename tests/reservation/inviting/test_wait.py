"""The wait is told as a range that holds what happens, as long as people are served about as fast as before."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.models import VaccinationSite
from registration.groups import order
from registration.groups.order import Weeks
from registration.models import GroupRule, Registration
from reservation.inviting import backtesting, wait, waiting_summary
from reservation.inviting.wait import FASTER, FURTHEST, SLOWER, Pace
from reservation.models import Reservation
from tests.factories import NOW, make_registration, make_reservation, make_site
from tests.open_data import FOLDER, needs_open_data

weeks = st.lists(st.integers(0, 5000), min_size=4, max_size=4).filter(any)


@settings(max_examples=200, deadline=None)
@given(last=weeks, low=st.integers(0, 50_000), more=st.integers(0, 50_000), data=st.data())
def test_the_range_holds_the_turn_while_the_pace_stays_within_its_bounds(
    last: list[int], low: int, more: int, data: st.DataObject
) -> None:
    told = wait.expected({"CZ010": low}, {"CZ010": low + more}, {"CZ010": last})
    assert told is not None
    pace = data.draw(st.floats(sum(last) / 4 / SLOWER, FASTER * max(last)))
    ahead = data.draw(st.integers(low, low + more))
    assert told.low <= ahead / pace + 1e-9
    assert told.high is None or ahead / pace <= told.high + 1e-9
    assert told.low <= (FURTHEST if told.high is None else told.high) <= FURTHEST
    # Whoever has more people before them is never told less, and another region never makes it later.
    longer = wait.expected({"CZ010": low + 1}, {"CZ010": low + more + 1}, {"CZ010": last})
    other = wait.expected({"CZ010": low}, {"CZ010": low + more, "CZ064": more}, {"CZ010": last, "CZ064": last})
    assert longer is not None
    assert (longer.low, longer.high or 99) >= (told.low, told.high or 99)
    assert other is not None
    assert other.low <= told.low
    assert (other.high or 99) <= (told.high or 99)


@pytest.mark.parametrize(
    ("served", "until_invited", "told"),
    [
        ({}, 0, None),
        ({"CZ010": [0, 0, 0, 0]}, 0, None),
        ({"CZ010": [10, 10, 10, 10]}, 0, Weeks(2, 8)),
        ({"CZ010": [10, 10, 10, 10]}, 21, Weeks(3, 11)),
        ({"CZ010": [0, 0, 0, 10]}, 0, Weeks(2, None)),
        # Nobody was served there yet; people may be tomorrow.
        ({"CZ010": [10, 10, 10, 10], "CZ020": []}, 0, Weeks(0, 8)),
    ],
)
def test_what_is_told(served: dict[str, list[int]], until_invited: int, told: Weeks | None) -> None:
    ahead = dict.fromkeys(served or ["CZ010"], 60)
    assert wait.expected({"CZ010": 40}, ahead, served, until_invited=timedelta(days=until_invited)) == told


def test_a_range_is_judged_by_the_weeks_that_came() -> None:
    even = backtesting.judge([100] * 20)
    assert (even.within, even.share_within, even.share_later) == (even.asked, 1.0, 0.0)
    stopped = backtesting.judge([100] * 4 + [0] * 6 + [100] * 2)
    assert stopped.later > 0
    ended = backtesting.judge([100] * 4 + [0] * 20)
    assert ended.later == ended.asked > 0
    faster = backtesting.judge([100] * 4 + [900] * 4)
    assert faster.sooner > 0
    assert Pace.of([0, 0, 0, 0]) is None


@needs_open_data
def test_in_the_spring_of_2021_nine_of_ten_turns_came_within_the_range_and_few_later() -> None:
    found = backtesting.together(backtesting.by_region(_weeks_of_2021()).values())
    assert found.asked > 1000
    assert found.share_within >= 0.9
    assert found.share_later <= 0.05


def _weeks_of_2021() -> dict[str, list[int]]:
    return backtesting.weeks_of_files(sorted(FOLDER.glob("reservation-capacity-*.csv.gz")), [])


@pytest.mark.django_db
def test_the_wait_is_told_by_the_people_who_reserved_in_the_region(site: VaccinationSite) -> None:
    """Of a month in which a person a week reserved in Prague, and nobody in Brno."""
    for week in range(1, 5):
        make_reservation(site=site, day=30, confirmed_at=NOW - timedelta(weeks=week))
    make_reservation(site=site, day=30, confirmed_at=NOW)  # today does not count yet
    make_reservation(site=site, day=30, confirmed_at=NOW - timedelta(days=29))
    people = [make_registration(sites=(site,)) for _ in range(4)]
    elsewhere = make_registration(sites=(make_site("Brno", "CZ0642"),))
    waiting_summary.refresh(now=NOW)
    assert wait.served(NOW.date()) == {"CZ010": [1, 1, 1, 1]}
    # Whoever missed a time and reserved again is served once.
    again = Registration.objects.filter(reservations__isnull=False).order_by("pk")[0]
    Reservation.objects.filter(registration=again).update(state="MISSED")
    make_reservation(again, site=site, day=30, confirmed_at=NOW - timedelta(days=1))
    assert wait.served(NOW.date()) == {"CZ010": [1, 1, 1, 1]}
    told = [order.estimate(person, NOW) for person in (people[0], elsewhere)]
    assert [one and one.weeks for one in told] == [Weeks(0, 4), None]
    # Nobody knows when the group is invited: nobody knows how long it takes.
    GroupRule.objects.update(invites_from=None)
    later = order.estimate(people[0], NOW)
    assert later is not None
    assert later.weeks is None


@pytest.mark.django_db
def test_the_command_judges_the_reservations_here_and_refuses_a_folder_without_files(tmp_path: object) -> None:
    said = StringIO()
    call_command("backtest_wait", stdout=said)
    assert "times the wait was asked for" in said.getvalue()
    with pytest.raises(CommandError, match="no files reservation-capacity"):
        call_command("backtest_wait", str(tmp_path))
