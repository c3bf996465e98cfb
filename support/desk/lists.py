"""Lists of tickets: which there are, and what stands in a line of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from crs.users import name_of_user
from registration.people import persons
from support.desk import deadlines
from support.letters.covering import covered
from support.mail_out import refusals
from support.models import SavedView, Ticket, TicketLink
from support.tickets import claims, numbers, saved_views, visible
from support.tickets.saved_views import MINE, NOBODYS, Filters
from support.tickets.states import OPEN

ON_A_PAGE = 50
State = Ticket.State
_NEW = (State.NEW, State.REOPENED)
_ENDED = (State.RESOLVED, State.CLOSED)

# The lists that everybody has, as addresses name them.
MY, NEW, LEVEL, WAITING, LATE, UNDELIVERED, ALL, ENDED, FOUND = (
    *("moje", "nove", "uroven", "cekaji", "po-terminu", "nedorucene", "vse", "hotove", "hledani"),
)
TITLES: dict[str, str | Promise] = {
    MY: pgettext_lazy("list of tickets", "My tickets"),
    NEW: pgettext_lazy("list of tickets", "New"),
    LEVEL: pgettext_lazy("list of tickets", "My level"),
    WAITING: pgettext_lazy("list of tickets", "Waiting for the sender"),
    LATE: pgettext_lazy("list of tickets", "Late"),
    UNDELIVERED: pgettext_lazy("list of tickets", "Undelivered answers"),
    ALL: pgettext_lazy("list of tickets", "All open"),
    ENDED: pgettext_lazy("list of tickets", "Resolved and closed"),
}


@dataclass(frozen=True)
class Chosen:
    """The list that an address asks for. `key` is one of `TITLES`, `FOUND`, or the key of a saved view.

    `asked` are the filters that the address adds.
    """

    key: str
    title: str
    filters: Filters
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def can_be_saved(self) -> bool:
        """Whether it is made of filters alone."""
        return self.key not in (UNDELIVERED, FOUND)


@dataclass(frozen=True)
class Tab:
    """A list to go to."""

    key: str
    title: str
    is_chosen: bool
    is_shared: bool = False
    count: int = 0


@dataclass(frozen=True)
class Line:
    """A ticket in a list; its subject and sender are covered."""

    ticket: Ticket
    age: str
    due: deadlines.Due
    answer_due: deadlines.Due | None
    works_on_it: str
    sender: str

    @property
    def is_of_a_machine(self) -> bool:
        """Whether automatic mail opened it, and no person has written since: then no first answer is due."""
        return self.ticket.answered_at is None and self.ticket.answer_due_at is None


def views_of(user: User) -> QuerySet[SavedView]:
    """The user's own saved views, and everybody's."""
    return SavedView.objects.filter(Q(owner=user) | Q(owner=None))


def chosen(user: User, *, key: str, asked: Mapping[str, Any]) -> Chosen:
    """The list that an address names; the first one with tickets of the user's own work where it names none."""
    key = key or _first(user)
    saved = None if key in TITLES or key == FOUND else _saved(user, key)
    if saved:
        filters, title = saved_views.from_json(saved.filters), saved.name
    else:
        key = key if key in TITLES or key == FOUND else MY
        filters, title = _filters(key, user), str(TITLES.get(key, pgettext_lazy("list of tickets", "Found")))
    return Chosen(str(saved.pk) if saved else key, title, replace(filters, **asked), asked)


def tabs(user: User, chosen_key: str, *, now: datetime) -> list[Tab]:
    """All lists that the user has; those that are best empty say how many tickets they hold."""
    counts = _counts(user, now)
    own = [Tab(key, str(title), key == chosen_key, count=counts.get(key, 0)) for key, title in TITLES.items()]
    saved = [
        Tab(str(view.pk), view.name, str(view.pk) == chosen_key, is_shared=view.owner_id is None)
        for view in views_of(user)
    ]
    return own + saved


def tickets_of(which: Chosen, *, user: User, now: datetime) -> QuerySet[Ticket]:
    """The tickets of the list that the user sees, in the order of work."""
    found = saved_views.apply(visible.tickets_for(user), which.filters, user=user, now=now)
    if which.key == UNDELIVERED:
        found = found.filter(pk__in=refusals.undelivered().values("ticket"))
    return found.order_by("-changed_at", "-pk") if which.key == ENDED else found


def lines(tickets: QuerySet[Ticket], *, now: datetime) -> list[Line]:
    """What the list shows; one query."""
    related = ("claimed_by", "assignee", "site", "category")
    return [
        Line(
            ticket=ticket,
            age=deadlines.lasting(ticket.opened_at, now),
            due=deadlines.due(ticket, now=now),
            answer_due=deadlines.answer_due(ticket, now=now),
            works_on_it=name_of_user(claims.holder(ticket, now=now)),
            sender=sender_of(ticket),
        )
        for ticket in tickets.select_related(*related).defer("search")
    ]


def sender_of(ticket: Ticket) -> str:
    """The name of the sender, or the address, with insured numbers covered."""
    return covered(ticket.requester_name or ticket.requester_address)


def new_count(user: User) -> int:
    """How many tickets wait at the user's level for somebody to take them up."""
    level = visible.level_of(user)
    waiting = visible.tickets_for(user).filter(state__in=_NEW, assignee=None)
    return waiting.filter(level=level).count() if level else 0


def of_insured_number(digits: str, *, user: User) -> QuerySet[Ticket]:
    """The tickets that are linked to the person of the number, or in which it stands."""
    seen = visible.tickets_for(user)
    linked = TicketLink.objects.filter(person__in=persons.of_insured_number(digits)).values("ticket")
    return (seen.filter(pk__in=linked) | numbers.with_number(seen, digits)).order_by("-pk")


def _counts(user: User, now: datetime) -> dict[str, int]:
    seen = visible.tickets_for(user)
    late = saved_views.apply(seen, _filters(LATE, user), user=user, now=now)
    return {LATE: late.count(), UNDELIVERED: seen.filter(pk__in=refusals.undelivered().values("ticket")).count()}


def _first(user: User) -> str:
    """What the user works on; else what waits at their level; else all."""
    seen = visible.tickets_for(user).filter(state__in=OPEN)
    if seen.filter(assignee=user).exists():
        return MY
    level = visible.level_of(user)
    return LEVEL if level and seen.filter(level=level).exists() else ALL


def _saved(user: User, key: str) -> SavedView | None:
    try:
        return views_of(user).filter(pk=UUID(key)).first()
    except ValueError:
        return None


def _filters(key: str, user: User) -> Filters:
    if key == MY:
        return Filters(whose=MINE)
    if key == NEW:
        return Filters(states=_NEW, whose=NOBODYS)
    if key == LEVEL:
        level = visible.level_of(user)
        return Filters(level=level)
    if key == WAITING:
        return Filters(states=(State.WAITING,))
    if key == LATE:
        return Filters(is_late=True)
    if key == ENDED:
        return Filters(states=_ENDED)
    return Filters(states=()) if key in (UNDELIVERED, FOUND) else Filters()
