"""Puts letters that were kept at their tickets."""

from datetime import datetime

from support.models import Ticket


def file(letter_id: int, *, now: datetime, raw: bytes | None = None) -> Ticket:
    """Put a letter that was kept at its ticket, a new one if need be; the ticket it has if it was filed already."""
    raise NotImplementedError


def file_received(now: datetime) -> int:
    """File what is kept and was not filed: the process that had it died, or something went wrong. Returns how many."""
    raise NotImplementedError
