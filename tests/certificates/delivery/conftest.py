"""A certificate of somebody who is reached by e-mail and telephone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine

from certificates.models import Certificate, Delivery
from crs.messaging.models import Message
from tests.cast import JANA, PETR
from tests.crs.messaging.conftest import FarMailServer, mail_server
from tests.factories import PRAGUE, make_certificate, make_registration, make_site, make_sitting
from vaccination.models import Dose

__all__ = ["FarMailServer", "certificate", "certify", "mail_server"]

Certify = Callable[..., Certificate]
# When nobody is woken by an SMS.
NIGHT = datetime(2027, 1, 12, 2, 30, tzinfo=PRAGUE)
# The contact that somebody really has, where the one in the registration is wrong.
RIGHT: dict[str, Any] = {"email": "jana.novakova@seznam.cz", "phone": PETR.phone}


def password_of(delivery: Delivery) -> str:
    """The password of the PDF, as its SMS says it."""
    return str(Message.objects.get(reference=str(delivery.pk), channel=Message.Channel.SMS).text).splitlines()[1]


def dose_of(**contact: Any) -> Dose:
    """A dose of somebody who is reached by e-mail and telephone; the keywords are another contact."""
    reached = {"phone": JANA.phone, "email": "jana@seznam.cz", "language": "cs", **contact}
    return make_sitting(make_site(), registration=make_registration(**reached))


@pytest.fixture
def certify(clock: time_machine.Traveller) -> Certify:  # it is the morning of NOW
    """Makes a certificate; the keywords are the contact, `of` more fields of the certificate."""

    def made(of: dict[str, Any] | None = None, **contact: Any) -> Certificate:
        return make_certificate(dose_of(**contact), **(of or {}))

    return made


@pytest.fixture
def certificate(certify: Certify) -> Certificate:
    """The certificate of a person with an e-mail address and a telephone."""
    return certify()
