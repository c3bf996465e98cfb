"""Proving a telephone number with a PIN sent by SMS.

Any PIN that was sent to the number in the last 15 minutes works, from whichever browser it was asked for: in 2021
they came late and in bunches, and the rule 'only the newest' refused them all. A browser's own PIN always works
within five tries, whatever others type for the number elsewhere. How likely a guess is: docs/adr/0005.
"""

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from crs import sent_forms, tries
from crs.captcha import challenges
from crs.keyed_hash import keyed_hash
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.plain_sql import execute
from crs.prepared_queries import Given, Prepared
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.tries import Limit
from registration.models import PIN_VALIDITY, PhonePin, PhoneVerification
from registration.telephones import errors
from registration.telephones.errors import (
    CaptchaNeeded,
    PinExpired,
    PinRefused,
    PinUsed,
    ResendTooSoon,
    TriedElsewhere,
    VerificationGone,
    VerificationLocked,
    WrongPin,
)

PIN_DIGITS = 6
TRIES_PER_VERIFICATION = 5
# Wrong PINs typed for a number, in all browsers; then only a browser's own PINs work.
WRONG_PINS = Limit("registration.pin", 15, timedelta(minutes=15), ends_when_quiet=True)
RESEND_AFTER = timedelta(seconds=60)
# So many more PINs cost no captcha.
FREE_RESENDS = 2
PROOF_LASTS = timedelta(minutes=60)
FORGET_AFTER = timedelta(hours=24)

# Given a telephone, counts a request for a PIN and returns until when none may be sent there, or None.
NoPinUntil = Callable[[str], datetime | None]


def _no_limit(_phone: str) -> None:
    return None


def ask(
    *,
    phone: str,
    captcha: challenges.Answer,
    language: str,
    now: datetime,
    no_pin_until: NoPinUntil = _no_limit,
    form: Sending = NO_FORM,
) -> PhoneVerification:
    """Start a verification and send its first PIN.

    Where a limit stops the PIN, `stopped_until` says until when, and a PIN that was sent before still proves it.
    Raises WrongAnswer, FormChanged.
    """

    def send() -> Outcome | None:
        if not challenges.use_up(captcha):
            return None
        started = PhoneVerification(phone=phone, created_at=now, asked_at=now)
        return _send_pin(started, language=language, no_pin_until=no_pin_until, now=now)

    return _verification_of(sent_forms.once(form, send))


def ask_again(
    *,
    verification_id: uuid.UUID | str,
    language: str,
    now: datetime,
    captcha: challenges.Answer | None = None,
    no_pin_until: NoPinUntil = _no_limit,
    form: Sending = NO_FORM,
) -> PhoneVerification:
    """Send another PIN in the verification, or in a new one where its tries are used up.

    Raises VerificationGone, ResendTooSoon within 60 seconds of the last request, CaptchaNeeded where
    `needs_captcha` and none was given, WrongAnswer, FormChanged.
    """

    def send() -> Outcome | None:
        verification = _locked(verification_id)
        if may_ask_again_at(verification, now=now) > now:
            raise ResendTooSoon
        if needs_captcha(verification):
            if captcha is None:
                raise CaptchaNeeded
            if not challenges.use_up(captcha):
                return None
        if is_locked(verification):
            verification = PhoneVerification(phone=verification.phone, created_at=now, asked_at=now)
        else:
            verification.resends = 0 if needs_captcha(verification) else verification.resends + 1
            verification.asked_at = now
        return _send_pin(verification, language=language, no_pin_until=no_pin_until, now=now)

    return _verification_of(sent_forms.once(form, send))


def needs_captcha(verification: PhoneVerification) -> bool:
    """Whether another PIN costs a captcha: after two free ones, and where the tries are used up."""
    return is_locked(verification) or verification.resends >= FREE_RESENDS


def is_locked(verification: PhoneVerification) -> bool:
    """Whether five wrong PINs were typed in it."""
    return verification.wrong_tries >= TRIES_PER_VERIFICATION


def is_proven(verification: PhoneVerification, *, now: datetime) -> bool:
    """Whether it has proved its telephone in the last 60 minutes."""
    return verification.verified_at is not None and verification.verified_at > now - PROOF_LASTS


def may_ask_again_at(verification: PhoneVerification, *, now: datetime) -> datetime:
    """From when another PIN may be asked for; where the tries are used up, at once."""
    return now if is_locked(verification) else verification.asked_at + RESEND_AFTER


def stopped_until(verification: PhoneVerification, *, now: datetime) -> datetime | None:
    """Until when a limit keeps another PIN from being sent, in whole minutes rounded up; None where none does."""
    until = verification.stopped_until
    if until is None or until <= now:
        return None
    whole = until.replace(second=0, microsecond=0)
    return whole if whole == until else whole + timedelta(minutes=1)


