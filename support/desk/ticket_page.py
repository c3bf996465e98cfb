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
from support.models import Desk, Level, Look, Participant, Ticket, TicketLink
from support.permissions import SupportAct
from support.tickets import claims, visible

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
    """The page of `ticket` as `user` sees it at `now`. `sent` are forms that were refused, by their names."""

    def __init__(self, ticket: Ticket, *, user: User, now: datetime, sent: Mapping[str, Form] | None = None):
        self.ticket, self.user, self.now = ticket, user, now
        self.sent = dict(sent or {})
        self.acts = permissions.acts_of(user)
        self.sees_numbers = SupportAct.SEE_NUMBERS in self.acts

    @cached_property
    def entries(self) -> list[conversation.Entry]:
        """The conversation."""
        return conversation.conversation(self.ticket, sees_numbers=self.sees_numbers)

    @property
    def letters_shown(self) -> int:
        """How many letters of people the page shows: an answer is held back where more have come."""
        letters = (one.letter for one in self.entries if isinstance(one, conversation.LetterEntry))
        return sum(one.direction == "IN" and one.kind in conversation.TO_READ for one in letters)

    @cached_property
    def claim(self) -> Claim | None:
        """Who works on it now; None where nobody does, or the time of the last claim is over."""
        holder = claims.holder(self.ticket, now=self.now)
        if holder is None:
            return None
        return Claim(name_of_user(holder), self.ticket.claimed_until, holder == self.user)

    @cached_property
    def others_here(self) -> list[str]:
        """The names of colleagues who opened the ticket in the last minutes."""
        recent = Look.objects.filter(ticket=self.ticket, what=Look.What.TICKET, at__gt=self.now - OPEN_FOR)
        keys = recent.exclude(user=self.user).values("user")
        return sorted(name_of_user(user) for user in User.objects.filter(pk__in=keys))

    @cached_property
    def links(self) -> list[TicketLink]:
        """What the ticket is about; each end is shown with what names it."""
        ends = ("person", "certificate", "reservation", "batch__vaccine", "document")
        return list(self.ticket.links.select_related(*ends))

    @cached_property
    def participants(self) -> list[Participant]:
        """Who else wrote into the ticket."""
        return list(self.ticket.participants.all())

    @cached_property
    def others_of_sender(self) -> list[Ticket]:
        """The last other tickets of the sender, of those that the user sees."""
        address = self.ticket.requester_address
        if not address:
            return []
        others = visible.tickets_for(self.user).filter(requester_address=address).exclude(pk=self.ticket.pk)
        return list(others.order_by("-pk")[:MOST_OTHERS])

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
        return visible.workers_on(self.ticket).order_by("last_name", "first_name", "username")

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
