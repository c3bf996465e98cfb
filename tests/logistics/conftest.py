"""What the tests of logistics share."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture
def in_english() -> Iterator[None]:
    """Reports in English, whatever the catalogs say."""
    with translation.override("en"):
        yield
