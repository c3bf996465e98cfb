"""Which seats have a dose: booked people first, then earlier days, and no dose is kept for nobody."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from logistics.stock.doses_ahead import Doses
from reservation.coverage.matching import cover

MONDAY = date(2027, 1, 11)
DAYS = [MONDAY + timedelta(days=ahead) for ahead in range(3)]


def doses(number: int, since: int = 0, until: int = 99) -> Doses:
    return Doses(number, MONDAY + timedelta(days=since), MONDAY + timedelta(days=until))


def test_booked_people_of_a_later_day_come_before_free_seats_of_an_earlier_one() -> None:
    covered = cover([doses(10)], DAYS, booked=[2, 0, 7], free=[4, 4, 4])
    assert covered.booked == [2, 0, 7]
    assert covered.free == [1, 0, 0]


def test_what_expires_before_the_day_covers_nobody_on_it() -> None:
    covered = cover([doses(5, until=0)], DAYS, booked=[2, 2, 0], free=[0, 0, 0])
    assert covered.booked == [2, 0, 0]


def test_a_delivery_covers_its_own_day_and_later_ones() -> None:
    covered = cover([doses(5, since=1)], DAYS, booked=[2, 2, 2], free=[0, 0, 0])
    assert covered.booked == [0, 2, 2]


def test_people_who_can_have_the_delivery_leave_the_stock_to_those_who_cannot() -> None:
    covered = cover([doses(2), doses(2, since=2)], DAYS, booked=[0, 0, 2], free=[2, 0, 0])
    assert covered.free == [2, 0, 0]


pools = st.builds(lambda number, since, more: doses(number, since, since + more), *[st.integers(0, 2)] * 3)
wanted = st.lists(st.integers(0, 2), min_size=3, max_size=3)


@given(st.lists(pools, max_size=3), wanted, wanted)
def test_no_other_way_to_give_the_doses_serves_more_people(
    known: list[Doses], booked: list[int], free: list[int]
) -> None:
    covered = cover(known, DAYS, booked=booked, free=free)
    assert sum(covered.booked) == _most(known, booked)
    assert sum(covered.booked) + sum(covered.free) == _most(
        known, [people + seats for people, seats in zip(booked, free, strict=True)]
    )


def _most(known: list[Doses], people: list[int]) -> int:
    """The most people that can be served: one by one, each may send those before to another dose."""
    single = [pool for pool in known for _ in range(pool.number)]
    given_to: dict[int, int] = {}

    def serve(day: int, tried: set[int]) -> bool:
        for number, dose in enumerate(single):
            if number not in tried and dose.since <= DAYS[day] <= dose.until:
                tried.add(number)
                if number not in given_to or serve(given_to[number], tried):
                    given_to[number] = day
                    return True
        return False

    return sum(serve(day, set()) for day in range(3) for _ in range(people[day]))
