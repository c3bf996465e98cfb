"""What the page of a ticket shows beside the conversation, and which forms it offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.forms import Form
from django.utils.functional import cached_property
from django.utils.translation import get_language_info

from crs.czech_order import czech_order
from crs.messaging import outbox
from crs.users import name_of_user
from logistics.staff import permissions
from support.desk import conversation, deadlines
from support.desk.forms import (
    AnswerForm,
    AssignForm,
    CannedForm,
    EscalateForm,
    HandBackForm,
    IncidentForm,
    MergeForm,
    NoteForm,
    SortForm,
)
from support.models import Desk, Level, Look, Ticket, TicketLink
from support.permissions import SupportAct
from support.tickets import claims, rows, visible

# Whoever looked so lately may still have the page open.
OPEN_FOR = timedelta(minutes=10)
MOST_OTHERS = 8
ENDED = frozenset({Ticket.State.RESOLVED, Ticket.State.CLOSED})


@dataclass(frozen=True)
class Claim:
    """Who works on the ticket at present, if anybody."""

    who: str
    until: datetime | None
    is_mine: bool


class TicketPage:
    """The page of `ticket` as `user` sees it at `now`.

    `sent` are forms that were refused, by their names; `asked` is what the address says: `strana` and `cela`, the page
    of the conversation and the letter that is shown to its end.
    """

    def __init__(
        self,
        ticket: Ticket,
        *,
        user: User,
        now: datetime,
        sent: Mapping[str, Form] | None = None,
        asked: Mapping[str, str] | None = None,
    ):
        self.ticket, self.user, self.now = ticket, user, now
        self.sent, self.asked = dict(sent or {}), asked or {}
        self.acts = permissions.acts_of(user)
        self.sees_numbers = SupportAct.SEE_NUMBERS in self.acts
        self.read = conversation.reader(sees_numbers=self.sees_numbers)

    @cached_property
    def conversation(self) -> conversation.Conversation:
        """A page of it. An answer is held back where more letters have come than it shows."""
        page, whole = self.asked.get("strana", ""), self.asked.get("cela", "")
        return conversation.conversation(self.ticket, sees_numbers=self.sees_numbers, page=page, whole=whole)

    @property
    def can_act(self) -> bool:
        """Whether the user may act on the ticket, and reads the newest of it."""
        return self.may_work and not self.conversation.page.has_previous()

    @cached_property
    def claim(self) -> Claim | None:
        """Who works on it now; None where nobody does, or the time of the last claim is over."""
        holder = claims.holder(self.ticket, now=self.now)
        if holder is None:
            return None
        return Claim(name_of_user(holder), self.ticket.claimed_until, holder == self.user)

    @cached_property
    def others_here(self) -> list[str]:
        """The names of those of the desks who opened the ticket in the last minutes."""
        recent = Look.objects.filter(ticket=self.ticket, what=Look.What.TICKET, at__gt=self.now - OPEN_FOR)
        keys = recent.exclude(user=self.user).values("user")
        names = (name_of_user(user) for user in visible.of_the_desks().filter(pk__in=keys))
        return sorted(names, key=czech_order)

    @cached_property
    def links(self) -> list[TicketLink]:
        """What the ticket is about; each end is shown with what names it."""
        ends = ("person", "certificate", "reservation", "batch__vaccine", "document")
        return list(self.ticket.links.select_related(*ends))

    @property
    def sender_name(self) -> str:
        """What the sender is called."""
        return self.read(self.ticket.requester_name)

    @property
    def sender_address(self) -> str:
        """Where the answers go; an address may hold an insured number."""
        return self.read(self.ticket.requester_address)

    @property
    def participants(self) -> list[str]:
        """Who else wrote into the ticket."""
        return [
            ", ".join(self.read(part) for part in (one.name, one.address) if part)
            for one in self.ticket.participants.all()
        ]

    @cached_property
    def others_of_sender(self) -> list[Ticket]:
        """The last other tickets of the sender, of those that the user sees."""
        address = self.ticket.requester_address
        if not address:
            return []
        others = visible.tickets_for(self.user).filter(requester_address=address).exclude(pk=self.ticket.pk)
        return list(others.order_by("-pk")[:MOST_OTHERS])

    @cached_property
    def parts_of_others(self) -> list[Ticket]:
        """The parts of the ticket that somebody else sent: they get none of its answers."""
        parts = Ticket.objects.filter(pk__in=rows.family(self.ticket)).exclude(pk=self.ticket.pk)
        others = parts.exclude(requester_address="").exclude(requester_address__iexact=self.ticket.requester_address)
        return list(others.order_by("pk").defer("search"))

    @cached_property
    def may_work(self) -> bool:
        """Whether the user may act on the ticket; a part of another one is worked on there."""
        return self.ticket.state != Ticket.State.MERGED and visible.may_work(self.user, self.ticket)

    @property
    def is_mine_to_take_apart(self) -> bool:
        """Whether the user may make a part a ticket of its own again."""
        return self.ticket.state == Ticket.State.MERGED and visible.may_work(self.user, self.ticket)

    @property
    def due(self) -> deadlines.Due:
        """When the level is to be done with it."""
        return deadlines.due(self.ticket, now=self.now)

    @property
    def answer_due(self) -> deadlines.Due | None:
        """When the first answer is due."""
        return deadlines.answer_due(self.ticket, now=self.now)

    @property
    def can_answer(self) -> bool:
        """Whether there is an address to which an answer goes."""
        return bool(self.ticket.requester_address)

    @property
    def language(self) -> str:
        """The name of the language in which the sender is answered."""
        return str(get_language_info(outbox.spoken(self.ticket.language))["name_translated"])

    @property
    def is_ended(self) -> bool:
        """Whether it was resolved or closed."""
        return self.ticket.state in ENDED

    @property
    def higher_levels(self) -> bool:
        """Whether there is a level above."""
        return self.ticket.level < Level.L3

    @property
    def lower_levels(self) -> bool:
        """Whether there is a level below; the desk of the line has no L1."""
        return self.ticket.level > (Level.L2 if self.ticket.desk == Desk.LINE else Level.L1)

    def colleagues(self) -> QuerySet[User]:
        """Those who may work on the ticket."""
        return visible.workers_on(self.ticket).order_by("last_name__czech", "first_name__czech", "username__czech")

    @cached_property
    def forms(self) -> dict[str, Form]:
        """The forms of the page by their names; of those that were sent, what was typed and why it was refused."""
        given: dict[str, Any] = {"ticket": self.ticket, "user": self.user}
        made: dict[str, Form] = {
            "canned": CannedForm(**given),
            "note": NoteForm(**given),
            "escalate": EscalateForm(**given),
            "hand_back": HandBackForm(**given),
            "sort": SortForm(**given),
            "merge": MergeForm(**given),
            "incident": IncidentForm(**given),
        }
        if SupportAct.ASSIGN_TICKETS in self.acts:
            made["assign"] = AssignForm(**given, colleagues=self.colleagues())
        if "answer" not in self.sent:
            made["answer"] = AnswerForm(**given)
        return {**made, **self.sent}

    @property
    def refused(self) -> Form | None:
        """The form with errors, for the summary above the page."""
        return next((form for form in self.sent.values() if form.errors), None)
