"""Known problems: declared, told about, ended, reopened; and which tickets are about them.

Whoever changes one has the banners and the page of the state made anew after the commit (`published`).
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from crs import history
from crs.sent_forms import Outcome, Sending, once
from support.incidents import banner, state
from support.incidents.errors import AlreadyEnded, EndsBeforeItBegan, StillOpen, TicketIsMerged
from support.models import Incident, IncidentUpdate, Ticket
from support.operations import Operation

# So long after its end a late letter may still be linked to a problem.
LINKABLE = timedelta(days=7)


@dataclass(frozen=True)
class IncidentFacts:
    """What is said of a known problem."""

    title_cs: str
    title_en: str
    text_cs: str
    text_en: str
    severity: str
    is_for_citizens: bool
    began_at: datetime


def declare(*, facts: IncidentFacts, by: User, now: datetime, form: Sending) -> Incident:
    """Declare a known problem: from its commit on every page tells of it."""

    def operation() -> Outcome:
        with history.recording(Operation.RUN_INCIDENT, by=by):
            row = Incident.objects.create(**asdict(facts), declared_by=by, declared_at=now)
        _publish()
        return {"incident": row.pk}

    return _of(once(form, operation))


def change(*, incident: Incident, facts: IncidentFacts, by: User, form: Sending) -> Incident:
    """Correct what is said of a problem. Raises EndsBeforeItBegan."""

    def operation() -> Outcome:
        row = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
        if row.ended_at is not None and row.ended_at < facts.began_at:
            raise EndsBeforeItBegan
        for name, value in asdict(facts).items():
            setattr(row, name, value)
        with history.recording(Operation.RUN_INCIDENT, by=by):
            row.save(update_fields=list(asdict(facts)))
        _publish()
        return {"incident": row.pk}

    return _of(once(form, operation))


def add_news(
    *, incident: Incident, text_cs: str, text_en: str, by: User, now: datetime, form: Sending
) -> IncidentUpdate:
    """Say what was found meanwhile; also after the end, as what was the cause is often known later."""

    def operation() -> Outcome:
        row = IncidentUpdate.objects.create(incident=incident, text_cs=text_cs, text_en=text_en, by=by, at=now)
        _publish()
        return {"update": row.pk}

    outcome = once(form, operation) or {}
    return IncidentUpdate.objects.get(pk=outcome["update"])


def end(*, incident: Incident, ended_at: datetime, by: User, form: Sending) -> Incident:
    """End a problem: its banner goes. Raises AlreadyEnded, EndsBeforeItBegan."""

    def operation() -> Outcome:
        # The WHERE clause is the check: of two who end it at once the second finds no row.
        lasting = Incident.objects.open().filter(pk=incident.pk)
        with history.recording(Operation.RUN_INCIDENT, by=by):
            if not lasting.filter(began_at__lte=ended_at).update(ended_at=ended_at):
                raise EndsBeforeItBegan if lasting.exists() else AlreadyEnded
        _publish()
        return {"incident": incident.pk}

    return _of(once(form, operation))


def reopen(*, incident: Incident, by: User, form: Sending) -> Incident:
    """Let a problem that was ended wrongly go on as if it never had ended. Raises StillOpen."""

    def operation() -> Outcome:
        ended = Incident.objects.filter(pk=incident.pk, ended_at__isnull=False)
        with history.recording(Operation.RUN_INCIDENT, by=by):
            if not ended.update(ended_at=None):
                raise StillOpen
        _publish()
        return {"incident": incident.pk}

    return _of(once(form, operation))


def link(*, ticket: Ticket, incident: Incident | None, by: User) -> None:
    """Say that the ticket is about the problem, or about none (`incident=None`). Raises TicketIsMerged."""
    unmerged = Ticket.objects.filter(pk=ticket.pk).exclude(state=Ticket.State.MERGED)
    with transaction.atomic(), history.recording(Operation.LINK, by=by):
        if not unmerged.update(incident=incident):
            raise TicketIsMerged
    ticket.incident = incident


def unlink(*, ticket: Ticket, by: User) -> None:
    """Say that the ticket is about no known problem. Raises TicketIsMerged."""
    link(ticket=ticket, incident=None, by=by)


def linkable(now: datetime) -> QuerySet[Incident]:
    """The problems that a ticket may be linked to: those that last, and those that ended within a week."""
    return Incident.objects.standing_after(now - LINKABLE)


def published() -> None:
    """Make anew what the pages show of the known problems; also by beat, for a cache that was away or emptied."""
    banner.refresh()
    state.refresh()


def _publish() -> None:
    # What is committed is committed: a fault in showing it is logged, and beat shows it within half a minute.
    transaction.on_commit(published, robust=True)


def _of(outcome: Outcome | None) -> Incident:
    return Incident.objects.get(pk=(outcome or {})["incident"])
