"""Seats that came free are counted and offered at once, not only by the next beat."""

from functools import partial

from django.db import transaction

from crs import queueing

FOLD = "reservation.fold_seats"


def wake() -> None:
    """Have the seats counted after the commit; a fold that finds free seats has them offered."""
    transaction.on_commit(partial(queueing.send_once, FOLD))
