"""Lists of tickets: which there are, and what stands in a line of one."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from crs.users import name_of_user
from registration import persons
from support.desk import deadlines
from support.letters.covering import covered
from support.mail_out import refusals
from support.models import Desk, Letter, Level, SavedView, Ticket, TicketLink
from support.tickets import claims, saved_views, visible
from support.tickets.saved_views import MINE, NOBODYS, Filters

ON_A_PAGE = 50
# Texts are encrypted, so a number is looked for in the newest letters only that hold any.
LETTERS_LOOKED_THROUGH = 1000
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
    """The list that an address asks for. `key` is one of `TITLES`, `FOUND`, or the key of a saved view."""

    key: str
    title: str
    filters: Filters
    desk: str = ""
    level: str = ""

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


@dataclass(frozen=True)
class Line:
    """A ticket in a list; its subject and sender are covered."""

    ticket: Ticket
    age: str
    due: deadlines.Due
    answer_due: deadlines.Due | None
    works_on_it: str
    sender: str


def views_of(user: User) -> QuerySet[SavedView]:
    """The user's own saved views, and everybody's."""
    return SavedView.objects.filter(Q(owner=user) | Q(owner=None))


def chosen(user: User, *, key: str, desk: str, level: str) -> Chosen:
    """The list that an address names; the user's own where it names none."""
    desk = desk if desk in Desk.values else ""
    level = level if level in {str(value) for value in Level.values} else ""
    saved = None if key in TITLES or key == FOUND else _saved(user, key)
    if saved:
        filters, title = saved_views.from_json(saved.filters), saved.name
    else:
        key = key if key in TITLES or key == FOUND else MY
        filters, title = _filters(key, user), str(TITLES.get(key, pgettext_lazy("list of tickets", "Found")))
    if desk:
        filters = replace(filters, desk=desk)
    if level:
        filters = replace(filters, levels=(int(level),))
    return Chosen(str(saved.pk) if saved else key, title, filters, desk, level)


def tabs(user: User, chosen_key: str) -> list[Tab]:
    """All lists that the user has."""
    own = [Tab(key, str(title), key == chosen_key) for key, title in TITLES.items()]
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
    """The tickets that are linked to the person of the number, or whose newest letters hold it."""
    people = persons.of_insured_number(digits)
    linked = TicketLink.objects.filter(person__in=people).values_list("ticket", flat=True)
    letters = Letter.objects.filter(has_numbers=True, ticket__isnull=False).order_by("-pk")
    newest = letters.only("ticket", "text", "quoted", "subject")[:LETTERS_LOOKED_THROUGH]
    holding = {one.ticket_id or 0 for one in newest if digits in _digits(f"{one.subject} {one.text} {one.quoted}")}
    return visible.tickets_for(user).filter(pk__in=holding | set(linked)).order_by("-pk")


def _digits(text: str) -> str:
    """The digits of a text alone, however they are written and whatever stands between them."""
    return "".join(str(unicodedata.decimal(one)) for one in text if one.isdecimal())


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
        return Filters(levels=(int(level),) if level else ())
    if key == WAITING:
        return Filters(states=(State.WAITING,))
    if key == LATE:
        return Filters(is_late=True)
    if key == ENDED:
        return Filters(states=_ENDED)
    return Filters(states=()) if key in (UNDELIVERED, FOUND) else Filters()
