"""Finding tickets by an insured number in what was written; kept are keyed hashes, and no number."""

from collections.abc import Collection
from itertools import islice

from django.db.models import QuerySet

from crs.keyed_hash import keyed_hash
from support.models import Ticket, TicketNumber

# A list of patients may have more: the ticket is found by the first of them.
NUMBERS_OF_A_TEXT = 5000


def add_numbers(ticket_id: int, numbers: Collection[str]) -> None:
    """Let the ticket be found by these numbers (`covering.numbers_in`) too."""
    hashes = sorted(map(_hash, islice(numbers, NUMBERS_OF_A_TEXT)))
    if hashes:
        rows = [TicketNumber(ticket_id=ticket_id, number_hash=one) for one in hashes]
        TicketNumber.objects.bulk_create(rows, ignore_conflicts=True)


def with_number(tickets: QuerySet[Ticket], digits: str) -> QuerySet[Ticket]:
    """Those in whose letters, files or notes the number stands."""
    return tickets.filter(pk__in=TicketNumber.objects.filter(number_hash=_hash(digits)).values("ticket"))


def _hash(digits: str) -> str:
    # Of a purpose of its own: no row of a person is found by it.
    return keyed_hash("support-number", digits)
