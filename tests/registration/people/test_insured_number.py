"""Insured persons' numbers: DOMAIN 2.1 to 2.3, one case after another."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.people.errors import (
    InvalidInsuredNumber,
    NumberCheckFails,
    NumberFromTheFuture,
    NumberHasImpossibleDate,
    NumberHasLetters,
    NumberNeedsTenDigits,
    NumberTooLong,
    NumberTooOld,
    NumberTooShort,
)
from registration.people.insured_number import lookup_hash, masked, parse
from tests.cast import ELISKA, JANA, KAREL, LINH, MARIE, PETR, CastMember

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("typed", ["385512123", "385512/123", " 38 55 12 / 123 ", "385512 123", "385512\u00a0123"])
def test_marie_of_1938_has_nine_digits_however_she_writes_them(typed: str) -> None:
    number = parse(typed, today=TODAY)
    assert (number.digits, number.birth_date, number.warning) == ("385512123", date(1938, 5, 12), None)


def test_nine_digits_may_end_in_three_zeros() -> None:
    assert parse("385512000", today=TODAY).birth_date == date(1938, 5, 12)


@pytest.mark.parametrize(
    ("typed", "born"),
    [
        ("5401010006", date(1954, 1, 1)),  # the first year of ten digits
        ("5312319996", date(1953, 12, 31)),  # born before, number given later: 2053 lies in the future
        ("3051011238", date(1930, 1, 1)),  # trap of 2.3: not 2030
        ("0421010001", date(2004, 1, 1)),  # +20: the day's series was used up
        ("0471010006", date(2004, 1, 1)),  # +70
    ],
)
def test_ten_digits(typed: str, born: date) -> None:
    digits = typed[:9] + str(int(typed[:9]) % 11 % 10)
    assert parse(digits, today=TODAY).birth_date == born


@pytest.mark.parametrize("typed", ["0441010009", "0491010003", "9941010013", "8021010008"])
def test_months_that_nobody_is_given_are_refused(typed: str) -> None:
    """Traps of 2.3: stdnum takes 41–49 and 91–99 for 1–9, and +20 for years before 2004."""
    with pytest.raises(NumberHasImpossibleDate):
        parse(typed, today=TODAY)


def test_the_exception_of_modulo_eleven_is_taken_with_a_warning_after_1985() -> None:
    """Trap of 2.3: 2001010100 leaves 10 and ends in 0."""
    number = parse("2001010100", today=TODAY)
    assert number.birth_date == date(2020, 1, 1)
    assert number.warning is not None


def test_the_exception_of_modulo_eleven_is_ordinary_until_1985() -> None:
    digits = next(f"780112{n:03}0" for n in range(1000) if int(f"780112{n:03}") % 11 == 10)
    assert parse(digits, today=TODAY).warning is None


@pytest.mark.parametrize(
    ("typed", "born"),
    [
        ("6109681234", date(1961, 9, 18)),  # trap of 2.3: stdnum refuses every day + 50
        ("8159521234", date(1981, 9, 2)),
        ("6129681234", date(1961, 9, 18)),
        ("8179521234", date(1981, 9, 2)),
    ],
)
def test_foreigners_have_the_day_plus_50_and_no_check_digit(typed: str, born: date) -> None:
    assert parse(typed, today=TODAY).birth_date == born


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("marie", NumberHasLetters),
        ("385512l23", NumberHasLetters),
        ("3855/12123", NumberHasLetters),
        ("38551212³", NumberHasLetters),
        ("٣٨٥٥١٢١٢٣", NumberHasLetters),
        ("", NumberTooShort),
        ("38551212", NumberTooShort),
        ("38551212345", NumberTooLong),
        ("855620123", NumberNeedsTenDigits),
        ("8502301234", NumberHasImpossibleDate),
        ("8500101234", NumberHasImpossibleDate),
        ("2921011238", NumberFromTheFuture),
        ("8556201237", NumberCheckFails),
        ("8556202136", NumberCheckFails),
    ],
)
def test_each_mistake_has_its_own_words(typed: str, mistake: type[InvalidInsuredNumber]) -> None:
    with pytest.raises(mistake) as refusal:
        parse(typed, today=TODAY)
    assert type(refusal.value) is mistake


def test_all_mistakes_read_differently() -> None:
    kinds: list[type[InvalidInsuredNumber]] = [
        *InvalidInsuredNumber.__subclasses__(),
        NumberNeedsTenDigits,
    ]
    assert len({str(kind()) for kind in kinds}) == len(kinds) == 8


def test_a_missing_digit_does_not_make_a_young_man_128_without_asking() -> None:
    assert parse("980512123", today=TODAY).warning is not None


def test_nobody_is_130() -> None:
    with pytest.raises(NumberTooOld):
        parse("5401010005", today=date(2084, 2, 1))


@pytest.mark.parametrize("person", [MARIE, KAREL, JANA, PETR, LINH, ELISKA])
def test_the_cast_has_valid_numbers(person: CastMember) -> None:
    assert parse(person.insured_number, today=TODAY).warning is None


@given(st.text(max_size=30))
def test_no_text_crashes_it(typed: str) -> None:
    try:
        parse(typed, today=TODAY)
    except InvalidInsuredNumber:
        return


@given(st.text(alphabet="0123456789/ ", max_size=14))
def test_no_digits_crash_it(typed: str) -> None:
    try:
        number = parse(typed, today=TODAY)
    except InvalidInsuredNumber:
        return
    assert number.birth_date <= TODAY


@given(
    st.dates(date(1897, 1, 1), TODAY),
    st.integers(0, 999),
    st.booleans(),
    st.booleans(),
)
def test_every_number_that_is_given_out_tells_the_birth_date(
    born: date, serial: int, is_woman: bool, is_series_full: bool
) -> None:
    month = born.month + (50 if is_woman else 0) + (20 if is_series_full and born.year >= 2004 else 0)
    digits = f"{born.year % 100:02}{month:02}{born.day:02}{serial:03}"
    if born.year >= 1954:
        digits += str(int(digits) % 11 % 10)
    assert parse(digits, today=TODAY).birth_date == born


@given(
    st.dates(date(1954, 1, 1), TODAY), st.integers(0, 9999), st.sampled_from([(0, 50), (50, 50), (20, 50), (70, 50)])
)
def test_every_foreigners_number_tells_the_birth_date(born: date, serial: int, shift: tuple[int, int]) -> None:
    month, day = born.month + shift[0], born.day + shift[1]
    assert parse(f"{born.year % 100:02}{month:02}{day:02}{serial:04}", today=TODAY).birth_date == born


def test_the_hash_is_the_same_for_the_same_person_and_shows_nothing() -> None:
    assert lookup_hash("385512123") == lookup_hash("385512123")
    assert "385512" not in lookup_hash("385512123")


def test_a_list_shows_six_digits() -> None:
    assert masked("385512123") == "385512/•••"
    assert masked("8556201236") == "855620/••••"
