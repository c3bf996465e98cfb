"""Day and time as tired people type them."""

from contextlib import suppress
from datetime import date, datetime, time

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from crs.typed_moment import DayField, MomentField, TimeField, parse_day, parse_moment, parse_time, written, written_day
from tests.factories import NOW, PRAGUE


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("11. 1. 2027 8:15", (2027, 1, 11, 8, 15)),
        ("11.1.2027 08.15", (2027, 1, 11, 8, 15)),
        ("2027-01-11T08:15", (2027, 1, 11, 8, 15)),
        ("11/1/2027 8:15 h", (2027, 1, 11, 8, 15)),
        ("10.1. 20:00", (2027, 1, 10, 20, 0)),
        ("31. 12. 7:05", (2026, 12, 31, 7, 5)),
        ("8:15", (2027, 1, 11, 8, 15)),
        ("8.15", (2027, 1, 11, 8, 15)),
        ("815", (2027, 1, 11, 8, 15)),
        ("11.1.2027, 8:15", (2027, 1, 11, 8, 15)),
        ("11.1. 815", (2027, 1, 11, 8, 15)),
        ("8 h", (2027, 1, 11, 8, 0)),
        ("\u200b11.1.2027\u00a08:15\u2060", (2027, 1, 11, 8, 15)),
        ("++.+.ě0ěý á:+ř", (2027, 1, 11, 8, 15)),  # the Czech layout without Shift
        ("29. 2. 9:00", (2024, 2, 29, 9, 0)),
    ],
)
def test_it_is_read_as_it_is_meant(typed: str, meant: tuple[int, int, int, int, int]) -> None:
    assert parse_moment(typed, now=NOW) == datetime(*meant, tzinfo=PRAGUE)


@pytest.mark.parametrize(
    "typed",
    [
        "2. srpna 1932",
        "2.srpna 1932",
        "2 SRPEN 1932",
        "2 August 1932",
        "August 2, 1932",
        "2 8 1932",
        "02/08/1932",
        "2. VIII. 1932",
        "2.VIII.1932",
        "2 viii 1932",
        "2. augusta 1932",
        "2. August 1932",
        "2 août 1932",
    ],
)
def test_a_day_may_have_its_month_in_words_or_spaces_between(typed: str) -> None:
    assert parse_day(typed) == date(1932, 8, 2)


@pytest.mark.parametrize(
    "typed",
    [
        *("2,8,1932", "2;8;1932", "2–8–1932", "2−8−1932", "2⁄8⁄1932", "2∕8∕1932", "2\\8\\1932", "2 . 8 . 1932"),
        "2.8 1932",
        *("2.8.1932.", "1932-08-02", "1932/8/2", "1932. 8. 2.", "19320802", "02081932", "2.8.1932\ufe0f"),
    ],
)
def test_a_day_may_have_any_signs_between_its_numbers(typed: str) -> None:
    assert parse_day(typed) == date(1932, 8, 2)


@pytest.mark.parametrize(("typed", "day"), [("20101938", date(1938, 10, 20)), ("20101219", date(2010, 12, 19))])
def test_eight_digits_are_one_day_from_whichever_end(typed: str, day: date) -> None:
    assert parse_day(typed) == day


@pytest.mark.parametrize(("typed", "month"), [("1. září 2026", 9), ("1. října 2026", 10), ("1. Července 2026", 7)])
def test_czech_months_are_known_with_their_accents(typed: str, month: int) -> None:
    assert parse_day(typed) == date(2026, month, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "2. srp 1932",
        "31. února 1932",
        "2 8 32",
        "srpna 1932",
        "2. srpna",
        "2,8,32",
        "2. XIII. 1932",
        "2. IIII. 1932",
        "VIII. 1932",
        "31. II. 1932",
        "19321302",
        "1.000",
    ],
)
def test_a_day_that_is_not_clear_or_does_not_exist_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (nobody reads its text)
        parse_day(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "8",
        "11. 1. 2027",
        "31. 2. 2027 9:00",
        "25:00",
        "8:60",
        "11.1.27 9:15",
        "včera 8:00",
        "28. 3. 2027 2:30",
        "0.0. 9:00",
        "11. 05",
    ],
)
def test_what_has_no_one_meaning_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (nobody reads its text)
        parse_moment(typed + " ", now=NOW)


