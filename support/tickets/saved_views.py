"""Lists of tickets: what they show, as filters that can be kept."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, QuerySet

from support.models import Ticket
from support.tickets import clocks
from support.tickets.states import OPEN


@dataclass(frozen=True)
class Filters:
    """What a list shows; empty: all. Rows are named by their keys; `whose` is MINE, NOBODYS, or empty."""

    states: tuple[str, ...] = tuple(OPEN)
    desk: str = ""
    level: int | None = None
    category: int | None = None
    priority: int | None = None
    site: str = ""
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
    if filters.states:
        found = found.filter(state__in=filters.states)
    chosen = {name: getattr(filters, name) for name in ("desk", "level", "category", "priority", "site")}
    found = found.filter(**{name: value for name, value in chosen.items() if value})
    if filters.whose == MINE:
        found = found.filter(assignee=user)
    elif filters.whose == NOBODYS:
        found = found.filter(assignee=None)
    if filters.is_late:
        found = found.filter(clocks.late(now=now))
    return found.order_by("priority", F("due_at").asc(nulls_last=True), "pk")
