"""Logging in to reserve: telephone and PIN2.

Eight digits, and twenty tries for a number in a quarter of an hour, all but five of them behind a
captcha. Who guesses at one number all day has 96 x 20 tries for 10^8 possible PIN2s, one chance in
52,000 for each PIN2 behind the number, and 1440 captchas to solve. The captcha stands where a lock
would: a stranger who types five wrong PIN2s into somebody's number asks them a question, no more.
Numbers we do not know are counted, asked, locked and answered in the same way.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import connection

from crs import sent_forms
from crs.captcha import challenges
from crs.keyed_hash import keyed_hash
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.models import Registration
from reservation import errors
from reservation.models import Invitation, LoginAttempts, Reservation
from reservation.pin2 import pin2_hash

FREE_TRIES = 5
MOST_TRIES = 20
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class LoggedIn:
    """Who was let in, and the page that they were on their way to, if any."""

    invitation: Invitation
    wanted: str


def log_in(
    *,
    phone: str,
    pin2: str,
    now: datetime,
    captcha: challenges.Answer | None = None,
    wanted: str = "",
    form: Sending = NO_FORM,
) -> LoggedIn:
    """The invitation that `pin2` (eight digits) belongs to; several registrations may share `phone` (E.164).

    The second of two clicks counts no try and leads to the same answer. Raises WrongAnswer, CaptchaNeeded,
    WrongPin2, LogInLocked, FormChanged, or Pin2Expired when the right PIN2 ran out or was replaced; with a
    confirmed reservation it still opens the door, because that is how people come back to see their times.
    """
    outcome = sent_forms.once(form, partial(_try, phone, pin2, captcha, wanted, now))
    if outcome is None:
        raise challenges.WrongAnswer
    # Raised after the commit: inside, the count of tries would be rolled back with it.
    if "tries" in outcome:
        raise _refusal(outcome["tries"])
    if not outcome["is_usable"]:
        raise errors.Pin2Expired
    invitation = Invitation.objects.select_related("registration").get(pk=outcome["invitation"])
    return LoggedIn(invitation, outcome["wanted"])


def _try(phone: str, pin2: str, captcha: challenges.Answer | None, wanted: str, now: datetime) -> Outcome | None:
    if captcha is not None and not challenges.use_up(captcha):
        return None
    phone_hash = keyed_hash("log-in", phone)
    # Counted before it is looked at, on a row that is now locked: two hundred guesses at once
    # come one after another, and the sixth without a captcha finds the door closed.
    tries = _count_try(phone_hash, has_captcha=captcha is not None, now=now)
    found, is_usable = _find(phone, pin2, now)
    if found is None:
        return {"tries": tries}
    LoginAttempts.objects.filter(pk=phone_hash).delete()
    return {"invitation": found.pk, "is_usable": is_usable, "wanted": wanted}


def _refusal(tries: int) -> errors.LogInError:
    if tries >= MOST_TRIES:
        return errors.LogInLocked()
    return errors.WrongPin2(free_left=max(0, FREE_TRIES - tries), left=MOST_TRIES - tries)


def _count_try(phone_hash: str, *, has_captcha: bool, now: datetime) -> int:
    """Count this try and return its number in the window, which begins with the first one.

    Raises CaptchaNeeded or LogInLocked where there is no try left of this kind; that counts nothing.
    The last try begins the quarter of an hour anew, in which the number stays locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO reservation_loginattempts AS a (phone_hash, wrong_tries, since)
            VALUES (%(phone)s, 1, %(now)s)
            ON CONFLICT (phone_hash) DO UPDATE SET
                wrong_tries = CASE WHEN a.since <= %(start)s THEN 1 ELSE a.wrong_tries + 1 END,
                since = CASE WHEN a.since <= %(start)s OR a.wrong_tries + 1 = %(most)s THEN %(now)s ELSE a.since END
            WHERE a.since <= %(start)s OR a.wrong_tries < %(allowed)s
            RETURNING wrong_tries
            """,
            {
                "phone": phone_hash,
                "now": now,
                "start": now - WINDOW,
                "most": MOST_TRIES,
                "allowed": MOST_TRIES if has_captcha else FREE_TRIES,
            },
        )
        counted = cursor.fetchone()
    if counted is not None:
        return int(counted[0])
    # The upsert locked the row although its WHERE left it alone, so the count cannot have moved since.
    tries = LoginAttempts.objects.values_list("wrong_tries", flat=True).get(pk=phone_hash)
    raise errors.LogInLocked if tries >= MOST_TRIES else errors.CaptchaNeeded


def _find(phone: str, pin2: str, now: datetime) -> tuple[Invitation | None, bool]:
    """The invitation of this telephone with this PIN2, and whether it opens the door."""
    match: Invitation | None = None
    invitations = Invitation.objects.filter(
        registration__phone=phone, registration__state=Registration.State.ACTIVE
    ).order_by("issued_at")
    for invitation in invitations:
        # All are compared, so that the time does not tell which one it was.
        if hmac.compare_digest(invitation.pin_hash, pin2_hash(invitation.registration_id, pin2)):
            match = invitation
    if match is None:
        pin2_hash(0, pin2)  # the same work where there is nothing to compare with
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