def verify(
    *, verification_id: uuid.UUID | str | None, pin: str, now: datetime, form: Sending = NO_FORM
) -> PhoneVerification:
    """Prove the verification's telephone with `pin` (six digits).

    The PIN that has proved it proves it again, for as long as the proof lasts. Raises VerificationGone,
    VerificationLocked, TriedElsewhere, PinExpired, PinUsed, WrongPin, FormChanged.
    """
    # A refusal is an outcome: raised inside, it would roll back the count of wrong tries.
    outcome = sent_forms.once(form, partial(_check_pin, verification_id, pin, now)) or {}
    if "refused" in outcome:
        refusal: type[PinRefused] = getattr(errors, outcome["refused"])
        raise refusal
    verification = found(outcome["verification"])
    if verification is None or not is_proven(verification, now=now):
        raise VerificationGone  # a form that was sent once more after its person had finished
    return verification


# The PIN was used for the verification, which it proves.
_PROVE = """
WITH used AS (UPDATE registration_phonepin SET used_at = %(now)s, used_by_id = %(verification)s WHERE id = %(pin)s)
UPDATE registration_phoneverification SET verified_at = %(now)s WHERE id = %(verification)s
"""
_BY_KEY_LOCKED = Prepared(lambda: PhoneVerification.objects.filter(pk=Given("key")).select_for_update(no_key=True))
_TYPED = Prepared(lambda: PhonePin.objects.filter(phone=Given("phone"), pin_hash=Given("pin")).order_by("sent_at"))
_BY_KEY = Prepared(lambda: PhoneVerification.objects.filter(pk=Given("key")))


def found(verification_id: uuid.UUID | str) -> PhoneVerification | None:
    """The verification with this key; None where it was forgotten."""
    return _BY_KEY.first(key=verification_id)


def end(*, verification_id: uuid.UUID | str) -> None:
    """End the proof, because its person has finished: it counts in no browser, nor for a form that is sent again."""
    PhoneVerification.objects.filter(pk=verification_id).update(verified_at=None)


def _send_pin(verification: PhoneVerification, *, language: str, no_pin_until: NoPinUntil, now: datetime) -> Outcome:
    """Write the verification, which may be new, and send its PIN where no limit stops it."""
    phone = verification.phone.as_e164
    verification.stopped_until = no_pin_until(phone)
    verification.save()
    if verification.stopped_until is None:
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
        PhonePin.objects.create(verification=verification, phone=phone, pin_hash=_pin_hash(phone, pin), sent_at=now)
        outbox.queue(
            channel=Message.Channel.SMS,
            recipient=phone,
            template="registration/pin",
            language=language,
            context={"pin": pin},
            lane=Message.Lane.PIN,
            is_secret=True,
        )
    return {"verification": str(verification.pk)}


def _verification_of(outcome: Outcome | None) -> PhoneVerification:
    if outcome is None:
        raise challenges.WrongAnswer
    asked = found(outcome["verification"])
    if asked is None:
        raise VerificationGone  # keys of forms are kept for longer than verifications
    return asked


def _locked(verification_id: uuid.UUID | str | None) -> PhoneVerification:
    verification = _BY_KEY_LOCKED.first(key=verification_id) if verification_id else None
    if verification is None:
        raise VerificationGone
    return verification


def _check_pin(verification_id: uuid.UUID | str | None, pin: str, now: datetime) -> Outcome:
    """The verification that the PIN proves, or the name of a refusal."""
    verification = _locked(verification_id)
    phone = verification.phone.as_e164
    typed = partial(_TYPED.all, phone=phone, pin=_pin_hash(phone, pin))
    if is_proven(verification, now=now) and any(known.used_by_id == verification.pk for known in typed()):
        return {"verification": str(verification.pk)}
    if is_locked(verification):
        return {"refused": VerificationLocked.__name__}
    # Counted before the PIN is looked at. The telephone's count stays locked until the commit, so two browsers of one
    # telephone wait for each other here, and a PIN is used once.
    counted = tries.count(WRONG_PINS, phone, now=now)
    known_here = [known for known in typed() if known.verification_id == verification.pk or not counted.is_over]
    if not known_here:
        return {"refused": _count_wrong_pin(verification, is_tried_elsewhere=counted.is_over).__name__}
    tries.take_back(counted)  # a PIN that was really sent tells a guesser nothing
    fresh = next((known for known in known_here if known.used_at is None and known.sent_at > now - PIN_VALIDITY), None)
    if fresh is None:
        was_used = any(known.used_at is not None for known in known_here)
        return {"refused": (PinUsed if was_used else PinExpired).__name__}
    execute(_PROVE, {"verification": verification.pk, "pin": fresh.pk, "now": now})
    return {"verification": str(verification.pk)}


def _count_wrong_pin(verification: PhoneVerification, *, is_tried_elsewhere: bool) -> type[PinRefused]:
    verification.wrong_tries += 1
    verification.save(update_fields=["wrong_tries"])
    if is_locked(verification):
        return VerificationLocked
    # One answer to a wrong PIN and to a right one of another browser, so that it tells neither.
    return TriedElsewhere if is_tried_elsewhere else WrongPin


def forget_old(*, now: datetime) -> int:
    """Delete verifications older than 24 hours with their PINs; how many verifications went.

    A telephone number that registered nobody is not kept.
    """
    before = now - FORGET_AFTER
    PhonePin.objects.filter(sent_at__lt=before).delete()
    _total, deleted = PhoneVerification.objects.filter(asked_at__lt=before).delete()
    return deleted.get(PhoneVerification._meta.label, 0)


def _pin_hash(phone: str, pin: str) -> str:
    return keyed_hash("pin", phone, pin)
