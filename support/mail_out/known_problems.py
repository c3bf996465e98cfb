"""What a receipt says of problems that are known."""

from dataclasses import dataclass
from datetime import datetime

from support.models import Incident, Ticket

# A receipt is no list of faults; the page /stav/ has all of them.
_MOST = 3


@dataclass(frozen=True)
class KnownProblem:
    """A problem as the receipt tells it: the newest of what was found, else how it was declared."""

    title: str
    news: str
    began_at: datetime


def known_problems(ticket: Ticket) -> list[Incident]:
    """Those that go on now, that of the ticket first, then the worst."""
    going_on = Incident.objects.filter(ended_at=None)
    return sorted(going_on, key=lambda one: one.pk != ticket.incident_id)[:_MOST]
