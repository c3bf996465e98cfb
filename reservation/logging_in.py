"""Logging in to reserve: telephone and PIN2.

Eight digits and five tries in a quarter of an hour: who guesses has one chance in five million per
day and number. Numbers we do not know are counted, locked and answered in the same way.
"""

import hmac
from datetime import datetime, timedelta

from django.db import connection, transaction

from crs.keyed_hash import keyed_hash
from registration.models import Registration
from reservation import errors
from reservation.models import Invitation, LoginAttempts, Reservation
from reservation.pin2 import PIN2_DIGITS, pin2_hash

TRIES = 5
WINDOW = timedelta(minutes=15)
FIRST_PIN_DIGITS = 6


def log_in(*, phone: str, pin2: str, now: datetime) -> Invitation:
    """The invitation that `pin2` belongs to; several registrations may share `phone` (E.164).

    Spaces in PIN2 do not matter. Raises FirstPinTyped, MalformedPin2, WrongPin2, LogInLocked, or
    Pin2Expired when the right PIN2 ran out or was replaced; with a confirmed reservation it still
    opens the door, because that is how people come back to see their times.
    """
    digits = "".join(pin2.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == PIN2_DIGITS):
        raise errors.FirstPinTyped if _is_first_pin(digits) else errors.MalformedPin2
    phone_hash = keyed_hash("log-in", phone)
    with transaction.atomic():
        # Counted before it is looked at, on a row that is now locked: two hundred guesses at once
        # come one after another and the sixth finds the door closed.
        tries = _count_try(phone_hash, now)
        if tries > TRIES:
            found, is_usable = None, False
        else:
            found, is_usable = _find(phone, digits, now)
        if found is not None:
            LoginAttempts.objects.filter(pk=phone_hash).delete()
    if tries > TRIES:
        raise errors.LogInLocked
    if found is None:
        raise errors.WrongPin2(TRIES - tries) if tries < TRIES else errors.LogInLocked
    if not is_usable:
        raise errors.Pin2Expired
    return found


def _is_first_pin(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) == FIRST_PIN_DIGITS


def _count_try(phone_hash: str, now: datetime) -> int:
    """Count this try and return its number in the window; 6 stands for 'locked' and moves nothing.

    The fifth try begins the quarter of an hour anew, in which the number stays locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO reservation_loginattempts AS a (phone_hash, wrong_tries, since)
            VALUES (%(phone)s, 1, %(now)s)
            ON CONFLICT (phone_hash) DO UPDATE SET
                wrong_tries = CASE WHEN a.since <= %(start)s THEN 1 ELSE least(a.wrong_tries + 1, %(locked)s) END,
                since = CASE WHEN a.since <= %(start)s OR a.wrong_tries + 1 = %(most)s THEN %(now)s ELSE a.since END
            RETURNING wrong_tries
            """,
            {"phone": phone_hash, "now": now, "start": now - WINDOW, "most": TRIES, "locked": TRIES + 1},
        )
        return int(cursor.fetchone()[0])


def _find(phone: str, digits: str, now: datetime) -> tuple[Invitation | None, bool]:
    """The invitation of this telephone with this PIN2, and whether it opens the door."""
    match: Invitation | None = None
    invitations = Invitation.objects.filter(
        registration__phone=phone, registration__state=Registration.State.ACTIVE
    ).order_by("issued_at")
    for invitation in invitations.select_related("registration"):
        # All are compared, so that the time does not tell which one it was.
        if hmac.compare_digest(invitation.pin_hash, pin2_hash(invitation.registration_id, digits)):
            match = invitation
    if match is None:
        pin2_hash(0, digits)  # the same work where there is nothing to compare with
        return None, False
    is_valid = match.revoked_at is None and match.expires_at > now
    is_usable = is_valid or (
        match.revoked_at is None
        and Reservation.objects.filter(registration=match.registration_id, state=Reservation.State.CONFIRMED).exists()
    )
    return match, is_usable


def forget_old_attempts(*, now: datetime) -> int:
    """Delete counts whose window is over; return how many."""
    return LoginAttempts.objects.filter(since__lte=now - WINDOW).delete()[0]
