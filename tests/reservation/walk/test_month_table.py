"""The month as a table."""

from datetime import date

import pytest
from django.utils import translation

from reservation.walk.month_table import Day, Month, month_of, month_table, weekdays

TODAY = date(2027, 1, 11)


def days_of(shown: Month) -> list[Day]:
    return [day for week in shown.weeks for day in week if day]


def test_weeks_begin_on_monday_and_hold_each_day_once() -> None:
    shown = month_table(None, free={}, today=TODAY, language="cs")
    assert [day.date.day for day in days_of(shown)] == list(range(1, 32))
    assert all(len(week) == 7 for week in shown.weeks)
    assert [week[0].date.weekday() for week in shown.weeks if week[0]] == [0] * 4
    assert shown.weeks[0][:4] == (None, None, None, None)  # 1 January 2027 is a Friday


def test_free_seats_and_today_are_marked() -> None:
    shown = month_table(None, free={date(2027, 1, 15): 24}, today=TODAY, language="cs")
    assert {day.date: day.free for day in days_of(shown) if day.free} == {date(2027, 1, 15): 24}
    assert [day.date for day in days_of(shown) if day.is_today] == [TODAY]


def test_the_month_of_the_first_free_day_is_shown_first() -> None:
    shown = month_table(None, free={date(2027, 3, 2): 1, date(2027, 4, 1): 1}, today=TODAY, language="cs")
    assert (shown.first, shown.previous, shown.next) == (date(2027, 3, 1), date(2027, 2, 1), date(2027, 4, 1))


@pytest.mark.parametrize(
    ("wanted", "first"), [(date(1999, 1, 1), date(2027, 1, 1)), (date(9999, 12, 1), date(2027, 2, 1))]
)
def test_leafing_ends_at_today_and_at_the_last_free_day(wanted: date, first: date) -> None:
    shown = month_table(wanted, free={date(2027, 2, 3): 1}, today=TODAY, language="cs")
    assert shown.first == first


def test_leafing_crosses_the_year() -> None:
    shown = month_table(date(2026, 12, 1), free={date(2027, 1, 5): 1}, today=date(2026, 12, 20), language="cs")
    assert (shown.previous, shown.next) == (None, date(2027, 1, 1))


@pytest.mark.parametrize(("language", "name"), [("cs", "Velký pátek"), ("en", "Good Friday")])
def test_public_holidays_have_their_names(language: str, name: str) -> None:
    shown = month_table(date(2027, 3, 1), free={date(2027, 4, 1): 1}, today=TODAY, language=language)
    assert (shown.holidays[0].date.day, shown.holidays[0].holiday) == (26, name)


@pytest.mark.parametrize("text", ["", "2027", "2027-13", "2027-00", "0-1", "x-y", "2027-1-1", "²-³", "9" * 5000 + "-1"])
def test_what_is_not_a_month_is_none(text: str) -> None:
    assert month_of(text) is None


def test_a_month_is_read() -> None:
    assert month_of("2027-02") == date(2027, 2, 1)


def test_weekdays_are_named_from_monday() -> None:
    with translation.override("cs"):
        assert [name for name, _ in weekdays()][::6] == ["pondělí", "neděle"]
