"""A desk whose letters go out over real SMTP, and what it says there."""

from typing import Any

import pytest
import time_machine
from pytest_django.fixtures import Settings

from support.letters.identity import message_key
from support.models import Letter, Ticket
from tests.crs.messaging.conftest import FarMailServer, mail_server
from tests.factories import NOW

__all__ = ["FarMailServer", "mail_server"]

SITES_DESK, LINE_DESK = "podpora@ockovani.example", "linka@ockovani.example"
JANA = "jana@nemocnice.example"
JANAS_ID = "<CAJ+1=abc@mail.nemocnice.example>"


@pytest.fixture(autouse=True)
def _desks(settings: Settings, clock: time_machine.Traveller) -> None:
    """Both desks have addresses, and it is the morning of NOW."""
    settings.SUPPORT_ADDRESSES = {"SITES": SITES_DESK, "LINE": LINE_DESK}
    settings.EMAIL_PER_SECOND = 10_000


def letter_in(ticket: Ticket, **fields: Any) -> Letter:
    """A letter of the ticket's sender, which is at the ticket."""
    values = {
        "desk": ticket.desk,
        "direction": Letter.Direction.IN,
        "state": Letter.State.FILED,
        "message_id": JANAS_ID,
        "from_address": ticket.requester_address,
        "from_name": ticket.requester_name,
        "text": "Dobrý den,\nnejde nám tisk.\n\nJana",
        "received_at": NOW,
    } | fields
    return Letter.objects.create(ticket=ticket, message_key=message_key(str(values["message_id"])), **values)
