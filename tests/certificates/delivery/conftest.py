"""A certificate of somebody who is reached by e-mail and telephone."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from certificates.models import Certificate
from tests.cast import JANA
from tests.crs.messaging.conftest import FarMailServer, mail_server
from tests.factories import make_certificate, make_registration, make_site, make_sitting

__all__ = ["FarMailServer", "certificate", "certify", "mail_server"]


@pytest.fixture
def certify(clock: time_machine.Traveller) -> Callable[..., Certificate]:  # it is the morning of NOW
    """Makes a certificate; the keywords are the contact, `of` more fields of the certificate."""

    def made(of: dict[str, Any] | None = None, **contact: Any) -> Certificate:
        reached = {"phone": JANA.phone, "email": "jana@seznam.cz", "language": "cs", **contact}
        dose = make_sitting(make_site(), registration=make_registration(**reached))
        return make_certificate(dose, **(of or {}))

    return made


@pytest.fixture
def certificate(certify: Callable[..., Certificate]) -> Certificate:
    """The certificate of a person with an e-mail address and a telephone."""
    return certify()
