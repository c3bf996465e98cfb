"""Evidence numbers (EAN-13, DOMAIN 1.9)."""

import pytest
from barcode.ean import EuropeanArticleNumber13

from certificates.hcert import evidence_number


def test_a_number_is_of_the_internal_range_with_the_check_digit_that_a_barcode_has() -> None:
    made = {evidence_number.new() for _ in range(200)}
    assert len(made) == 200
    for number in made:
        assert evidence_number.is_right(number)
        assert number.startswith("2")
        assert EuropeanArticleNumber13(number).get_fullcode() == number


def test_the_check_digit_is_that_of_gs1s_example() -> None:
    assert evidence_number.is_right("2100000000012")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2100000000013",
        "210000000012",
        "21000000000121",
        "1100000000013",
        "210000000001 ",
        "２100000000012",
        "x" * 13,
    ],
)
def test_another_text_is_none(text: str) -> None:
    assert not evidence_number.is_right(text)


def test_two_digits_that_changed_places_are_noticed() -> None:
    assert not evidence_number.is_right("2010000000012")
