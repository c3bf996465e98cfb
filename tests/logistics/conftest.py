"""What the tests of logistics share."""

from collections.abc import Iterator

import pytest
import time_machine
from django.utils import translation

from tests.factories import NOW


@pytest.fixture
def in_english() -> Iterator[None]:
    """Reports in English, whatever the catalogs say."""
    with translation.override("en"):
        yield


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is the morning on which the factories record what a store holds."""
    with time_machine.travel(NOW, tick=True) as coordinates:
        yield coordinates
