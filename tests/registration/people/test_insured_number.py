"""Insured persons' numbers: DOMAIN 2.1 to 2.3, one case after another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cz import rc as stdnum_rc
from stdnum.exceptions import ValidationError

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
from registration.people.insured_number import RARELY_NINE, is_womans, lookup_hash, masked, parse
from tests.cast import ELISKA, JANA, KAREL, LINH, MARIE, PETR, CastMember

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "typed",
    [
        *("385512123", "385512/123", " 38 55 12 / 123 ", "385512 123", "385512\u00a0123", "3855/12123", "385512-123"),
        *("385512–123", "385512\u2007123", "38.55.12.123", "385512_123", "385512'123", "385512\u202f/\u202f123"),
        *("\u202d385512/123\u202c", "385512\u2060123", "３８５５１２１２３", "٣٨٥٥١٢١٢٣", "३८५५१२१२३", "385512/123."),
        *("RČ 385512/123", "r. č.: 385512/123", "Rodné číslo: 385512123", "číslo pojištěnce 385512123"),
        *("«385512/123»", "(385512/123)", "385512\u3164123\ufe0f"),
    ],
)
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
    ("typed", "born"),
    [("610968123", date(1961, 9, 18)), ("815952123", date(1981, 9, 2)), ("612968123", date(1961, 9, 18))],
)
def test_nine_digits_of_a_foreigner_born_since_1954_are_taken_once_they_were_compared(typed: str, born: date) -> None:
    number = parse(typed, today=TODAY)
    assert (number.birth_date, number.is_foreigners, number.warning) == (born, True, RARELY_NINE)


def test_nine_digits_of_a_foreigner_born_before_are_ordinary() -> None:
    assert parse("380951123", today=TODAY).warning is None


def test_whoever_was_born_before_1954_and_types_ten_digits_reads_that_nine_are_right() -> None:
    with pytest.raises(NumberCheckFails) as refusal, translation.override("cs"):
        parse("3855121234", today=TODAY)
    with translation.override("cs"):
        assert "Narozeni před rokem 1954? Číslo má jen devět číslic." in str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("marie", NumberHasLetters),
        ("385512l23", NumberHasLetters),
        ("38551212³", NumberHasLetters),
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


# --- all shapes at once, and what a finger does to them ---------------------------------------------


@dataclass(frozen=True)
class Given:
    """A number as somebody was given it."""

    digits: str
    born: date
    is_woman: bool = False
    is_foreigners: bool = False


@st.composite
def numbers(draw: st.DrawFn) -> Given:
    """Numbers of all shapes of DOMAIN 2.1 and 2.2, each as likely."""
    shape = draw(st.sampled_from(["nine digits", "ten digits", "plus 20", "given later", "RSZP", "AP CMU"]))
    first, last = {
        "nine digits": (date(1897, 1, 1), date(1953, 12, 31)),
        "plus 20": (date(2004, 1, 1), TODAY),
        # Ten digits of somebody born before 1954: as 20YY the day would lie in the future.
        "given later": (date(1927, 1, 1), date(1953, 12, 31)),
    }.get(shape, (date(1954, 1, 1), TODAY))
    born, is_woman = draw(st.dates(first, last)), draw(st.booleans())
    is_foreigners = shape in ("RSZP", "AP CMU")
    month = born.month + 50 * is_woman + 20 * (shape in ("plus 20", "AP CMU"))
    head = f"{born.year % 100:02}{month:02}{born.day + 50 * is_foreigners:02}"
    if shape == "nine digits":
        return Given(f"{head}{draw(st.integers(0, 999)):03}", born, is_woman)
    if is_foreigners:
        return Given(f"{head}{draw(st.integers(0, 9999)):04}", born, is_woman, is_foreigners)
    serial = draw(st.integers(0, 999).filter(lambda serial: int(f"{head}{serial:03}") % 11 < 10))
    nine = f"{head}{serial:03}"
    return Given(f"{nine}{int(nine) % 11}", born, is_woman)


@given(numbers())
def test_a_number_of_any_shape_says_who_has_it(given: Given) -> None:
    number = parse(given.digits, today=TODAY)
    assert (number.birth_date, number.is_foreigners) == (given.born, given.is_foreigners)
    assert is_womans(number.digits) == given.is_woman
    assert (number.warning is None) == (given.born.year >= 1900)


@given(numbers(), st.integers(0, 10), st.sampled_from(["/", " ", "\u00a0", "\u200b", "\u202d", "\ufeff"]))
def test_a_sign_that_means_nothing_changes_nothing(given: Given, place: int, sign: str) -> None:
    where = 6 if sign == "/" else min(place, len(given.digits))
    assert parse(given.digits[:where] + sign + given.digits[where:], today=TODAY).digits == given.digits


@given(numbers().filter(lambda given: len(given.digits) == 10 and not given.is_foreigners), st.data())
def test_one_wrong_digit_or_a_swap_of_two_is_found_by_eleven(given: Given, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 9))
    digits = list(given.digits)
    if data.draw(st.booleans()) and place < 9:
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
    else:
        digits[place] = data.draw(st.sampled_from("0123456789"))
    typed = "".join(digits)
    if typed == given.digits:
        return
    try:
        number = parse(typed, today=TODAY)
    except InvalidInsuredNumber:
        return
    # What is left: the exception of modulo eleven, and the shape of a foreigner, which has no check digit.
    assert number.is_foreigners or (int(typed[:9]) % 11 == 10 and typed[9] == "0")


@given(numbers(), st.integers(0, 9))
def test_a_lost_digit_is_never_taken_without_a_word(given: Given, place: int) -> None:
    typed = given.digits[: min(place, len(given.digits) - 1)] + given.digits[min(place, len(given.digits) - 1) + 1 :]
    try:
        number = parse(typed, today=TODAY)
    except InvalidInsuredNumber:
        return
    # Nine digits can be right by themselves, of somebody older; of 1954 and later they are compared.
    assert len(given.digits) == 10
    assert number.birth_date.year < 1954 or number.warning is not None


@pytest.mark.parametrize(
    ("typed", "theirs", "ours"),
    [
        ("0441010009", date(2004, 1, 1), None),
        ("0491010003", date(2004, 1, 1), None),
        ("9941010013", date(1999, 1, 1), None),
        ("8021010008", date(1980, 1, 1), None),
        ("2001010100", date(2020, 1, 1), date(2020, 1, 1)),
        ("3051011238", date(2030, 1, 1), date(1930, 1, 1)),
        ("5312319980", date(2053, 12, 31), date(1953, 12, 31)),
        ("6109681234", None, date(1961, 9, 18)),
    ],
)
def test_the_eight_numbers_where_python_stdnum_errs(typed: str, theirs: date | None, ours: date | None) -> None:
    """DOMAIN 2.3: what the library reads, and what we read; where a later version of it agrees, we may ask it."""
    assert _or_none(lambda: stdnum_rc.get_birth_date(stdnum_rc.validate(typed))) == theirs
    assert _or_none(lambda: parse(typed, today=TODAY).birth_date) == ours


def _or_none(read: Callable[[], date]) -> date | None:
    try:
        return read()
    except (ValidationError, InvalidInsuredNumber):
        return None


def test_the_hash_is_the_same_for_the_same_person_and_shows_nothing() -> None:
    assert lookup_hash("385512123") == lookup_hash("385512123")
    assert "385512" not in lookup_hash("385512123")


def test_a_list_shows_six_digits() -> None:
    assert masked("385512123") == "385512/•••"
    assert masked("8556201236") == "855620/••••"
