"""What a sender without a thread wrote lately: a machine's flood goes on at one ticket, a likely thread is hinted at.

Two systems that acknowledge each other's letters, and give each a Message-ID of its own, end when no receipt goes out
any more (`mail_out.sending`). What machines send without being asked does not bury the desk either. Letters of people
are never joined here: one who writes 'Dotaz' ten times an hour may mean ten patients.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from support.models import Ticket

_WITHIN = timedelta(hours=1)
_LATELY = timedelta(minutes=10)
_LOOKED_AT = 50
_ANSWER_MARKS = re.compile(r"^(?:(?:re|fw|fwd|odp|aw|wg|sv|vs|př|předáno|odpověď)\s*(?:\[\d*\])?\s*:\s*)+")
_OUR_NUMBER = re.compile(r"\bcrs-0*(\d{1,18})\b")
_SHORTEST_SUBJECT = 4


@dataclass(frozen=True)
class Lately:
    """What a sender's open tickets say about a letter that belongs to none of them."""

    # The flood's ticket, where there is a flood.
    flooded: Ticket | None
    # To this one it may belong, though nothing but the subject says so.
    likely: Ticket | None


def names_a_new_ticket(subject: str, now: datetime) -> bool:
    """Whether the number of a ticket of the last hour stands in the subject, as in the receipt that its sender got."""
    named = _OUR_NUMBER.findall(_plain(subject))
    return bool(named) and Ticket.objects.filter(pk__in=map(int, named), opened_at__gt=now - _WITHIN).exists()


def lately(*, desk: str, address: str, covered_subject: str, is_of_a_person: bool, now: datetime) -> Lately:
    """Look at the open tickets that `address` has at the desk; the flood is one of machines only."""
    if not address:
        return Lately(None, None)
    tickets = list(
        Ticket.objects.filter(requester_address=address, desk=desk)
        .exclude(state__in=(Ticket.State.MERGED, Ticket.State.CLOSED))
        .only("pk", "subject", "opened_at", "changed_at")
        .order_by("-pk")[:_LOOKED_AT]
    )
    plain = _plain(covered_subject)
    if not is_of_a_person and (shape := _shape(plain)):
        of_this_hour = [
            one for one in tickets if one.opened_at > now - _WITHIN and _shape(_plain(one.subject)) == shape
        ]
        if len(of_this_hour) >= settings.RECEIPTS_PER_ADDRESS_AND_HOUR and of_this_hour[0].changed_at > now - _LATELY:
            return Lately(of_this_hour[0], None)
    named = {int(number) for number in _OUR_NUMBER.findall(plain)}
    same = (ticket for ticket in tickets if len(plain) >= _SHORTEST_SUBJECT and _plain(ticket.subject) == plain)
    return Lately(None, next((ticket for ticket in tickets if ticket.pk in named), None) or next(same, None))


def _plain(subject: str) -> str:
    """The subject without the marks of answers, in small letters."""
    return _ANSWER_MARKS.sub("", " ".join(subject.casefold().split()))


def _shape(plain: str) -> str:
    """Without numbers, which such systems count up."""
    return re.sub(r"\d+", "", plain).strip()
