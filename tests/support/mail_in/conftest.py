"""The desks to which the letters of these tests come."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.support.mail_in.letters import LINE, SITES


@pytest.fixture(autouse=True)
def _desks() -> Iterator[None]:
    with override_settings(SUPPORT_ADDRESSES={"SITES": SITES, "LINE": LINE}):
        yield
