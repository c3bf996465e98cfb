"""PIN2 as people type it."""

import pytest

from reservation import errors
from reservation.inviting import pin2
from tests.factories import PIN2


@pytest.mark.parametrize(
    "typed",
    [
        *(PIN2, "1234 5678", " 12 34 56 78 ", "1234-5678", "\u200b１２３４５６７８", "1234\u00a05678"),
        *("PIN2: 12345678", "PIN2 1234 5678", "pin 2: 1234 5678", "PIN 1234 5678", "(1234 5678)", "#12345678"),
        *("(PIN2) 12345678", "PIN212345678"),
    ],
)
def test_pin2_may_be_spaced_in_any_way(typed: str) -> None:
    assert pin2.parse(typed) == PIN2


def test_the_first_pin_is_told_from_nonsense() -> None:
    with pytest.raises(errors.FirstPinTyped):
        pin2.parse("123 456")
    for nonsense in ("", "1234567", "123456789", "abcdefgh", "-2345678", "212345678"):
        with pytest.raises(errors.MalformedPin2):
            pin2.parse(nonsense)


def test_the_2_of_its_name_is_no_digit_of_a_short_one() -> None:
    with pytest.raises(errors.MalformedPin2):
        pin2.parse("PIN2 1234567")
    with pytest.raises(errors.FirstPinTyped):
        pin2.parse("PIN2: 123456")
