"""Logging in to reserve with a telephone number and PIN2.

A number has twenty tries in a quarter of an hour; the first five are free, each further one needs a captcha. A guesser
who goes on all day has 96 x 20 tries for 10^8 possible PIN2s, one chance in 52,000 for each PIN2 behind the number, and
must solve 1440 captchas. A lock after five tries would let any stranger keep the owner out: with the captcha the owner
answers one question. Numbers that we do not know are counted, asked, locked and answered alike.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from crs import sent_forms, tries
from crs.captcha import challenges
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.tries import Limit
from registration.models import Registration
from reservation import errors
from reservation.models import Invitation, Reservation
from reservation.pin2 import pin2_hash

FREE_TRIES = 5
WRONG_PIN2S = Limit("reservation.pin2", 20, timedelta(minutes=15))


@dataclass(frozen=True)
class LoggedIn:
    """The invitation of the person who logged in, and the page that they wanted ("" for none)."""

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
    """Find the invitation to which `pin2` (eight digits) belongs; several registrations may share `phone` (E.164).

    A double click counts as one try and gets one answer. A PIN2 that ran out still lets in people with a confirmed
    reservation: with it they come back to see their times. Raises WrongAnswer, CaptchaNeeded, WrongPin2, LogInLocked,
    FormChanged, and Pin2Expired where the right PIN2 ran out or was replaced.
    """
    outcome = sent_forms.once(form, partial(_try, phone, pin2, captcha, wanted, now))
    if outcome is None:
        raise challenges.WrongAnswer
    # Raised after the commit: inside, it would roll back the count of tries.
    if "tries" in outcome:
        raise _refusal(outcome["tries"])
    if not outcome["is_usable"]:
        raise errors.Pin2Expired
    invitation = Invitation.objects.select_related("registration").get(pk=outcome["invitation"])
    return LoggedIn(invitation, outcome["wanted"])


def _try(phone: str, pin2: str, captcha: challenges.Answer | None, wanted: str, now: datetime) -> Outcome | None:
    if captcha is not None and not challenges.use_up(captcha):
        return None
    # Counted before PIN2 is looked at, on a row that stays locked: of two hundred guesses at once each waits for the
    # one before it, and the sixth without a captcha is refused.
    counted = tries.count(WRONG_PIN2S, phone, now=now, allowed=None if captcha else FREE_TRIES)
    if counted.is_over:
        raise errors.LogInLocked if counted.is_last else errors.CaptchaNeeded
    found, is_usable = _find(phone, pin2, now)
    if found is None:
        return {"tries": counted.number}
    tries.forgive(WRONG_PIN2S, phone)
    return {"invitation": found.pk, "is_usable": is_usable, "wanted": wanted}


def _refusal(tried: int) -> errors.LogInError:
    if tried >= WRONG_PIN2S.most:
        return errors.LogInLocked()
    return errors.WrongPin2(free_left=max(0, FREE_TRIES - tried), left=WRONG_PIN2S.most - tried)


def _find(phone: str, pin2: str, now: datetime) -> tuple[Invitation | None, bool]:
    """The invitation of this telephone with this PIN2, and whether it lets the person in."""
    match: Invitation | None = None
    invitations = (
        Invitation.objects.filter(registration__phone=phone)
        .exclude(registration__state=Registration.State.CANCELLED)
        .select_related("registration")
        .order_by("issued_at")
    )
    for invitation in invitations:
        # All are compared, so that the time does not tell which one it was.
        if hmac.compare_digest(invitation.pin_hash, pin2_hash(invitation.registration_id, pin2)):
            match = invitation
    if match is None:
        pin2_hash(0, pin2)  # the same work where there is nothing to compare with
        return None, False
    # Whoever has had all doses reserves nothing more, and comes back to see their times.
    is_active = match.registration.state == Registration.State.ACTIVE
    is_valid = is_active and match.revoked_at is None and match.expires_at > now
    is_usable = is_valid or (
        match.revoked_at is None
        and Reservation.objects.filter(registration=match.registration_id, state=Reservation.State.CONFIRMED).exists()
    )
    return match, is_usable
