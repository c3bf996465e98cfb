"""Letters of ours that did not arrive: what servers report of them, and what the desk does about them."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from crs import history
from crs.messaging.models import Message
from crs.messaging.outbox import File
from crs.sent_forms import Sending
from support.errors import NotAnAddress
from support.letters.delivery_reports import DeliveryReport
from support.letters.identity import message_key
from support.mail_out import recipients, sending
from support.models import Letter, Ticket
from support.operations import Operation
from support.tickets import claims
from support.tickets.files import content_of

_LONGEST_REASON = 300
_AN_ADDRESS = re.compile(r"[^\s<>,;:'\"]+@[^\s<>,;:'\"]+")


def record_bounce(*, letter_id: int | None, report: DeliveryReport | None, now: datetime) -> Letter | None:
    """Note at a letter of ours that it did not arrive; returns it, or None where the report is about none of ours.

    `letter_id` is that of the address to which the report came (`tokens.letter_id_of`): nobody else knows it. Without
    one the Message-ID counts that the report names. A report that the letter is late, or was read, changes nothing.
    """
    letter = _letter_of(letter_id, report)
    if letter is None or (report is not None and not report.failed):
        return letter
    why = ""
    if report is not None:
        why = " ".join(f"{report.failed[0].status} {_AN_ADDRESS.sub('…', report.failed[0].reason)}".split())
    # The first report says it; servers between repeat it.
    Letter.objects.filter(pk=letter.pk, refused_at=None).update(refused_at=now, refusal=why[:_LONGEST_REASON])
    letter.refresh_from_db(fields=["refused_at", "refusal"])
    return letter


def undelivered() -> QuerySet[Letter]:
    """Letters of ours that did not arrive, a server said so or none took them, and that the desk has not settled."""
    ours = Letter.objects.filter(direction=Letter.Direction.OUT, settled_at=None)
    # Two questions, each with its index: together the database would look at every letter.
    refused = ours.filter(refused_at__isnull=False).values("pk")
    failed = ours.filter(outbox_message__state=Message.State.FAILED).values("pk")
    return Letter.objects.filter(pk__in=refused.union(failed))


def send_again(*, letter: Letter, address: str, by: User, now: datetime, form: Sending) -> Letter:
    """Send a letter that did not arrive to `address`, its own or another one, which then is that of the ticket.

    A receipt, or a closing, goes out as it was. Raises ClaimedBySomebody, NotAnAddress, PartOfAnother.
    """
    return sending.first_outcome(form, partial(_send_again, letter=letter, address=address.strip(), by=by, now=now))


def settle(*, letter: Letter, by: User, now: datetime) -> None:
    """Take a letter that did not arrive off the desk's list: `by` told the sender in another way, or need not."""
