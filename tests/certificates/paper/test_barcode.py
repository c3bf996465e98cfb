"""The barcode of the evidence number, in the size that GS1 wants."""

import re

import pytest
from barcode.ean import EAN13

from certificates.hcert import evidence_number
from certificates.paper import barcode


def test_the_bars_are_those_of_the_number_in_their_size_with_white_on_both_sides() -> None:
    for number in ("2100000000012", evidence_number.new()):
        svg = barcode.svg(number).decode()
        assert 'width="52.624mm"' in svg  # 113 modules of 0.4657 mm
        modules = ["0"] * 113
        for left, width in re.findall(r"M(\d+) 0h(\d+)v", svg):
            modules[int(left) : int(left) + int(width)] = "1" * int(width)
        (expected,) = EAN13(number).build()
        assert "".join(modules) == "0" * 11 + expected.replace("G", "1") + "0" * 7


def test_heights_are_the_norms() -> None:
    heights = set(re.findall(r"v([\d.]+)h", barcode.svg("2100000000012").decode()))
    assert sorted(round(float(height) * 0.4657, 2) for height in heights) == [22.85, 25.18]


@pytest.mark.parametrize("number", ["2100000000013", "210000000001", "21000000000123", "abc", ""])
def test_what_is_no_ean_is_an_error(number: str) -> None:
    with pytest.raises(ValueError, match="no evidence number"):
        barcode.svg(number)
