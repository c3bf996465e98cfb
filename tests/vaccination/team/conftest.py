"""What the tests of a site's team begin with."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from logistics.models import VaccinationSite
from tests.factories import make_site


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def in_english() -> Iterator[None]:
    """Refusals in English, whatever the catalogs say."""
    with translation.override("en"):
        yield
