"""Tells senders that their tickets are closed, whoever or whatever closed them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from support.mail_out.sending import send_closing
from support.models import Letter, Ticket

# What was closed earlier, while nothing here ran, is no news any more.
_LATE = timedelta(days=1)


def send_closings(*, now: datetime) -> int:
    """Write to the senders of tickets that were answered and are closed since yesterday; returns how many letters.

    Safe to run twice and at once: a ticket gets one closing for each time it was closed. What nobody answered (spam,
    answering machines) is closed in silence.
    """
    told = Letter.objects.filter(
        ticket=OuterRef("pk"), kind=Letter.Kind.CLOSING, received_at__gte=OuterRef("closed_at")
    )
    closed = Ticket.objects.filter(state=Ticket.State.CLOSED, erased_at=None, closed_at__gt=now - _LATE)
    wanted = closed.filter(~Exists(told), answered_at__isnull=False).exclude(requester_address="")
    sent = 0
    for key in list(wanted.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            ticket = Ticket.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=key).first()
            # Asked once more under the lock: another run may have written it, or a letter opened the ticket again.
            if ticket is not None and wanted.filter(pk=key).exists():
                sent += send_closing(ticket=ticket, now=now) is not None
    return sent
