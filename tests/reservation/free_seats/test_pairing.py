"""How many people fit into free seats with all their doses."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from reservation.dose_intervals import Interval
from reservation.free_seats.pairing import Seats, around, bookable, take_chains

PAIR = [Interval(21, 21, 42)]
SERIES = [Interval(3, 3, 5), Interval(2, 2, 4)]
DAYS = 60


def seats(*days: tuple[int, int, int, int], of: int = DAYS) -> Seats:
    """The number of the day, seats for first, later and either dose."""
    found = Seats.none(of)
    for day, *free in days:
        found.first[day], found.later[day], found.either[day] = free
    return found


def people(free: Seats, intervals: list[Interval]) -> int:
    return sum(take_chains(copy(free), (), intervals))


def copy(free: Seats) -> Seats:
    return Seats(list(free.first), list(free.later), list(free.either))


def free_days(free: Seats, intervals: list[Interval]) -> list[int]:
    return bookable(free.for_dose(1), free.for_dose(2), intervals)


def test_seats_for_one_dose_are_taken_before_seats_for_both() -> None:
    assert people(seats((0, 0, 0, 1), (21, 0, 1, 1), (42, 0, 1, 0)), PAIR) == 2
    assert people(seats((0, 5, 0, 0), (20, 0, 5, 0)), PAIR) == 0
    assert people(seats((0, 5, 0, 0), (21, 0, 2, 0), (42, 0, 2, 0), (43, 0, 2, 0)), PAIR) == 4


def test_a_dose_after_which_there_is_no_way_on_is_passed_over() -> None:
    free = seats((0, 2, 0, 0), (3, 0, 5, 0), (4, 0, 5, 0), (8, 0, 1, 0))
    assert people(free, SERIES) == 1
    assert free_days(free, SERIES)[0] == 1
    assert people(seats((0, 2, 0, 0), (3, 0, 5, 0), (8, 0, 1, 0)), SERIES) == 0


def test_one_dose_needs_nothing_after_it() -> None:
    assert people(seats((0, 2, 9, 0), (7, 0, 0, 3)), []) == 5


def test_later_doses_come_from_seats_for_more_ages_too_and_leave_the_rest_there() -> None:
    children = seats((0, 3, 0, 0), (21, 0, 1, 0))
    everybody = seats((0, 2, 0, 0), (22, 0, 3, 0))
    assert take_chains(children, [everybody], PAIR)[0] == 3
    assert take_chains(everybody, (), PAIR)[0] == 1


def test_people_are_counted_on_the_day_of_their_first_dose() -> None:
    free = seats((0, 5, 0, 0), (1, 5, 0, 0), (21, 0, 4, 0), (22, 0, 3, 0), (30, 0, 9, 0))
    assert take_chains(copy(free), (), [Interval(21, 21, 21)])[:2] == [4, 3]
    assert take_chains(free, (), [Interval(21, 21, 22)])[:2] == [5, 2]
    assert free.first[:2] == [0, 3]


def test_seats_for_children_serve_no_adults_but_seats_for_all_serve_children() -> None:
    everybody, children, old = seats((0, 1, 0, 0)), seats((0, 2, 0, 0)), seats((0, 3, 0, 0))
    ages = {(0, 150): everybody, (5, 11): children, (60, 150): old}
    assert list(around(ages).items()) == [((5, 11), [everybody]), ((60, 150), [everybody]), ((0, 150), [])]


DAY = st.tuples(*[st.integers(0, 3)] * 3)


@settings(deadline=None)
@given(st.lists(DAY, min_size=1, max_size=DAYS), st.sampled_from([PAIR, SERIES, [Interval(1, 1, 3)]]))
def test_never_more_people_than_seats(days: list[tuple[int, int, int]], intervals: list[Interval]) -> None:
    free = seats(*((number, *three) for number, three in enumerate(days)))
    found = people(free, intervals)
    first, later, either = (sum(column) for column in zip(*days, strict=True))
    assert found <= first + either
    assert found * len(intervals) <= later + either
    assert found * (1 + len(intervals)) <= first + later + either
    assert found <= sum(free_days(free, intervals))
    assert bool(found) == any(free_days(free, intervals))


@settings(deadline=None)
@given(st.lists(DAY, min_size=1, max_size=14))
def test_a_day_is_offered_if_and_only_if_there_is_a_way_through_all_doses(days: list[tuple[int, int, int]]) -> None:
    free = seats(*((number, *three) for number, three in enumerate(days)), of=len(days))
    later = free.for_dose(2)
    for day, offered in enumerate(free_days(free, SERIES)):
        ways = (
            later[second] and later[third]
            for second, third in product(range(len(days)), repeat=2)
            if 3 <= second - day <= 5 and 2 <= third - second <= 4
        )
        assert bool(offered) == bool(free.for_dose(1)[day] and any(ways))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=DAYS))
def test_where_no_seat_serves_both_doses_nobody_is_missed(days: list[tuple[int, int]]) -> None:
    """Against the plain rule, seat by seat: each first dose takes the earliest second one it may."""
    left = [second for _, second in days]
    expected = 0
    for number, (firsts, _) in enumerate(days):
        for _ in range(firsts):
            for day in range(number + 21, min(number + 43, len(days))):
                if left[day]:
                    left[day] -= 1
                    expected += 1
                    break
    assert people(seats(*((number, *two, 0) for number, two in enumerate(days))), PAIR) == expected
