"""What people type, paste and scan is made plain once."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from crs.typed import lines, number, plain
from crs.typed_numbers import WholeNumberField


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("  Jana \u00a0 Nováková ", "Jana Nováková"),
        ("Jana\u200b\ufeff Nov\u00e1kov\u00e1\u00ad", "Jana Nováková"),
        ("Nova\u0301kova\u0301", "Nováková"),
        ("Nova\u200d\u0301k", "Novák"),
        ("a\tb\r\nc\x00", "a b c"),
        ("\u202eJana\u202c", "Jana"),
        ("", ""),
    ],
)
def test_text_has_composed_letters_single_spaces_and_nothing_invisible(text: str, read: str) -> None:
    assert plain(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("385512/123", "385512123"),
        ("602 00", "60200"),
        ("100\u00a0000\u00a0014", "100000014"),
        ("12\u201134\u201356\u221278.90", "1234567890"),
        ("\uff11\uff12\uff13", "123"),
        ("+ěščřžýáíé", "1234567890"),
        ("ĚŠČŘŽÝÁÍÉ", "234567890"),
        ("šářř+ě-+ěš", "385512123"),
        # What is not wholly of the Czech row was meant as it stands.
        ("+420601", "+420601"),
        ("ě1", "ě1"),
        ("FE 123 456", "FE123456"),
    ],
)
def test_a_number_loses_its_separators_and_a_czech_keyboard_its_signs(text: str, read: str) -> None:
    assert number(text) == read


@given(st.text(max_size=80))
def test_plain_text_stays_as_it_is(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert not any(unicodedata.category(character) in ("Cf", "Cc", "Cs", "Co") for character in once)


@given(st.text(max_size=80))
def test_a_number_that_was_read_is_read_alike_again(text: str) -> None:
    once = number(text)
    assert number(once) == once


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12", 12),
        (" 1\u00a0200\u200b", 1200),
        ("\uff11\uff12", 12),
        ("ěš", 23),
        ("50 %", 50),
        ("15min", 15),
        ("", None),
        *((typed, "refused") for typed in ("-3", "+3", "1.5", "1,5", "1-5", "1 5", "5 lidí", "2001", "4", "9" * 5000)),
    ],
)
def test_a_whole_number_is_read_as_people_write_it_and_nothing_in_it_is_guessed_away(typed: str, meant: object) -> None:
    field = WholeNumberField(lowest=5, highest=2000, units=("%", "min"), required=False)
    if meant == "refused":
        with pytest.raises(ValidationError):
            field.clean(typed)
    else:
        assert field.clean(typed) == meant


def test_lines_stay_apart_and_empty_ones_between_them_too() -> None:
    assert lines("\n Jana\u200b \r\n\r\n  omdlela. \x00\n") == "Jana\n\nomdlela."
