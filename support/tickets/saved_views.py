"""Lists of tickets: what they show, as filters that can be kept."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, QuerySet

from logistics.models import VaccinationSite
from support.models import Ticket
from support.tickets import clocks
from support.tickets.states import OPEN


@dataclass(frozen=True)
class Filters:
    """What a list shows; empty: all. `whose` is MINE, NOBODYS, or empty."""

    states: tuple[str, ...] = tuple(OPEN)
    desk: str = ""
    levels: tuple[int, ...] = ()
    priorities: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    site: str = ""
    incident: int | None = None
    whose: str = ""
    is_late: bool = False


MINE, NOBODYS = "mine", "nobodys"


def to_json(filters: Filters) -> dict[str, Any]:
    """As a row keeps them."""
    return asdict(filters)


def from_json(kept: Any) -> Filters:
    """As `to_json` wrote them."""
    known = {field.name for field in fields(Filters)}
    said: dict[str, Any] = {}
    for name, value in kept.items() if isinstance(kept, dict) else ():
        if name in known:
            said[name] = tuple(value) if isinstance(value, list) else value
    return Filters(**said)


def apply(tickets: QuerySet[Ticket], filters: Filters, *, user: User, now: datetime) -> QuerySet[Ticket]:
    """The tickets that the filters let through, the most urgent first."""
    found = tickets
    for path, values in (
        ("state__in", filters.states),
        ("level__in", filters.levels),
        ("priority__in", filters.priorities),
        ("category__in", filters.categories),
    ):
        if values:
            found = found.filter(**{path: values})
    if filters.desk:
        found = found.filter(desk=filters.desk)
    if filters.site:
        found = found.filter(site=UUID(filters.site))
    if filters.incident is not None:
        found = found.filter(incident=filters.incident)
    if filters.regions:
        found = found.filter(site__in=VaccinationSite.objects.in_regions(filters.regions))
    if filters.whose == MINE:
        found = found.filter(assignee=user)
    elif filters.whose == NOBODYS:
        found = found.filter(assignee=None)
    if filters.is_late:
        found = found.filter(clocks.late(now=now))
    return found.order_by("priority", F("due_at").asc(nulls_last=True), "pk")
