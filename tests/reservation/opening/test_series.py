"""First doses are opened only as far as their later doses fit."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reservation.opening.series import SeatsOf, first_doses_that_fit

DAY = date(2027, 1, 11)
ALL, CHILDREN = (0, 150), (5, 11)


def seats(ahead: int, ages: tuple[int, int] = ALL) -> SeatsOf:
    return SeatsOf(DAY + timedelta(days=ahead), ages)


def test_the_earliest_first_doses_take_the_earliest_later_ones() -> None:
    firsts, later = {seats(0): 5, seats(1): 5}, {seats(21): 4, seats(22): 3, seats(30): 9}
    assert first_doses_that_fit(firsts, later, [(21, 21)]) == {seats(0): 4, seats(1): 3}
    assert first_doses_that_fit(firsts, later, [(21, 22)]) == {seats(0): 5, seats(1): 2}


def test_three_doses_need_a_chain_of_seats() -> None:
    firsts, later = {seats(0): 5}, {seats(21): 4, seats(28): 4, seats(100): 1, seats(110): 2}
    assert first_doses_that_fit(firsts, later, [(20, 30), (70, 85)]) == {seats(0): 3}
    assert first_doses_that_fit(firsts, {**later, seats(110): 0}, [(20, 30), (70, 75)]) == {seats(0): 1}


def test_seats_for_children_serve_no_adults_but_seats_for_all_serve_children() -> None:
    firsts = {seats(0): 2, seats(0, CHILDREN): 3}
    later = {seats(21): 2, seats(21, CHILDREN): 2}
    assert first_doses_that_fit(firsts, later, [(21, 21)]) == {seats(0): 2, seats(0, CHILDREN): 2}
    assert first_doses_that_fit({seats(0): 9}, {seats(21, CHILDREN): 9}, [(21, 21)]) == {seats(0): 0}


_CALENDAR = st.dictionaries(st.integers(0, 15).map(seats), st.integers(0, 5), max_size=8)


@given(firsts=_CALENDAR, later=_CALENDAR, least=st.integers(1, 5), more=st.integers(0, 3))
def test_no_more_are_opened_than_there_are_seats_of_either_kind(
    firsts: dict[SeatsOf, int], later: dict[SeatsOf, int], least: int, more: int
) -> None:
    fit = first_doses_that_fit(firsts, later, [(least, least + more)])
    assert all(0 <= fit[day] <= firsts[day] for day in firsts)
    assert sum(fit.values()) <= sum(later.values())
    for first in firsts:
        window = range(least, least + more + 1)
        assert fit[first] <= sum(later.get(SeatsOf(first.day + timedelta(days=days), ALL), 0) for days in window)
