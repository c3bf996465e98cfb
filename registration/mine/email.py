"""Changing the e-mail of a registration: a code goes to the new address, and whoever types it has the address."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from crs import history, sent_forms, tries
from crs.keyed_hash import keyed_hash
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.tries import Limit
from registration.mine import errors
from registration.mine.changing import locked, locked_claim, retype
from registration.mine.entries import Entry
from registration.mine.errors import EmailCodeExpired, SameEmail, TooManyEmailCodes, TooManyEmailTries, WrongEmailCode
from registration.models import EmailProof, Registration
from registration.operations import Operation
from registration.people import telling

CODE_DIGITS = 6
VALIDITY = timedelta(hours=1)
CODES_IN_VALIDITY = 5
# Of one telephone, whatever registrations it has: whoever gets them has asked for none.
SENT_CODES = Limit("registration.email_codes_sent", CODES_IN_VALIDITY, VALIDITY)
WRONG_CODES = Limit("registration.email_code", 5, VALIDITY, ends_when_quiet=True)


def ask(*, entry: Entry, email: str, now: datetime, form: Sending = NO_FORM) -> None:
    """Send a code to the address that the registration is to have. Nothing changes before it is typed.

    Raises SameEmail, TooManyEmailCodes, NotYours, AlreadyEnded, FormChanged.
    """
    if email == entry.registration.email:
        raise SameEmail
    number = entry.registration.number

    def write() -> Outcome:
        _lock(entry)
        if tries.count(SENT_CODES, entry.phone, now=now).is_over:
            raise TooManyEmailCodes
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        EmailProof.objects.create(number=number, email=email, code_hash=_hash(number, code), sent_at=now)
        to = replace(entry.reach, phone="", email=email)
        telling.tell(to, "registration/email_code", {"code": code}, lane=Message.Lane.PERSONAL)
        return {}

    sent_forms.once(form, write)


def prove(*, entry: Entry, code: str, now: datetime, form: Sending = NO_FORM) -> None:
    """Give the registration the address to which `code` (six digits) was sent in the last hour; the old one is told.

    Raises WrongEmailCode, EmailCodeExpired, TooManyEmailTries, NotYours, AlreadyEnded, FormChanged.
    """
    number = entry.registration.number

    def write() -> Outcome:
        _lock(entry)
        # Counted before it is looked at. A refusal is an outcome: raised inside, it would roll back the count.
        counted = tries.count(WRONG_CODES, number, now=now)
        if counted.is_over:
            return {"refused": TooManyEmailTries.__name__}
        proofs = EmailProof.objects.filter(number=number, code_hash=_hash(number, code), used_at=None)
        proof = proofs.order_by("-sent_at").first()
        if proof is None:
            return {"refused": WrongEmailCode.__name__}
        tries.take_back(counted)
        if proof.sent_at <= now - VALIDITY:
            return {"refused": EmailCodeExpired.__name__}
        # What was sent elsewhere proves nothing any more.
        EmailProof.objects.filter(number=number, used_at=None).update(used_at=now)
        _set(entry, proof.email)
        return {}

    with history.recording(Operation.CHANGE_EMAIL):
        outcome = sent_forms.once(form, write) or {}
    if "refused" in outcome:
        raise getattr(errors, outcome["refused"])


def remove(*, entry: Entry, form: Sending = NO_FORM) -> None:
    """Take the address away; it is told. Raises NotYours, AlreadyEnded, FormChanged."""

    def write() -> Outcome:
        _lock(entry)
        _set(entry, "")
        return {}

    with history.recording(Operation.CHANGE_EMAIL):
        sent_forms.once(form, write)


def forget_old(*, now: datetime) -> int:
    """Delete proofs of addresses that are older than a day; how many went."""
    return EmailProof.objects.filter(sent_at__lt=now - timedelta(days=1)).delete()[0]


def _lock(entry: Entry) -> None:
    if entry.claim:
        locked_claim(entry)
    else:
        locked(entry)


def _set(entry: Entry, email: str) -> None:
    """Keep the address in the locked row, and tell the one before."""
    before = entry.registration.email
    if entry.claim:
        retype(entry, email=email)
    else:
        before = Registration.objects.get(pk=entry.registration.pk).email
        Registration.objects.filter(pk=entry.registration.pk).update(email=email)
    if before and before != email:
        to = replace(entry.reach, phone="", email=before)
        telling.tell(to, "registration/email_changed", {"number": entry.registration.number})


def _hash(number: str, code: str) -> str:
    return keyed_hash("email-code", number, code)
