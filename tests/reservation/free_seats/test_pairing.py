"""How many pairs fit into a calendar."""

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from reservation.free_seats.pairing import FreeSeats, SeatCalendar, bookable, free_pairs


def calendar(*days: tuple[int, int, int, int]) -> SeatCalendar:
    """Of 2027: the number of the day, seats for first, second and either dose."""
    start = date(2027, 1, 1)
    seats = [FreeSeats(start + timedelta(days=number), *free) for number, *free in days]
    return SeatCalendar("CZ010", uuid4(), "comirnaty", 2, 21, 42, seats)


def test_matching_pairs_takes_seats_for_one_dose_before_seats_for_both() -> None:
    assert free_pairs(calendar((0, 0, 0, 1), (21, 0, 1, 1), (42, 0, 1, 0))) == 2
    assert free_pairs(calendar((0, 5, 0, 0), (20, 0, 5, 0))) == 0
    assert free_pairs(calendar((0, 5, 0, 0), (21, 0, 2, 0), (42, 0, 2, 0), (43, 0, 2, 0))) == 4


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=60))
def test_never_more_pairs_than_seats(seats: list[tuple[int, int, int]]) -> None:
    free = calendar(*((number, *three) for number, three in enumerate(seats)))
    pairs = free_pairs(free)
    first, second, either = (sum(column) for column in zip(*seats, strict=True))
    assert pairs <= min(first + either, second + either, (first + second + either) // 2)
    assert pairs <= sum(bookable(free).values())
    assert bool(pairs) == bool(bookable(free))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_where_no_seat_serves_both_doses_no_pair_is_missed(seats: list[tuple[int, int]]) -> None:
    """Against the plain rule, seat by seat: each first dose takes the earliest second one it may."""
    left = [second for _, second in seats]
    expected = 0
    for number, (firsts, _) in enumerate(seats):
        for _ in range(firsts):
            for day in range(number + 21, min(number + 43, len(seats))):
                if left[day]:
                    left[day] -= 1
                    expected += 1
                    break
    assert free_pairs(calendar(*((number, *two, 0) for number, two in enumerate(seats)))) == expected
