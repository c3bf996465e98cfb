"""Telephone numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration import errors
from registration.phone import parse, readable


@pytest.mark.parametrize(
    "typed",
    ["601234567", "601 234 567", " 601\u00a0234\u00a0567 ", "+420601234567", "+420 601 234 567", "00420601234567",
     "00420 601 234 567", "420601234567", "601-234-567", "(601) 234 567", "601.234.567", "６０１２３４５６７"],
)  # fmt: skip
def test_one_czech_number_in_the_shapes_that_people_write(typed: str) -> None:
    assert parse(typed) == "+420601234567"


@pytest.mark.parametrize("typed", ["+421 905 123 456", "00421905123456"])
def test_foreign_numbers_with_plus_or_two_zeros(typed: str) -> None:
    assert parse(typed) == "+421905123456"


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("", errors.InvalidPhone),
        ("+", errors.InvalidPhone),
        ("babička", errors.PhoneHasLetters),
        ("601 ABC DEF", errors.PhoneHasLetters),
        ("601234567 ext. 3", errors.PhoneHasLetters),
        ("60123456", errors.PhoneDoesNotExist),
        ("6012345678", errors.PhoneDoesNotExist),
        ("999999999", errors.PhoneDoesNotExist),
        ("0905123456", errors.PhoneDoesNotExist),
        ("224 810 111", errors.NoSmsThere),
        ("+420 543 210 987", errors.NoSmsThere),
        ("800 123 456", errors.NoSmsThere),
        ("900 123 456", errors.NoSmsThere),
    ],
)
def test_each_mistake_has_its_own_words(typed: str, mistake: type[errors.InvalidPhone]) -> None:
    with pytest.raises(errors.InvalidPhone) as refusal:
        parse(typed)
    assert type(refusal.value) is mistake


def test_whoever_has_a_landline_is_told_of_the_line_1221() -> None:
    assert "1221" in str(errors.NoSmsThere.message)


@given(st.text(max_size=30))
def test_no_text_crashes_it(typed: str) -> None:
    try:
        assert parse(typed).startswith("+")
    except errors.InvalidPhone:
        return


def test_a_page_shows_the_number_in_groups() -> None:
    assert readable("+420601234567") == "601 234 567"
    assert readable("+421905123456") == "+421 905 123 456"
