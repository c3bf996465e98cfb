"""What every paper stands on: its own fonts and pictures, and nothing from elsewhere."""

from typing import Any

import pytest

from crs import paper
from crs.paper import PaperFetcher, PaperUnavailable


@pytest.mark.parametrize(
    "address",
    ["http://example.org/x.png", "file:///etc/passwd", "paper:font/../../x", "data:,x", "paper:other.png", "code.png"],
)
def test_a_document_loads_nothing_from_elsewhere(address: str) -> None:
    with pytest.raises(ValueError, match="may not load"):
        PaperFetcher({"code.png": b""}).fetch(address)


def test_a_document_loads_its_own_pictures() -> None:
    assert PaperFetcher({"code.svg": b"<svg/>"}).fetch("paper:code.svg").read() == b"<svg/>"


def test_a_missing_font_is_an_error_and_not_another_font(settings: Any) -> None:
    settings.NODE_MODULES_FILES = {}
    paper._font.cache_clear()
    try:
        with pytest.raises(PaperUnavailable):
            paper._font("roboto-regular")
    finally:
        paper._font.cache_clear()
