"""What a receipt says of problems that are known."""

from dataclasses import dataclass
from datetime import datetime

from support.models import Incident, Ticket

# A receipt is no list of faults; the page /stav/ has all of them.
_MOST = 3


@dataclass(frozen=True)
class KnownProblem:
    """A problem as a receipt tells it, in the present language; `news` is the newest of what was said of it."""

    title: str
    news: str
    began_at: datetime


def known_problems(ticket: Ticket) -> list[KnownProblem]:
    """Those that go on now and that the sender may know of, that of the ticket first, then the newest."""
    going_on = Incident.objects.open().order_by("-began_at").prefetch_related("updates")
    if ticket.site_id is None:  # anybody may have written it
        going_on = going_on.for_citizens()
    found = sorted(going_on, key=lambda one: one.pk != ticket.incident_id)
    return [KnownProblem(one.title, _news(one), one.began_at) for one in found[:_MOST]]


def _news(incident: Incident) -> str:
    newest = next(iter(incident.updates.all()), None)
    return newest.text if newest is not None else incident.text
