"""People of the desks."""

import pytest
from django.contrib.auth.models import User

from logistics.models import Role
from support.models import Ticket
from tests.factories import make_agent, make_ticket


@pytest.fixture
def field() -> User:
    """Of the field team, everywhere."""
    return make_agent(Role.SUPPORT_L1, name="terenni")


@pytest.fixture
def dispatcher() -> User:
    return make_agent(Role.SUPPORT_L2, name="dispecer")


@pytest.fixture
def expert() -> User:
    return make_agent(Role.SUPPORT_L3, name="expert")


@pytest.fixture
def lead() -> User:
    return make_agent(Role.SUPPORT_LEAD, name="vedouci")


@pytest.fixture
def ticket() -> Ticket:
    """A site's ticket at the first level, opened on Monday at nine."""
    return make_ticket()