@given(st.integers(int(datetime(2020, 12, 27, tzinfo=PRAGUE).timestamp()) // 60, int(NOW.timestamp()) // 60))
def test_what_a_page_shows_is_read_back(minute: int) -> None:
    moment = datetime.fromtimestamp(minute * 60, PRAGUE).replace(fold=0)
    assert parse_moment(written(moment), now=NOW) == moment


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9:05", time(9, 5)),
        ("9.05", time(9, 5)),
        ("9,05", time(9, 5)),
        ("9 05", time(9, 5)),
        ("9h05", time(9, 5)),
        ("905", time(9, 5)),
        ("0905", time(9, 5)),
        ("9 h", time(9)),
        ("9 hod.", time(9)),
        ("9.05 hodin", time(9, 5)),
        ("09:05:00", time(9, 5)),
        ("í.é\u00adř", time(9, 5)),
        ("í:éř", time(9, 5)),
        ("9", None),
        ("24:00", None),
        ("9:5", None),
        ("8-12", None),  # a time and its end, not 8:12
        ("965", None),
    ],
)
def test_a_time_of_a_day_is_read_as_people_write_it(typed: str, meant: time | None) -> None:
    if meant is None:
        with pytest.raises(ValueError):  # noqa: PT011 (nobody reads its text)
            parse_time(typed)
    else:
        assert parse_time(typed) == meant


def test_an_hour_alone_is_a_time_only_where_it_is_asked_for() -> None:
    assert TimeField(hour_alone=True).clean(" 9 ") == time(9)
    for field, typed in ((TimeField(), "9"), (TimeField(hour_alone=True), "24"), (TimeField(hour_alone=True), "8-12")):
        with pytest.raises(ValidationError):
            field.clean(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31. 12. 9999", "This day is too far away."),
        ("2200-01-01", "This day is too far away."),
        ("1. 1. 0001", "Write the day as 31. 1. 2027."),
        ("31. 2.", "There is no such day in the calendar."),
        ("29. 2.", "Write the day as 31. 1. 2027."),
    ],
)
def test_a_slip_of_the_finger_in_a_day_is_named(typed: str, said: str) -> None:
    with translation.override("en"):
        with pytest.raises(ValidationError) as refusal:
            DayField(needs_year=True).clean(typed)
        assert refusal.value.messages == [said]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("10. 1. 2027", date(2027, 1, 10)),
        ("10.1.", date(2027, 1, 10)),
        ("10. 1", date(2027, 1, 10)),
        ("12. 1.", date(2026, 1, 12)),
        ("29. 2.", date(2024, 2, 29)),
        ("10/1/2027", date(2027, 1, 10)),
        ("2027-01-10", date(2027, 1, 10)),
        ("10012027", date(2027, 1, 10)),
        ("\u200b10.\u00a01.\u00a02027", date(2027, 1, 10)),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, meant: date) -> None:
    assert parse_day(typed, today=NOW.date()) == meant


@pytest.mark.parametrize("typed", ["", "10. 1. 27", "31. 2. 2027", "pondělí", "10", "10. 1."])
def test_a_day_that_needs_its_year_is_refused_without_it(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (nobody reads its text)
        parse_day(typed)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_day_that_a_page_shows_is_read_back(day: date) -> None:
    assert parse_day(written_day(day)) == parse_day(day.isoformat()) == day


@given(st.text(max_size=30) | st.text("0123456789.:- h+ěščřžýáíé", max_size=20))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    for field in (DayField(required=False), TimeField(required=False), MomentField(required=False)):
        with suppress(ValidationError):
            field.clean(typed)


def test_a_field_of_invisible_characters_only_is_empty() -> None:
    with translation.override("en"), pytest.raises(ValidationError, match="Write the day"):
        DayField().clean("\u200b \u00ad")
    assert DayField(required=False).clean("\u200b") is None


def test_a_row_that_was_added_and_left_empty_says_nothing() -> None:
    class Row(forms.Form):
        day, at, until = DayField(), TimeField(), MomentField()

    rows = formset_factory(Row, extra=0)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-day": " ", "form-0-at": "", "form-0-until": ""}
    )
    assert rows.is_valid()
    assert rows.cleaned_data == [{}]


def test_what_is_written_in_another_way_is_not_changed() -> None:
    day = DayField()

    assert not day.has_changed(date(2027, 1, 10), "10.1.2027")
    assert not DayField(disabled=True).has_changed(date(2027, 1, 10), None)
    assert day.has_changed(date(2027, 1, 10), "11. 1. 2027")
    assert day.has_changed(date(2027, 1, 10), "")
    assert day.has_changed(None, "31. 2. 2027")
    assert day.has_changed(None, "1" * 500)
