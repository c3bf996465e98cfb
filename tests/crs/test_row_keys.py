"""A key of a row is digits alone, and no more than the database holds."""

import pytest

from crs.row_keys import row_key


@pytest.mark.parametrize(("text", "key"), [("12", 12), ("0", 0), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_key(text: str, key: int) -> None:
    assert row_key(text) == key


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1_0", "1.0", "²", "١", "x", "1\0", "9" * 19, "9" * 5000])
def test_anything_else_is_the_key_of_no_row(text: str) -> None:
    assert row_key(text) is None
