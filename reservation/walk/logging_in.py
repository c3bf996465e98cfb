"""Logging in to reserve with a telephone number and PIN2, or with a registration number for people without a mobile.

A number has twenty tries in a quarter of an hour; the first five are free, each further one needs a captcha. A guesser
who goes on all day has 96 x 20 tries for 10^8 possible PIN2s, one chance in 52,000 for each PIN2 behind the number, and
must solve 1440 captchas. A lock after five tries would let any stranger keep the owner out: with the captcha the owner
answers one question. Numbers that we do not know are counted, asked, locked and answered alike.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q

from crs import sent_forms, tries
from crs.captcha import challenges
from crs.prepared_queries import Given, Prepared
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.tries import Limit
from registration.models import Registration
from reservation import errors
from reservation.inviting.pin2 import pin2_hash
from reservation.models import Invitation, Reservation, WaitingListEntry
from reservation.reserving import turn

FREE_TRIES = 5
HOME_CODE = "+420"
WRONG_PIN2S = Limit("reservation.pin2", 20, timedelta(minutes=15))
_BY_KEY = Prepared(lambda: Invitation.objects.filter(pk=Given("key")).select_related("registration"))
# One question, whichever of the two was typed: the time does not tell which is known.
_THEIRS = Prepared(
    lambda: (
        Invitation.objects.filter(
            Q(registration__phone=Given("phone"))
            | Q(registration__number=Given("number"), registration__by_letter=True)
        )
        .exclude(registration__state=Registration.State.CANCELLED)
        .select_related("registration")
        .order_by("issued_at")
    )
)
_CONFIRMED = Prepared(lambda: Reservation.objects.confirmed().filter(registration=Given("registration"))[:1])
_WAITING = Prepared(lambda: WaitingListEntry.objects.filter(registration=Given("registration"), left_at=None)[:1])


@dataclass(frozen=True)
class LoggedIn:
    """The invitation of the person who logged in, and the page that they wanted ("" for none)."""

    invitation: Invitation
    wanted: str


def by_number(login: str) -> str:
    """The nine digits that were typed, which may be a registration number, too."""
    return login.removeprefix(HOME_CODE)


def log_in(
    *,
    login: str,
    pin2: str,
    now: datetime,
    captcha: challenges.Answer | None = None,
    wanted: str = "",
    form: Sending = NO_FORM,
) -> LoggedIn:
    """Find the invitation to which `pin2` (eight digits) belongs.

    `login` is a telephone (E.164), which several registrations may share, or a registration number, which counts for
    people who are written to by letter: the others' PIN2 went to their telephone, and proves that they hold it.

    A double click counts as one try and gets one answer. A PIN2 that ran out still lets in people with a confirmed
    reservation or a place on the waiting list, also where a rule that changed since would not invite them.
    Raises WrongAnswer, CaptchaNeeded, WrongPin2, LogInLocked, FormChanged, Pin2Expired where the right PIN2 ran out or
    was replaced, and NotYourTurn.
    """
    outcome = sent_forms.once(form, partial(_try, login, pin2, captcha, wanted, now))
    if outcome is None:
        raise challenges.WrongAnswer
    # Raised after the commit: inside, it would roll back the count of tries.
    if "tries" in outcome:
        raise _refusal(outcome["tries"])
    if not outcome["is_usable"]:
        raise errors.Pin2Expired
    (invitation,) = _BY_KEY.all(key=outcome["invitation"])
    if not outcome["has_times"]:
        turn.require(registration_id=invitation.registration_id, now=now)
    return LoggedIn(invitation, outcome["wanted"])


def _try(login: str, pin2: str, captcha: challenges.Answer | None, wanted: str, now: datetime) -> Outcome | None:
    if captcha is not None and not challenges.use_up(captcha):
        return None
    # Counted before PIN2 is looked at, on a row that stays locked: of two hundred guesses at once each waits for the
    # one before it, and the sixth without a captcha is refused.
    counted = tries.count(WRONG_PIN2S, login, now=now, allowed=None if captcha else FREE_TRIES)
    if counted.is_over:
        raise errors.LogInLocked if counted.is_last else errors.CaptchaNeeded
    found = _find(login, pin2)
    if found is None:
        return {"tries": counted.number}
    tries.forgive(WRONG_PIN2S, login)
    Invitation.objects.filter(pk=found.pk, used_at=None).update(used_at=now)
    # Whose PIN2 ran out reserves nothing, and comes back to see their times, or their place on the waiting list.
    has_times = found.revoked_at is None and _has_times(found)
    is_usable = has_times or (found.revoked_at is None and found.expires_at > now)
    return {"invitation": found.pk, "is_usable": is_usable, "has_times": has_times, "wanted": wanted}


def _refusal(tried: int) -> errors.LogInError:
    if tried >= WRONG_PIN2S.most:
        return errors.LogInLocked()
    return errors.WrongPin2(free_left=max(0, FREE_TRIES - tried), left=WRONG_PIN2S.most - tried)


def _find(login: str, pin2: str) -> Invitation | None:
    """The invitation of this telephone, or of this registration by letter, with this PIN2."""
    match: Invitation | None = None
    for invitation in _THEIRS.all(phone=login, number=by_number(login)):
        # All are compared, so that the time does not tell which one it was.
        if hmac.compare_digest(invitation.pin_hash, pin2_hash(invitation.registration_id, pin2)):
            match = invitation
    if match is None:
        pin2_hash(0, pin2)  # the same work where there is nothing to compare with
    return match


def _has_times(invitation: Invitation) -> bool:
    person = invitation.registration_id
    return any(query.first(registration=person) is not None for query in (_CONFIRMED, _WAITING))
