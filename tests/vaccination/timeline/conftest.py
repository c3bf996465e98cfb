"""What the tests of the timeline share."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture
def english_texts() -> Iterator[None]:
    """Texts are made in English."""
    with translation.override("en"):
        yield
