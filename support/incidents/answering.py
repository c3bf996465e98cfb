"""One answer to all open tickets of a known problem, sent to each in a transaction of its own.

Whoever asks sees how far it is and which tickets were skipped; these can be tried again.
"""

import logging
import time
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crs import outages, queueing
from crs.errors import DomainError
from crs.sent_forms import NO_FORM, Outcome, Sending, once
from support.errors import ClaimedBySomebody, NobodyToAnswer
from support.incidents.errors import NothingToAnswer
from support.mail_out import sending
from support.models import Incident, Letter, SharedAnswer, SharedAnswerTicket, Ticket
from support.tickets import claims, rows, states

logger = logging.getLogger(__name__)

TASK = "support.answer_linked"
# A worker can be stopped between two tickets; what is left gets another task.
ROUND_SECONDS = 20.0
Row = SharedAnswerTicket


def open_tickets(incident: Incident) -> QuerySet[Ticket]:
    """The tickets of the problem that wait for an answer."""
    return incident.tickets.filter(state__in=states.OPEN)


def answer_linked(
    *, incident: Incident, text_cs: str, text_en: str, resolves: bool, by: User, now: datetime, form: Sending
) -> SharedAnswer:
    """Have all open tickets of the problem answered with one text by a worker. Raises NothingToAnswer."""

    def operation() -> Outcome:
        tickets = list(open_tickets(incident).order_by("pk"))
        if not tickets:
            raise NothingToAnswer
        answer = SharedAnswer.objects.create(
            incident=incident, text_cs=text_cs, text_en=text_en, resolves=resolves, by=by, at=now
        )
        Row.objects.bulk_create(Row(answer=answer, ticket=ticket) for ticket in tickets)
        _start()
        return {"answer": answer.pk}

    outcome = once(form, operation) or {}
    return SharedAnswer.objects.get(pk=outcome["answer"])


def try_again(*, answer: SharedAnswer) -> int:
    """Let the tickets that were skipped have another turn; returns how many."""
    with transaction.atomic():
        count = answer.tickets.filter(state=Row.State.SKIPPED).update(state=Row.State.WAITING, reason="")
        _start()
    return count


def answer_waiting(*, seconds: float = ROUND_SECONDS) -> bool:
    """Answer one waiting ticket after the other; returns whether all had their turn within these seconds.

    Any number of workers may do so at once: each takes rows that nobody else has.
    """
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if not _answer_next():
            return True
    return False


def _answer_next() -> bool:
    with transaction.atomic():
        waiting = Row.objects.filter(state=Row.State.WAITING).select_related("answer__by", "ticket").order_by("pk")
        row = waiting.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
        if row is None:
            return False
        try:
            with transaction.atomic():  # what a refusal has begun to write goes
                row.letter, row.reason = _answer(row)
        except NobodyToAnswer:
            row.reason = Row.Reason.NO_ADDRESS
        except ClaimedBySomebody:
            row.reason = Row.Reason.CLAIMED
        except DomainError:
            row.reason = Row.Reason.REFUSED
        except Exception as error:
            if outages.is_outage(error):
                raise  # it keeps its turn
            logger.exception("Ticket %s got no shared answer", row.ticket_id)
            row.reason = Row.Reason.REFUSED
        row.state = Row.State.SKIPPED if row.reason else Row.State.ANSWERED
        row.save(update_fields=["state", "reason", "letter"])
    return True


def _answer(row: SharedAnswerTicket) -> tuple[Letter | None, str]:
    """Answer the ticket of the row; returns the letter, or the reason why it is skipped. Raises DomainError."""
    answer, now = row.answer, timezone.now()
    ticket = rows.locked(row.ticket)
    if ticket.state not in states.OPEN:
        return None, Row.Reason.DONE
    if ticket.incident_id != answer.incident_id:
        return None, Row.Reason.UNLINKED
    held = claims.holder(ticket, now=now)
    text = answer.text_in(ticket.language)
    letter = sending.answer(ticket=ticket, text=text, by=answer.by, now=now, form=NO_FORM, waits=None)
    if answer.resolves:
        states.resolve(ticket=ticket, by=answer.by, now=now)
    elif held is None:  # answering took the claim, and nobody sits over the ticket
        claims.release(ticket=ticket, by=answer.by, now=now)
    return letter, ""


def _start() -> None:
    transaction.on_commit(lambda: queueing.send_once(TASK), robust=True)
