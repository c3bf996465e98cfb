"""The calls of the functions in the database that hold and free seats, and what their refusals mean."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from psycopg import Error

from reservation import errors
from reservation.models import Invitation, Slot
from reservation.reserving import needs, turn

TRIES_FOR_LATER_DOSES = 5

# Why reservation_hold_doses() and reservation_hold_together() refuse: their SQLSTATEs.
_LATER_TAKEN_MEANWHILE = "CR007"
_NOT_THE_TURN = "CR008"
NOT_FOR_THIS_PERSON = "CR009"
_FULL = "CR005"
_REFUSALS: dict[str, type[errors.BookingError]] = {
    "CR001": errors.NotInvited,
    "CR002": errors.AlreadyReserved,
    "CR003": errors.NoSuchSlot,
    "CR004": errors.SlotPast,
    _FULL: errors.SlotFull,
    "CR006": errors.NoLaterSlot,
    "CR010": errors.NoSeatsTogether,
    "CR011": errors.DifferentDoses,
}


def call(sql: str, arguments: Sequence[Any]) -> Any:
    """Run one statement as a transaction of its own, or under a savepoint of an outer one."""
    guard = transaction.atomic() if connection.in_atomic_block else nullcontext()
    with guard, connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return cursor.fetchone()


def call_until_seated(sql: str, arguments: Sequence[Any]) -> Any:
    """Run a statement that holds seats; again where somebody took a seat after it was found and before it was locked.

    Raises SlotFull where that happens again and again.
    """
    for _ in range(TRIES_FOR_LATER_DOSES):
        try:
            return call(sql, arguments)
        except DatabaseError as error:
            if sqlstate(error) != _LATER_TAKEN_MEANWHILE:
                raise
    raise errors.SlotFull


def refusal_of(error: DatabaseError, *, invitation_id: int, slot_id: int, now: datetime) -> Exception:
    """Why the seats cannot be held, in the words for the person; the error where it is none of ours."""
    state = sqlstate(error)
    if state in (_NOT_THE_TURN, NOT_FOR_THIS_PERSON):
        person = Invitation.objects.values_list("registration_id", flat=True).get(pk=invitation_id)
        if state == _NOT_THE_TURN:
            return turn.refusal(registration_id=person, now=now)
        return needs.refusal(registration_id=person, slot_id=slot_id, now=now)
    if state == _FULL and Slot.objects.filter(pk=slot_id, is_closed=True).exists():
        return errors.SlotClosed(slot_id)
    return _REFUSALS[state]() if state in _REFUSALS else error


def sqlstate(error: DatabaseError) -> str:
    """By which a function in the database says why it refuses; "" for another error."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def invitation_of(error: DatabaseError) -> int | None:
    """The invitation that a refusal is about, where it is about one person."""
    cause = error.__cause__
    detail = cause.diag.message_detail if isinstance(cause, Error) else None
    return int(detail) if detail and detail.isdecimal() else None
