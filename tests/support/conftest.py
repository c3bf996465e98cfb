"""What tests of the help desks share."""

from collections.abc import Iterator

import pytest

from tests.programs import require
from tests.support.dovecot import Dovecot


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One server of mailboxes for all tests of a process; each takes an address of its own."""
    require("dovecot", "dovecot-imapd dovecot-lmtpd")
    with Dovecot() as dovecot:
        yield dovecot
