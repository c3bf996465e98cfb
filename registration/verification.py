"""Proving a telephone number with a PIN sent by SMS.

Any PIN sent to the number in the last 15 minutes works, from whichever browser it was asked for: in
2021 they came late and in bunches, and a rule 'only the newest' refused them all.
"""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from crs.keyed_hash import keyed_hash
from crs.messaging import outbox
from crs.messaging.models import Message
from registration.errors import (
    PhoneLocked,
    PinExpired,
    PinRefused,
    PinUsed,
    ResendTooSoon,
    VerificationGone,
    VerificationLocked,
    WrongPin,
)
from registration.models import PIN_VALIDITY, PhonePin, PhoneVerification, WrongPins

PIN_DIGITS = 6
TRIES_PER_VERIFICATION = 5
TRIES_PER_PHONE = 15
TRIES_WINDOW = timedelta(minutes=15)
RESEND_AFTER = timedelta(seconds=60)
DOUBLE_CLICK = timedelta(minutes=2)
FORGET_AFTER = timedelta(hours=24)


def begin(*, phone: str, now: datetime) -> PhoneVerification:
    """Start a verification without an SMS: what a person gets who is over a limit.

    It is a full one: a PIN that was sent to the number before proves it.
    """
    return PhoneVerification.objects.create(phone=phone, created_at=now, asked_at=now)


@transaction.atomic
def send_pin(
    *, phone: str, language: str, now: datetime, verification: PhoneVerification | None = None
) -> PhoneVerification:
    """Send a new PIN to `phone`, in a new verification or once more in the one given.

    A locked verification is replaced by a new one at once. Raises ResendTooSoon within 60 seconds of
    the last request in the same verification.
    """
    verification = ask_again(verification=verification, now=now) if verification else begin(phone=phone, now=now)
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
    PhonePin.objects.create(verification=verification, phone=phone, pin_hash=_hash(phone, pin), sent_at=now)
    outbox.queue(
        channel=Message.Channel.SMS,
        recipient=phone,
        template="registration/pin",
        language=language,
        context={"pin": pin},
        lane=Message.Lane.PIN,
        is_secret=True,
    )
    return verification


def ask_again(*, verification: PhoneVerification, now: datetime) -> PhoneVerification:
    """Count a request for another PIN, whether or not a limit lets it be sent; a new one where it is locked.

    Raises ResendTooSoon within 60 seconds of the last request.
    """
    if is_locked(verification):
        return begin(phone=verification.phone.as_e164, now=now)
    # The WHERE clause is the check: of two clicks at once the second finds no row.
    waiting = PhoneVerification.objects.filter(pk=verification.pk, asked_at__lte=now - RESEND_AFTER)
    if not waiting.update(asked_at=now):
        raise ResendTooSoon
    verification.asked_at = now
    return verification


def is_locked(verification: PhoneVerification) -> bool:
    """Whether five wrong PINs were typed in it."""
    return verification.wrong_tries >= TRIES_PER_VERIFICATION


def verify(*, verification_id: uuid.UUID | str, pin: str, now: datetime) -> PhoneVerification:
    """Prove the verification's telephone with `pin` (six digits).

    Raises VerificationGone, VerificationLocked, PhoneLocked, PinExpired, PinUsed or WrongPin. The same
    PIN in the same verification a second time is a double click and is no error.
    """
    with transaction.atomic():
        refusal, verification = _try(verification_id, pin, now)
    # Raised after the commit: inside, the count of wrong tries would be rolled back with it.
    if refusal is not None:
        raise refusal
    return verification


def _try(verification_id: uuid.UUID | str, pin: str, now: datetime) -> tuple[PinRefused | None, PhoneVerification]:
    verification = PhoneVerification.objects.select_for_update().filter(pk=verification_id).first()
    if verification is None:
        raise VerificationGone
    phone = verification.phone.as_e164
    # Always in this order: the verification, then its telephone's row of wrong tries.
    WrongPins.objects.bulk_create([WrongPins(phone=phone)], ignore_conflicts=True)
    wrong = WrongPins.objects.select_for_update().get(phone=phone)
    wrong.tried_at = [tried for tried in wrong.tried_at if tried > now - TRIES_WINDOW]
    sent = list(PhonePin.objects.filter(phone=phone, pin_hash=_hash(phone, pin)).order_by("sent_at"))
    if any(known.used_by_id == verification.pk and _is_just_used(known, now) for known in sent):
        return None, verification
    if is_locked(verification):
        return VerificationLocked(), verification
    if len(wrong.tried_at) >= TRIES_PER_PHONE:
        return PhoneLocked(), verification
    # Two browsers of one telephone wait for each other at the row above, so a PIN is used once.
    fresh = next((known for known in sent if _is_usable(known, now)), None)
    if fresh is None:
        return _refuse(verification, wrong, sent, now), verification
    PhonePin.objects.filter(pk=fresh.pk).update(used_at=now, used_by=verification)
    verification.verified_at = now
    verification.save(update_fields=["verified_at"])
    return None, verification


def _refuse(verification: PhoneVerification, wrong: WrongPins, sent: Sequence[PhonePin], now: datetime) -> PinRefused:
    """Say why; a PIN that was really sent tells a guesser nothing and is not counted as a wrong try."""
    if any(known.used_at is not None for known in sent):
        return PinUsed()
    if sent:
        return PinExpired()
    verification.wrong_tries += 1
    verification.save(update_fields=["wrong_tries"])
    wrong.tried_at.append(now)
    wrong.save(update_fields=["tried_at"])
    if is_locked(verification):
        return VerificationLocked()
    return PhoneLocked() if len(wrong.tried_at) >= TRIES_PER_PHONE else WrongPin()


def forget_old(*, now: datetime) -> int:
    """Delete verifications older than 24 hours with their PINs and tries; how many verifications went.

    A telephone number that registered nobody is not kept.
    """
    before = now - FORGET_AFTER
    PhonePin.objects.filter(sent_at__lt=before).delete()
    # Nobody types in these any more, and the tries of a telephone count for 15 minutes.
    old = PhoneVerification.objects.filter(asked_at__lt=before)
    _total, deleted = old.delete()
    WrongPins.objects.exclude(phone__in=PhoneVerification.objects.values("phone")).delete()
    return deleted.get(PhoneVerification._meta.label, 0)


def _is_usable(known: PhonePin, now: datetime) -> bool:
    return known.used_at is None and known.sent_at > now - PIN_VALIDITY


def _is_just_used(known: PhonePin, now: datetime) -> bool:
    """A second click; an hour later the same PIN is a used one."""
    return known.used_at is not None and known.used_at > now - DOUBLE_CLICK


def _hash(phone: str, pin: str) -> str:
    return keyed_hash("pin", phone, pin)


def may_ask_again_at(verification: PhoneVerification, *, now: datetime) -> datetime:
    """From when another PIN may be asked for; a locked verification need not wait."""
    return now if is_locked(verification) else verification.asked_at + RESEND_AFTER
